"""How a network of the diffusers library is asked."""

from typing import Any

import torch
from torch import Tensor

from studio.models.condition import Given


def predicted(network: Any, x: Tensor, noise: Tensor, given: Given) -> Tensor:
    """Return what a UNet2DConditionModel or a network of classes predicts, as it comes out.

    x: (B, C, H, W) in the type of the network; noise: (B,), the timesteps; given: "context",
    "pooled" and "time_ids" for one that listens to text, "labels" for one that knows classes.
    """
    if "context" not in given:
        found: Tensor = network(x, noise, given.get("labels"))
        return found
    added = None
    if "time_ids" in given:
        added = {
            "text_embeds": given["pooled"].to(x.dtype),
            "time_ids": given["time_ids"].to(torch.float32),
        }
    told: Tensor = network(
        x,
        noise,
        encoder_hidden_states=given["context"].to(x.dtype),
        added_cond_kwargs=added,
        return_dict=False,
    )[0]
    return told
