"""From pixels to what a denoiser works on, and back."""
