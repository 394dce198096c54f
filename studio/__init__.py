"""Elucidate: a desktop studio for diffusion sampling."""
