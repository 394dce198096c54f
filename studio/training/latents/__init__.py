"""Training models of latents further, which listen to prompts or to classes."""
