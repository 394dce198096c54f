"""LoRAs: small files that change the weights of a network (Hu et al. 2021)."""
