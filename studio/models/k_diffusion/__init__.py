"""The checkpoints of k-diffusion, which carry their configuration."""
