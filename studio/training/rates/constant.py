"""A rate that stays."""

from studio.diffusion.spec import Spec


def constant(_kimg: float, _total: float) -> float:
    """Return 1."""
    return 1.0


SPECS = (
    Spec(
        id="constant",
        label="Constant",
        family="Rate",
        source="Karras et al. 2022, appendix F",
        help="The full rate to the end.",
        run=constant,
    ),
)
