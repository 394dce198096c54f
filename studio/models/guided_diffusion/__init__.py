"""The checkpoints of improved and guided diffusion: bare tensors, of which the rest is inferred."""
