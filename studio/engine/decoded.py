"""Measure the picture that latents decode to."""

from typing import TYPE_CHECKING

from studio.diffusion.inverse.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


class Decoded(Operator):
    """Decode latents of a shape (C, h, w) and let an operator measure the pictures.

    It is no matrix: methods can only follow its slope (Rout et al. 2023 and Chung et al. 2023 on
    latent diffusion posterior sampling).
    """

    linear = False

    def __init__(
        self,
        seen: Operator,
        decode: "Callable[[Tensor], Tensor]",
        shape: tuple[int, int, int],
    ) -> None:
        super().__init__(shape, seen.measured)
        self._seen, self._decode = seen, decode

    def apply(self, x: "Tensor") -> "Tensor":
        """Return H(decode(x)) of latents x: (B, C, h, w)."""
        return self._seen.apply(self.shown(x))

    def adjoint(self, y: "Tensor") -> "Tensor":
        """Refuse: decoding is no matrix.

        Raises:
            ValueError: always.
        """
        raise ValueError("What is decoded has no adjoint; choose a method that follows slopes.")

    def pull(self, x: "Tensor", cotangent: "Tensor") -> "Tensor":
        """Return Jᵀ·cotangent by automatic differentiation through the decoder."""
        import torch

        with torch.inference_mode(False), torch.enable_grad():
            leaf = x.detach().clone().requires_grad_()
            decoded = self._decode(leaf).to(leaf)
            with torch.no_grad():
                direction = self._seen.pull(decoded.detach(), cotangent.clone())
            (found,) = torch.autograd.grad(decoded, leaf, direction)
        return found

    def counted(self) -> "Tensor | None":
        """Return what the operator on pictures counts."""
        return self._seen.counted()

    def shown(self, x: "Tensor") -> "Tensor":
        """Return the decoded pictures: (B, 3, H, W)."""
        return self._decode(x).to(x)

    def picture(self, y: "Tensor") -> "Tensor":
        """Return what a person is shown of measurements y."""
        return self._seen.picture(y)
