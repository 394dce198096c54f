"""Models of latents: Latent Diffusion and the Stable Diffusion family."""
