"""How near the samples of each method come to the exact posterior of Gaussian pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.cli.bench.gaussian import GaussianPictures
from studio.cli.bench.measure import Measure
from studio.diffusion import METHODS, Measurement, begin_state, sample, schedule
from studio.diffusion import measure as measured
from studio.diffusion.inverse.degrade import degradation

if TYPE_CHECKING:
    from torch import Tensor

_EXACT = 0.05
"""What counts as exact, in standard deviations of the posterior: 2,000 samples alone leave 0.02."""

WHITE, SMOOTH = GaussianPictures(length=0.0), GaussianPictures()

TASKS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("hole", "inpaint", {}),
    ("x2", "super_resolution", {"factor": 2}),
    ("blur", "deblur_uniform", {"size": 3}),
)
"""Name, operator and its knobs."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A method, its steps and knobs; `exact` holds the pictures on which it should be so."""

    method: str
    steps: int
    knobs: Mapping[str, Any] = field(default_factory=dict)
    exact: GaussianPictures | None = None

    def __str__(self) -> str:
        """Return the method, its steps and what its knobs are."""
        knobs = "".join(f", {id} {value}" for id, value in self.knobs.items())
        return f"{METHODS[self.method].label} {self.steps}{knobs}"


SETTINGS = (
    Setting("snips", 50),
    Setting("snips", 200, {"updates": 20, "epsilon": 0.1}, exact=SMOOTH),
    Setting("ddrm", 20),
    Setting("ddrm", 200),
    Setting("pigdm", 50),
    Setting("pigdm", 100, {"solver": "heun"}, exact=WHITE),
    Setting("pigdm", 400),
    Setting("dps", 100),
    Setting("dps", 1000, {"zeta": 0.3, "bounded": False}),
    Setting("diffpir", 50),
    Setting("diffpir", 50, {"zeta": 1.0}),
    Setting("ilvr", 100),
    Setting("ccdf", 50),
    Setting("repaint", 50),
    Setting("scoresde", 200),
)


def measure(quick: bool) -> Iterator[Measure]:
    """Measure every setting on correlated pictures, and ΠGDM where its variance is right as well.

    Each is measured for several operators, without noise on the measurement and with it.
    """
    count = 2000 if quick else 6000
    unit_width = tuple(setting for setting in SETTINGS if setting.method == "pigdm")
    for name, pictures, settings in (("smooth", SMOOTH, SETTINGS), ("white", WHITE, unit_width)):
        for task, operator, knobs in TASKS:
            for sigma0 in (0.0, 0.1):
                given = _given(pictures, operator, knobs, sigma0)
                head = f"{name} pictures, {task}, σ₀ {sigma0:g}"
                yield Measure(f"{head}: exact samples", _floor(pictures, given, count), "std")
                for setting in settings:
                    yield _figure(pictures, given, setting, count)


def _figure(
    pictures: GaussianPictures, given: Measurement, setting: Setting, count: int
) -> Measure:
    """Return the larger of both errors; the note has each."""
    x, nfe = restored(pictures, given, setting, count)
    mean, spread = pictures.posterior(given).apart(x)
    worst = max(mean, abs(spread))
    verdict = "exact" if worst <= _EXACT else "approximate"
    aim = _EXACT if setting.exact == pictures else None
    note = f"{verdict}: mean off {mean:.3f}, std {spread:+.1%}, {nfe} NFE"
    return Measure(f"  {setting}", worst, "std", aim=aim, note=note)


def restored(
    pictures: GaussianPictures, given: Measurement, setting: Setting, count: int
) -> "tuple[Tensor, int]":
    """Return samples of a method: (count, C, H, W), and the evaluations that each took."""
    method, knobs = setting.method, setting.knobs
    sigmas = schedule("karras", setting.steps)
    x = begin_state(method, given, _unit(pictures, count, 0), sigmas, **knobs)
    source = _Noise(pictures, count)
    *_, last = sample(pictures.denoiser(), x, sigmas, method, noise=source, given=given, **knobs)
    return last.x, last.nfe


def _given(
    pictures: GaussianPictures, operator: str, knobs: Mapping[str, Any], sigma0: float
) -> Measurement:
    """Return the measurement of one picture; a hole is of half its height and width."""
    import torch

    _, height, width = pictures.shape
    mask = torch.zeros(1, height, width, dtype=torch.float64)
    mask[:, height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = 1
    made = degradation([(operator, knobs)], pictures.shape, mask=mask)
    y = measured(made, pictures.drawn(_unit(pictures, 1, 1)), sigma0)
    return Measurement(operator=made, y=y, sigma0=sigma0)


def _floor(pictures: GaussianPictures, given: Measurement, count: int) -> float:
    """Return the error of so many exact samples, which is that of the count alone."""
    import torch

    exact = pictures.posterior(given)
    values, vectors = torch.linalg.eigh(exact.covariance)
    spread = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    x = exact.mean + _unit(pictures, count, 2).flatten(1) @ spread
    mean, std = exact.apart(x.reshape(-1, *pictures.shape))
    return max(mean, abs(std))


class _Noise:
    """Draw the same noise in every run."""

    def __init__(self, pictures: GaussianPictures, count: int) -> None:
        import torch

        self._size = (count, *pictures.shape)
        self._source = torch.Generator().manual_seed(3)

    def __call__(self, _from: float, _to: float, /) -> "Tensor":
        """Return unit noise for all pictures."""
        import torch

        return torch.randn(self._size, generator=self._source, dtype=torch.float64)


def _unit(pictures: GaussianPictures, count: int, seed: int) -> "Tensor":
    import torch

    source = torch.Generator().manual_seed(seed)
    return torch.randn((count, *pictures.shape), generator=source, dtype=torch.float64)
