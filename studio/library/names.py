"""Names of samplers and schedules: ours, and those by which other tools know them."""

import re
from collections.abc import Iterable, Mapping

from studio.diffusion import SCHEDULES, SOLVERS, Spec

# The first name is AUTOMATIC1111's where it has the solver; then come the spellings of ComfyUI,
# InvokeAI and SwarmUI that differ by more than case and punctuation. What is registered but not
# listed goes by its own label.
_SAMPLERS: Mapping[str, tuple[str, ...]] = {
    "euler": ("Euler", "k_euler"),
    "euler_ancestral": ("Euler a", "k_euler_a"),
    "heun": ("Heun", "k_heun"),
    "dpm_2": ("DPM2", "kdpm_2", "k_dpm_2"),
    "dpm_2_ancestral": ("DPM2 a", "kdpm_2_a", "k_dpm_2_a"),
    "dpmpp_2s_ancestral": ("DPM++ 2S a", "k_dpmpp_2s_a"),
    "dpmpp_2m": ("DPM++ 2M", "k_dpmpp_2m"),
    "dpmpp_sde": ("DPM++ SDE", "k_dpmpp_sde", "dpmpp_sde_gpu"),
    "dpmpp_2m_sde": ("DPM++ 2M SDE", "dpmpp_2m_sde_gpu"),
    "dpmpp_3m_sde": ("DPM++ 3M SDE", "dpmpp_3m_sde_gpu"),
    "dpm_fast": ("DPM fast",),
    "dpm_adaptive": ("DPM adaptive",),
    "lms": ("LMS", "k_lms"),
    "deis": ("DEIS",),
    "unipc": ("UniPC", "uni_pc_bh2"),
    "ddim": ("DDIM",),
    "ddpm": ("DDPM",),
    "pndm": ("PLMS",),
    "ipndm": ("iPNDM",),
    "restart": ("Restart",),
}
_SCHEDULES: Mapping[str, tuple[str, ...]] = {
    "karras": ("Karras",),
    "vp": ("VP",),
    "ve": ("VE",),
    "iddpm": ("iDDPM",),
    "exponential": ("Exponential",),
    "polyexponential": ("Polyexponential",),
    "linear": ("Linear",),
    "uniform": ("Uniform",),
    "sgm_uniform": ("SGM Uniform",),
    "simple": ("Simple",),
    "normal": ("Normal",),
    "ddim_uniform": ("DDIM",),
    "beta": ("Beta",),
    "kl_optimal": ("KL Optimal",),
    "align_your_steps": ("Align Your Steps", "ays"),
}


def sampler_label(sampler: str) -> str:
    """Return the name by which people know a sampler here: “DPM++ 2M”."""
    return _label(sampler, _SAMPLERS, SOLVERS)


def schedule_label(schedule: str) -> str:
    """Return the name by which people know a schedule here: “Karras”."""
    return _label(schedule, _SCHEDULES, SCHEDULES)


def a1111_sampler(sampler: str) -> str:
    """Return the name that AUTOMATIC1111 and its readers know a sampler by."""
    return _SAMPLERS[sampler][0] if sampler in _SAMPLERS else sampler_label(sampler)


def a1111_schedule(schedule: str) -> str:
    """Return the name that AUTOMATIC1111 and its readers know a schedule by."""
    return _SCHEDULES[schedule][0] if schedule in _SCHEDULES else schedule_label(schedule)


def find_sampler(name: str) -> str | None:
    """Return the id of the sampler that any tool calls `name`, or None if there is none here."""
    return _index(_SAMPLERS, SOLVERS).get(_plain(name))


def find_schedule(name: str) -> str | None:
    """Return the id of the schedule that any tool calls `name`, or None if there is none here."""
    return _index(_SCHEDULES, SCHEDULES).get(_plain(name))


def split_name(name: str) -> tuple[str | None, str | None]:
    """Return sampler and schedule of a joint name such as “DPM++ 2M Karras” or “dpmpp_2m_k”."""
    if sampler := find_sampler(name):
        return sampler, None
    if name.endswith("_k"):
        return find_sampler(name.removesuffix("_k")), "karras"
    words = name.split()
    for cut in range(len(words) - 1, max(0, len(words) - 4), -1):
        schedule = find_schedule(" ".join(words[cut:]))
        if schedule and (sampler := find_sampler(" ".join(words[:cut]))):
            return sampler, schedule
    return None, None


def _label(id: str, names: Mapping[str, tuple[str, ...]], specs: Mapping[str, Spec]) -> str:
    if id in specs:
        return specs[id].label
    return names[id][0] if id in names else id


def _index(names: Mapping[str, tuple[str, ...]], specs: Mapping[str, Spec]) -> dict[str, str]:
    def known_as(id: str, spec: Spec) -> Iterable[str]:
        return (id, spec.label, *names.get(id, ()))

    return {_plain(name): id for id, spec in specs.items() for name in known_as(id, spec)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name[:64].casefold().replace("++", "pp"))
