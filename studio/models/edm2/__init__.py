"""The latents that the models of EDM2 for ImageNet-512 work on."""
