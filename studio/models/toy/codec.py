"""From points in the plane to pictures of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from studio.library import plane
from studio.models.codecs.pixel import PixelCodec
from studio.models.info import ModelInfo

if TYPE_CHECKING:
    import torch

_EACH, _ALL = 64, 320  # pixels of a picture of one point, and of that of all


class PlaneCodec(PixelCodec):
    """Show points over the density of the data.

    `decode` makes a picture for each point, in which the others are faint; `pictures` makes the one
    of all. What is seen of a step as it goes is a single pixel, whose colour tells the place: the
    plane itself is drawn from the states.
    """

    def __init__(
        self, info: ModelInfo, log_density: "Callable[[torch.Tensor, float], torch.Tensor]"
    ) -> None:
        assert info.window is not None
        self._window = plane.Window.around(info.window, info.sigma_data)
        self._log_density = log_density
        self._grounds: dict[int, plane.Pixels] = {}

    def decode(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return a picture (B, 3, S, S) in [-1, 1] for each point of x0: (B, 2, 1, 1)."""
        import torch

        points = _points(x0)
        ground = plane.dots(
            points, self._window, self._ground(_EACH), plane.FAINT, radius=0.7, ink=0.5
        )
        pixels = np.stack(
            [
                plane.dots(point[None], self._window, ground, plane.ESTIMATE, radius=2.2)
                for point in points
            ]
        )
        found = torch.from_numpy(pixels).permute(0, 3, 1, 2)
        return ((found.float() - 127.5) / 127.5).to(x0.device)

    def preview(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return points (B, 2, 1, 1) as single pixels (B, 1, 1, 3)."""
        import torch

        window, points = self._window, x0[:, :, 0, 0]
        across = (points[:, 0] - window.x) / window.half
        up = (points[:, 1] - window.y) / window.half
        colour = torch.stack([across, up, -(across + up) / 2], dim=1)
        pixels = (colour * 80 + 150).clip(0, 255).byte()
        return pixels[:, None, None, :].contiguous()

    def pictures(self, x0: "torch.Tensor", *, each: bool = False) -> "torch.Tensor":
        """Return the one picture, (1, S, S, 3) uint8, of all points of x0: (B, 2, 1, 1).

        each: one for each of them, (B, S, S, 3).
        """
        import torch

        if each:
            return super().pictures(x0, each=True)
        points = _points(x0)
        radius = 5.0 if len(points) <= 64 else 3.4 if len(points) <= 256 else 1.7
        pixels = plane.dots(
            points, self._window, self._ground(_ALL), plane.ESTIMATE, radius=radius, ink=0.9
        )
        return torch.from_numpy(pixels)[None]

    def _ground(self, side: int) -> plane.Pixels:
        if side not in self._grounds:
            import torch

            grid = torch.from_numpy(self._window.grid(side))
            blur = 2 * self._window.half / side  # a point is seen as wide as a pixel
            logs = self._log_density(grid, blur).double().cpu().numpy()
            self._grounds[side] = plane.haze(logs, side)
        return self._grounds[side]


def _points(x0: "torch.Tensor") -> plane.Floats:
    points: plane.Floats = plane.points_of(x0.detach().double().cpu().numpy())
    return points
