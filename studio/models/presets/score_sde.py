"""The published checkpoints of score_sde_pytorch (Song et al. 2021)."""

from studio.diffusion import Knob
from studio.models.presets.form import Preset
from studio.models.score_sde.plan import Plan

_SOURCE = "Song et al. 2021, score_sde_pytorch, configs"
_SDES = (
    ("ve", "VE"),
    ("ve_discrete", "VE, discrete levels"),
    ("vp", "VP"),
    ("vp_discrete", "VP, discrete levels"),
    ("subvp", "sub-VP"),
)
_DATA = (("unit", "0 to 1"), ("signed", "−1 to 1"))
_FILTERS = (("fir", "1 3 3 1"), ("box", "1 1"))
_DATASETS = ("cifar10", "celeba", "celebahq", "church", "bedroom")
_ATTENDING = 16
"""The side at which every published network has attention."""


def questions(plan: Plan) -> tuple[Knob, ...]:
    """Return what the layers leave open, each with the best guess as its default."""
    least = 1 << (len(plan.widths) - 1)
    level = plan.attends.index(True) if True in plan.attends else 1
    sde = "ve" if plan.fourier or plan.side_output == "skip" else "vp"
    asked = (
        Knob(
            *("side", "Picture side", max(_ATTENDING << level, least)),
            low=least,
            high=2048,
            unit="px",
            help="The side of the pictures it was trained on (data.image_size).",
            source=_SOURCE,
        ),
        Knob(
            *("sde", "Trained with", sde),
            choices=_SDES,
            help="The process that made its training pictures noisy (training.sde, continuous).",
            source=_SOURCE,
        ),
        Knob(
            *("data", "Data range", "unit" if sde == "ve" else "signed"),
            choices=_DATA,
            help="The range of its training pictures (data.centered). σ on pictures from 0 "
            "to 1 is 2σ on pictures from −1 to 1.",
            source=_SOURCE,
        ),
    )
    if not plan.blocks_resample:
        return asked
    taps = "box" if plan.side_input == "standard" else "fir"
    return (
        *asked,
        Knob(
            *("filter", "Resampling filter", taps),
            choices=_FILTERS,
            help="The filter with which it halves and doubles the resolution (model.fir).",
            source=_SOURCE,
        ),
    )


def fitting(plan: Plan) -> tuple[Preset, ...]:
    """Return the presets of networks with these layers, the likeliest first."""
    own = {knob.id: knob.default for knob in questions(plan)}

    def preset(id: str, label: str, data: str, *names: str) -> Preset:
        return Preset(id, label, {**own, "sde": id, "data": data}, names, _SOURCE)

    if plan.fourier:
        return (preset("ve", "NCSN++, VE", "unit"),)
    kind = "DDPM" if not plan.blocks_resample else "NCSN++"
    if kind == "NCSN++" and plan.side_input == "standard":
        kind = "DDPM++"
    sub = preset("subvp", f"{kind}, sub-VP", "signed", "subvp", "sub-vp", "sub_vp")
    vp = preset("vp", f"{kind}, VP", "signed", "/vp/", "_vp_", "_vp.")
    old = preset("vp_discrete", f"{kind}, VP, discrete levels", "signed", *_folders("vp", kind))
    smld = preset("ve_discrete", f"{kind}, VE, discrete levels", "unit", *_folders("ve", kind))
    return (vp, sub, old, smld) if kind != "NCSN++" else (smld, vp, sub, old)


def _folders(sde: str, kind: str) -> tuple[str, ...]:
    """Return the folders of the published networks that know single levels only."""
    name = kind.lower().replace("+", "p")
    return tuple(f"/{sde}/{data}_{name}/" for data in _DATASETS)
