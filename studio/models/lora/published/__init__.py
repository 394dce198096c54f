"""LoRAs as others publish them, for models of the Stable Diffusion family."""
