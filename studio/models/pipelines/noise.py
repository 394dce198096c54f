"""What a scheduler's config says of a network: what it predicts, and at which noise levels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import isfinite
from typing import Any

from studio.diffusion import tables
from studio.diffusion.preconditioning import PRECONDITIONINGS, Preconditioning
from studio.models.errors import ModelError

_KARRAS = "EDM"
_EXPLODING = "ScoreSdeVeScheduler"
_LIKE_EDM = ("EDMEulerScheduler", "EDMDPMSolverMultistepScheduler")
_UNLIKE = ("FlowMatch", "VQDiffusion", "KarrasVe", "ScoreSdeVp", "ConsistencyModel", "CMStochastic")
_PREDICTIONS = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}
_FIRST_BETAS = {  # where diffusers has other defaults than DDPM's
    "HeunDiscreteScheduler": (0.00085, 0.012, "linear"),
    "KDPM2DiscreteScheduler": (0.00085, 0.012, "linear"),
    "KDPM2AncestralDiscreteScheduler": (0.00085, 0.012, "linear"),
    "DPMSolverSDEScheduler": (0.00085, 0.012, "linear"),
    "LCMScheduler": (0.00085, 0.012, "scaled_linear"),
    "TCDScheduler": (0.00085, 0.012, "scaled_linear"),
}
_MOST = 10_000  # noise levels


@dataclass(frozen=True, slots=True)
class Noise:
    """Name a preconditioning with its knobs, and the noise levels that it is for.

    sigma_data is the deviation of the data, None where the preconditioning does not ask for it.
    """

    preconditioning: str
    knobs: Mapping[str, Any] = field(default_factory=dict)
    sigma_min: float = 0.002
    sigma_max: float = 80.0
    sigma_data: float | None = None

    @property
    def factors(self) -> Callable[[Any], Preconditioning[Any]]:
        """Return the preconditioning, a function of sigma: a number or a tensor."""
        return partial(PRECONDITIONINGS[self.preconditioning.lower()], **self.knobs)

    @property
    def table(self) -> tuple[float, ...]:
        """Return the falling noise levels of a network that knows only some; empty: any."""
        return tuple(reversed(self.knobs.get("table", ())))


def noise_of(config: Mapping[str, object], name: str) -> Noise:
    """Return what the config of a scheduler of diffusers says of the network that it is for.

    name: that of the model, for messages.

    Raises:
        ModelError: it is for networks of another kind, or contradicts itself.
    """
    kind = str(config.get("_class_name", "DDPMScheduler"))[:60]
    if kind == _EXPLODING:
        return _exploding(config, name)
    if kind in _LIKE_EDM:
        return _like_edm(config, name)
    if kind.startswith(_UNLIKE) or config.get("use_flow_sigmas") is True:
        raise ModelError(
            f"“{name}” is for the scheduler {kind}, whose networks are of a kind that Elucidate "
            "does not sample from. Open a model that predicts noise, v or the picture."
        )
    prediction = str(config.get("prediction_type", "epsilon"))[:40]
    if prediction not in _PREDICTIONS:
        raise _wrong(name, f"its network predicts “{prediction}”, which is not known here")
    table = _table(config, kind, name)
    return Noise(_PREDICTIONS[prediction], {"table": table}, table[0], table[-1])


def _table(config: Mapping[str, object], kind: str, name: str) -> tuple[float, ...]:
    betas = _betas(config, kind, name)
    if config.get("rescale_betas_zero_snr") is True:
        betas = tables.zero_terminal(betas)
    table = _capped(tables.levels_of_betas(betas))
    rises = all(low < high for low, high in pairwise(table))
    if len(table) < 2 or not table[0] > 0 or not rises or not isfinite(table[-1]):
        raise _wrong(name, "its betas make no rising noise levels")
    return table


def _capped(table: tuple[float, ...]) -> tuple[float, ...]:
    """Return levels whose last, where it stands for infinity, lies above the one before it."""
    if len(table) > 2 and table[-1] <= table[-2]:
        return (*table[:-1], table[-2] ** 2 / table[-3])
    return table


def _betas(config: Mapping[str, object], kind: str, name: str) -> tuple[float, ...]:
    trained = config.get("trained_betas")
    if isinstance(trained, list):
        if not 2 <= len(trained) <= _MOST or not all(_is_beta(beta) for beta in trained):
            raise _wrong(name, "its trained_betas are no numbers between 0 and 1")
        return tuple(map(float, trained))
    low, high, shape = _FIRST_BETAS.get(kind, (1e-4, 0.02, "linear"))
    steps = int(_number(config, "num_train_timesteps", 1000, name, (2, _MOST)))
    first = _number(config, "beta_start", low, name, (1e-9, 0.9999))
    last = _number(config, "beta_end", high, name, (1e-9, 0.9999))
    shape = str(config.get("beta_schedule", shape))[:40]
    if shape == "squaredcos_cap_v2":
        return tables.cosine_betas(steps)
    known = {
        "linear": tables.linear_betas,
        "scaled_linear": tables.scaled_linear_betas,
        "sigmoid": tables.sigmoid_betas,
    }
    if shape not in known:
        raise _wrong(name, f"its beta_schedule is “{shape}”, and none of {', '.join(known)}")
    return known[shape](steps, first, last)


def _exploding(config: Mapping[str, object], name: str) -> Noise:
    """Return the noise of a model of data in [0, 1], of which that in [-1, 1] is twice as wide."""
    low = _number(config, "sigma_min", 0.01, name, (1e-6, 1e5))
    high = _number(config, "sigma_max", 1348.0, name, (1e-6, 1e5))
    if low >= high:
        raise _wrong(name, "its sigma_min is not below its sigma_max")
    return Noise("ve", {"unit": 2.0}, 2 * low, 2 * high)


def _like_edm(config: Mapping[str, object], name: str) -> Noise:
    if config.get("prediction_type", "epsilon") != "epsilon":
        raise _wrong(name, f"its network predicts “{config['prediction_type']!s:.40}”")
    data = _number(config, "sigma_data", 0.5, name, (1e-3, 1e3))
    low = _number(config, "sigma_min", 0.002, name, (1e-6, 1e5))
    high = _number(config, "sigma_max", 80.0, name, (1e-6, 1e5))
    if low >= high:
        raise _wrong(name, "its sigma_min is not below its sigma_max")
    return Noise(_KARRAS, {"sigma_data": data}, low, high, data)


def _number(
    config: Mapping[str, object], key: str, default: float, name: str, bounds: tuple[float, float]
) -> float:
    low, high = bounds
    value = config.get(key)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _wrong(name, f"its {key} is {value!r:.40}, not between {low:g} and {high:g}")
    return float(value)


def _is_beta(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def _wrong(name: str, what: str) -> ModelError:
    return ModelError(
        f"“{name}” has a scheduler that makes no sense here: {what}. Put right its "
        "scheduler_config.json, or get the model again."
    )
