"""The checkpoints of score_sde_pytorch (Song et al. 2021), told from a numbered list of layers."""
