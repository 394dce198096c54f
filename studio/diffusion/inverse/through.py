"""Measure what a latent decodes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.denoiser import pull
from studio.diffusion.inverse.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor


class Through(Operator):
    """Measure the picture that a codec makes of a latent: H(decode(z)), which is not linear.

    decode: (B, *shape) -> (B, *operator.shape), differentiable; encode: the other way. Methods that
    need singular values or an adjoint cannot serve it.
    """

    linear = False

    def __init__(
        self,
        operator: Operator,
        encode: Callable[[Tensor], Tensor],
        decode: Callable[[Tensor], Tensor],
        shape: Sequence[int],
    ) -> None:
        super().__init__(shape, operator.measured)
        self._operator, self._encode, self._decode = operator, encode, decode

    def apply(self, x: Tensor) -> Tensor:
        """Return the measurement of the pictures of latents x: (B, *shape)."""
        return self._operator.apply(self.shown(x))

    def adjoint(self, y: Tensor) -> Tensor:
        """Refuse: there is none.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            "What a latent decodes to is not linear in it, so there is no adjoint; choose a method "
            "that serves latent models, such as DPS."
        )

    def pinv(self, y: Tensor) -> Tensor:
        """Return the latent of the picture H⁺y: (B, *shape)."""
        return self._encode(self._operator.pinv(y)).to(y)

    def pull(self, x: Tensor, cotangent: Tensor) -> Tensor:
        """Return Jᵀ·cotangent: (B, *shape), through the decoder."""
        _, found = pull(
            lambda latent, _sigma: self._decode(latent),
            x,
            0.0,
            lambda picture, _rows: self._operator.pull(picture.to(x), cotangent),
        )
        return found

    def known(self) -> Tensor | None:
        """Return 1 where all pixels of a latent's value are known, else 0: (1 or C, h, w)."""
        from torch.nn.functional import adaptive_max_pool2d

        known = self._operator.known()
        if known is None:
            return None
        return 1 - adaptive_max_pool2d(1 - known, self.shape[1:])

    def counted(self) -> Tensor | None:
        """Return 1 where y holds a measurement and 0 where it is always empty: (*measured)."""
        return self._operator.counted()

    def shown(self, x: Tensor) -> Tensor:
        """Return the pictures of latents x: (B, *operator.shape)."""
        return self._decode(x).to(x)

    def picture(self, y: Tensor) -> Tensor:
        """Return what a person is shown of measurements y."""
        return self._operator.picture(y)
