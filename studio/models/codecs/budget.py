"""How much memory there is for a codec."""

import psutil
import torch

_SHARE = 0.5


def spare_bytes(device: torch.device) -> int:
    """Return how many bytes a codec may take on a device: half of what is free there."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    elif device.type == "mps":
        free = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    else:
        free = psutil.virtual_memory().available
    return int(free * _SHARE)
