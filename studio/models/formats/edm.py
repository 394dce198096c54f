"""Snapshots of NVlabs' EDM: a pickle with the averaged network as an object.

The network is rebuilt from the name of its class, what it was made with and its tensors; the code
that lies in the file is never run (Karras et al. 2022; github.com/NVlabs/edm).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from studio.diffusion.schedules.iddpm import trained_levels
from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.info import SIGMA_MAX, SIGMA_MIN, ModelInfo
from studio.models.pickles.snapshot import is_snapshot, is_snapshot_of, read_snapshot

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.learned import LearnedModel

_EDM2 = "Precond"
_LABELS = "model.map_label.weight"
_INTERFACE = {"img_resolution", "img_channels", "use_fp16", "model_type"}


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """How a class of EDM wraps a network.

    `knobs` gives the names that its arguments have in the preconditioning, with their defaults;
    `levels` the lowest and the highest noise level, from all of its arguments.
    """

    preconditioning: str
    network: str
    knobs: Mapping[str, tuple[str, float]]
    levels: Callable[[Mapping[str, Any]], tuple[float, float]]
    others: tuple[str, ...] = ()
    variance: bool = False


def probe(path: Path) -> bool:
    """Tell whether the file is a snapshot of EDM, or of nothing that is known."""
    return is_snapshot(path) and not is_snapshot_of(path, _EDM2)


def inspect(path: Path) -> ModelInfo:
    """Return what the objects in the file say; no tensor is read.

    Raises:
        ModelError: the file is damaged, or holds something else.
    """
    header, snapshot = read_header(path), read_snapshot(path)
    return facts(path, header, format="edm", parameters=snapshot.parameters())


def read_header(path: Path) -> Header:
    """Return the description of the network in a snapshot.

    Raises:
        ModelError: the file is of another kind or damaged, or its description makes no sense.
    """
    if not probe(path):
        raise ModelError(explain(path))
    snapshot = read_snapshot(path)
    wrapper = _WRAPPERS.get(snapshot.network.class_name)
    if wrapper is None:
        raise ModelError(
            f"“{path.name}” holds a “{snapshot.network.class_name[:60]}”, which is none of the "
            f"networks of EDM ({', '.join(_WRAPPERS)})."
        )
    try:
        return _header(wrapper, snapshot.arguments)
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built ({complaint(error)})."
        ) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built: one of its settings is not a "
            "number."
        ) from error


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the weights of the averaged network.

    Raises:
        ModelError: the file is damaged.
    """
    from studio.models.pickles.loading import load_tensors

    stubs = read_snapshot(path).tensors()
    stubs.pop("u", None)  # the levels of iDDPM, which follow from its settings
    tensors = load_tensors(path, stubs)
    if read_header(path).network == "DhariwalUNet" and _LABELS in tensors:
        label = tensors[_LABELS]
        tensors[_LABELS] = label / math.sqrt(label.shape[-1])
    return tensors


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the averaged network with its weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its tensors are not those of the network it describes.
    """
    from studio.models.rebuilt import rebuilt

    header = read_header(path)
    return rebuilt(path, header, read_tensors(path), format="edm", device=device, dtype=dtype)


def _header(wrapper: _Wrapper, given: Mapping[str, Any]) -> Header:
    side, channels = given.get("img_resolution"), given.get("img_channels")
    own = {*_INTERFACE, *wrapper.knobs, *wrapper.others, "sigma_min", "sigma_max", "sigma_data"}
    options = {key: value for key, value in given.items() if key not in own}
    outputs = 2 * channels if wrapper.variance and isinstance(channels, int) else channels
    lowest, highest = wrapper.levels(given)
    return Header(
        network=given.get("model_type", wrapper.network),
        preconditioning=wrapper.preconditioning,
        knobs={name: given.get(key, default) for key, (name, default) in wrapper.knobs.items()},
        sigma_data=float(given.get("sigma_data", 0.5)),
        image=(channels, side, side),  # type: ignore[arg-type]
        sigma_min=lowest,
        sigma_max=highest,
        kwargs={  # type: ignore[arg-type]
            **options,
            "img_resolution": side,
            "in_channels": channels,
            "out_channels": outputs,
        },
    )


def _edm_levels(given: Mapping[str, Any]) -> tuple[float, float]:
    lowest, highest = float(given.get("sigma_min", 0)), float(given.get("sigma_max", math.inf))
    return max(lowest, SIGMA_MIN), min(highest, SIGMA_MAX)


def _vp_levels(given: Mapping[str, Any]) -> tuple[float, float]:
    d, least = float(given.get("beta_d", 19.9)), float(given.get("beta_min", 0.1))
    times = float(given.get("epsilon_t", 1e-5)), 1.0
    lowest, highest = (math.sqrt(math.expm1(d * t * t / 2 + least * t)) for t in times)
    return lowest, highest


def _ve_levels(given: Mapping[str, Any]) -> tuple[float, float]:
    return float(given.get("sigma_min", 0.02)), float(given.get("sigma_max", 100))


def _iddpm_levels(given: Mapping[str, Any]) -> tuple[float, float]:
    m = int(given.get("M", 1000))
    if not 1 < m <= _MOST_LEVELS:
        raise ValueError("M")
    levels = trained_levels(float(given.get("C_1", 0.001)), float(given.get("C_2", 0.008)), m)
    return levels[-1], min(levels[0], SIGMA_MAX)  # beyond, there is nothing left to see


_MOST_LEVELS = 20_000
_WRAPPERS = {
    "EDMPrecond": _Wrapper("EDM", "DhariwalUNet", {}, _edm_levels),
    "VPPrecond": _Wrapper(
        "VP",
        "SongUNet",
        {"M": ("m", 1000), "beta_d": ("beta_d", 19.9), "beta_min": ("beta_min", 0.1)},
        _vp_levels,
        ("epsilon_t",),
    ),
    "VEPrecond": _Wrapper("VE", "SongUNet", {}, _ve_levels),
    "iDDPMPrecond": _Wrapper(
        "iDDPM",
        "DhariwalUNet",
        {"M": ("m", 1000), "C_1": ("c_1", 0.001), "C_2": ("c_2", 0.008)},
        _iddpm_levels,
        variance=True,
    ),
}
