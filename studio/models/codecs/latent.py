"""The codec of models that work on the latents of an autoencoder."""

from collections.abc import Callable, Sequence
from functools import cached_property

import torch
from torch import Tensor, nn

from studio.diffusion import initial_noise
from studio.memory import is_out_of_memory
from studio.models.codecs import tiles
from studio.models.codecs.autoencoder import Autoencoder
from studio.models.codecs.budget import spare_bytes
from studio.models.codecs.identity import identity_of
from studio.models.codecs.linear import LinearPreview
from studio.models.codecs.pixel import PixelCodec, as_bytes
from studio.models.codecs.sizes import enlarged
from studio.models.errors import ModelError

Figures = float | Sequence[float]


class LatentCodec(PixelCodec):
    """Turn pixels into latents and back with an autoencoder of the diffusers library.

    autoencoder: AutoencoderKL, VQModel or AutoencoderTiny, on its device and in its type. A latent
    is (z - shift_factor) * scaling_factor of what the encoder gives, each a number or one for
    each channel; None takes those that the autoencoder itself names. pixel_range: that of the
    pixels which the autoencoder knows. tiny: an AutoencoderTiny for quick previews. budget: the
    memory in bytes that a call may take, None for half of what is free; what needs more is done in
    overlapping parts. The map of the linear preview is fitted once for each autoencoder.
    """

    def __init__(
        self,
        autoencoder: nn.Module,
        scaling_factor: Figures | None = None,
        shift_factor: Figures | None = None,
        *,
        pixel_range: tuple[float, float] = (-1.0, 1.0),
        tiny: nn.Module | None = None,
        budget: int | None = None,
    ) -> None:
        self.autoencoder = Autoencoder(autoencoder)
        own = self.autoencoder
        self._scale = _column(own.scaling if scaling_factor is None else scaling_factor)
        self._shift = _column(own.shift if shift_factor is None else shift_factor)
        self._range = pixel_range
        self._tiny = None if tiny is None else LatentCodec(tiny, budget=budget)
        self._budget = budget
        self._placed: dict[torch.device, tuple[Tensor, Tensor]] = {}
        self._room = 0
        self.linear = LinearPreview(self)
        self._shown = "linear"
        self._check_tiny()

    @property
    def previews(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the ways to show a step: a linear map, a tiny autoencoder if any, the decoder."""
        return ("linear", "full") if self._tiny is None else ("linear", "tiny", "full")

    def colours(self) -> tuple[tuple[float, ...], ...]:
        """Return the map of the linear preview as rows (C + 1); the first time it is fitted."""
        kept = self.linear.prepare(self.autoencoder.device)
        return tuple((*row, bias) for row, bias in zip(kept.weight, kept.bias, strict=True))

    @property
    def factor(self) -> int:
        """Return how many picture pixels a latent pixel stands for along each side."""
        return self.autoencoder.factor

    def around(self, autoencoder: nn.Module, tiny: nn.Module | None = None) -> "LatentCodec":
        """Return a codec of the same latents around another autoencoder, or with a tiny one."""
        scale, shift = (figures.flatten().tolist() for figures in (self._scale, self._shift))
        return LatentCodec(
            autoencoder, scale, shift, pixel_range=self._range, tiny=tiny, budget=self._budget
        )

    @cached_property
    def identity(self) -> str:
        """Return a hash of the autoencoder and the scaling of its latents."""
        return identity_of(self.autoencoder.module, self._scale, self._shift)

    def encode(self, pixels: Tensor, seeds: Sequence[int] | None = None) -> Tensor:
        """Return the latents (B, C, H/f, W/f) of pixels: (B, 3, H, W) in [-1, 1].

        They are the mean of the autoencoder's distribution or, with one seed for each picture, a
        draw from it that depends on nothing but the seed.

        Raises:
            ModelError: H or W is no multiple of f.
        """
        factor = self.factor
        if any(side % factor for side in pixels.shape[2:]):
            height, width = pixels.shape[2:]
            raise ModelError(
                f"A picture of {width}x{height} has no latents: both sides have to be multiples "
                f"of {factor}. Crop it or change its size."
            )
        low, high = self._range
        given = (pixels.float() + 1) * ((high - low) / 2) + low

        def run(part: Tensor, side: int) -> Tensor:
            return tiles.encoded(self._mean_and_deviation, part, side, factor)

        found = self._in_parts(run, given, given.shape[2] * given.shape[3] // factor**2)
        mean, *deviation = torch.split(found, self.autoencoder.channels, dim=1)
        if seeds is not None and deviation:
            mean = mean + deviation[0] * initial_noise(seeds, mean.shape[1:]).to(mean)
        scale, shift = self._figures(mean.device)
        latents = (mean - shift) * scale
        return latents.to(pixels)

    def decode(self, x0: Tensor) -> Tensor:
        """Return the pixels (B, 3, fH, fW) of x0: (B, C, H, W), nominally in [-1, 1], not clipped.

        Gradients pass through.
        """
        return self._decoded(x0, hurry=x0.requires_grad).to(x0)

    def preview(self, x0: Tensor) -> Tensor:
        """Return x0: (B, C, H, W) as uint8 pictures, smaller than those of `pictures` if linear.

        Nothing waits for the device.
        """
        if self._shown == "full":
            return as_bytes(self._decoded(x0, hurry=True))
        if self._shown == "tiny" and self._tiny is not None:
            return as_bytes(self._tiny._decoded(x0, hurry=True))
        return as_bytes(enlarged(self.linear(x0), self.factor))

    def preview_with(self, name: str) -> None:
        """Show the steps to come in one of the ways that `previews` names.

        Raises:
            ModelError: there is no such way here.
        """
        super().preview_with(name)
        self._shown = name

    def _decoded(self, x0: Tensor, *, hurry: bool) -> Tensor:
        scale, shift = self._figures(x0.device)
        z = x0.float() / scale + shift

        def run(part: Tensor, side: int) -> Tensor:
            return tiles.decoded(
                lambda tile: self.autoencoder.decode(tile, hurry=hurry), part, side, self.factor
            )

        low, high = self._range
        pixels = self._in_parts(run, z, z.shape[2] * z.shape[3], hurry=hurry)
        return (pixels - low) * (2 / (high - low)) - 1

    def _mean_and_deviation(self, pixels: Tensor) -> Tensor:
        mean, deviation = self.autoencoder.encode(pixels)
        return mean if deviation is None else torch.cat([mean, deviation], dim=1)

    def _in_parts(
        self,
        run: Callable[[Tensor, int], Tensor],
        x: Tensor,
        latent_pixels: int,
        *,
        hurry: bool = False,
    ) -> Tensor:
        """Run over as many pictures at once as fit, and in parts of each where one does not."""
        budget = self._memory(hurry=hurry)
        while True:
            pixels = budget // self.autoencoder.bytes_per_pixel
            side = tiles.side_for(budget, self.autoencoder.bytes_per_pixel)
            fits = latent_pixels <= pixels
            count = max(1, pixels // latent_pixels)
            whole = latent_pixels  # no side is longer
            try:
                parts = [run(part, whole if fits else side) for part in torch.split(x, count)]
            except Exception as error:
                if side == tiles.LEAST or not is_out_of_memory(error):
                    raise
                budget = min(budget, latent_pixels * self.autoencoder.bytes_per_pixel) // 4
            else:
                return torch.cat(parts) if len(parts) > 1 else parts[0]

    def _memory(self, *, hurry: bool) -> int:
        """Return the bytes that a call may take; in a hurry those of the call before will do."""
        if self._budget is not None:
            return self._budget
        if not (hurry and self._room):
            self._room = spare_bytes(self.autoencoder.device)
        return self._room

    def _figures(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return scale and shift on a device, brought there once: that waits for the device."""
        if device not in self._placed:
            self._placed[device] = self._scale.to(device), self._shift.to(device)
        return self._placed[device]

    def _check_tiny(self) -> None:
        tiny = self._tiny
        if tiny is None:
            return
        if (tiny.autoencoder.channels, tiny.factor) != (self.autoencoder.channels, self.factor):
            raise ModelError(
                f"The tiny autoencoder is for latents of {tiny.autoencoder.channels} channels at "
                f"1/{tiny.factor} of the size, but the model has {self.autoencoder.channels} at "
                f"1/{self.factor}. Take the one that belongs to the model, or none."
            )


def _column(figures: Figures) -> Tensor:
    each = [figures] if isinstance(figures, int | float) else list(figures)
    return torch.tensor(each, dtype=torch.float32)[:, None, None]
