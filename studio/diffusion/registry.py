"""Find the specs in a package: a new sampler or schedule is one new file."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any, Protocol, TypeVar

from studio.diffusion.knob import KnobError


class Described(Protocol):
    """What a registry wants to know of a spec."""

    @property
    def id(self) -> str:
        """Return the name by which it is found."""

    @property
    def family(self) -> str:
        """Return the group that it is listed in."""


S = TypeVar("S", bound=Described)


def collect(package: ModuleType) -> Mapping[str, Any]:
    """Return the `SPECS` of every module of `package` by their ids.

    They stand in the order of the package's `FAMILIES`, those of other families after them, and
    within a family in the alphabetical order of their modules.

    Raises:
        ValueError: two specs have the same id.
    """
    specs: dict[str, Described] = {}
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        for spec in import_module(module.name).SPECS:
            if spec.id in specs:
                raise ValueError(f"{module.name} describes {spec.id!r} again; give it another id.")
            specs[spec.id] = spec
    rank = {family: place for place, family in enumerate(getattr(package, "FAMILIES", ()))}
    ordered = sorted(specs.values(), key=lambda spec: rank.get(spec.family, len(rank)))
    return MappingProxyType({spec.id: spec for spec in ordered})


def find(specs: Mapping[str, S], name: str, noun: str) -> S:
    """Return the spec called `name`; `noun` says in the message what was looked for.

    Raises:
        KnobError: there is none of that name; the message names the nearest one.
    """
    if name not in specs:
        near = get_close_matches(name, specs, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise KnobError(f"There is no {noun} {name!r}.{hint} Known: {', '.join(specs)}.")
    return specs[name]
