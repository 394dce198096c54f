"""The plots under the canvas: how well the estimate fits the measurement, and the original."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.ui.edit.seed_lines import SeedPlot, Values
from studio.ui.quiet_button import QuietButton

NOTHING = np.zeros((0, 0))
_RESIDUAL_TIP = (
    "How far H x̂₀ is from what was measured: root mean square over all measured values, at every "
    "step. It ends near σ₀, or near 0 where nothing was noisy.\n\nBold: the chosen seed."
)
_PSNR_TIP = (
    "Peak signal-to-noise ratio of x̂₀ against the original, in decibels: 10 more is a tenth of "
    "the mean square error.\n\nBold: the chosen seed."
)
_SSIM_TIP = (
    "Structural similarity of x̂₀ and the original, at most 1 (Wang et al. 2004).\n\n"
    "Bold: the chosen seed."
)
_UNKNOWN = "There is no original to compare with:\nthe picture is the measurement itself"


class ResidualPlot(SeedPlot):
    """Plot ‖y − H x̂₀‖ on a logarithmic axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("residual_plot", "RESIDUAL ‖y − Hx̂₀‖", "noise", log=True, parent=parent)
        self.plot.setToolTip(_RESIDUAL_TIP)

    def show_residuals(self, values: Values, chosen: int, total: int | None = None) -> None:
        """Plot the residuals of every step, (steps, seeds)."""
        seeds = values.shape[1] if values.ndim == 2 else 0
        note = f"log · per step · {seeds} seed{'' if seeds == 1 else 's'}" if seeds else ""
        self.show_values(values, chosen, total, note)


class QualityPlot(QWidget):
    """Plot PSNR or SSIM, as the two buttons in its heading say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quality_plot")
        self.psnr = SeedPlot("psnr_plot", "PSNR", "accent")
        self.ssim = SeedPlot("ssim_plot", "SSIM", "accent", bounds=(None, 1.0))
        self.psnr.plot.setToolTip(_PSNR_TIP)
        self.ssim.plot.setToolTip(_SSIM_TIP)
        self._stack = QStackedWidget()
        self._others: dict[SeedPlot, QuietButton] = {}
        for plot, name, tip in ((self.psnr, "SSIM", _SSIM_TIP), (self.ssim, "PSNR", _PSNR_TIP)):
            other = QuietButton(f"show_{name.lower()}", plot)
            other.setAccessibleName(f"show {name}")
            other.setToolTip(tip)
            other.set_text(name)
            other.clicked.connect(self._swap)
            plot.add_to_heading(other)
            self._others[plot] = other
            self._stack.addWidget(plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.show_quality(NOTHING, NOTHING, 0)

    @property
    def shown(self) -> SeedPlot:
        """Return the plot that is looked at."""
        return self.ssim if self._stack.currentWidget() is self.ssim else self.psnr

    def show_quality(
        self, psnr: Values, ssim: Values, chosen: int, total: int | None = None
    ) -> None:
        """Plot both measures of every step, (steps, seeds); without values there are none."""
        note = "the original is known" if psnr.size else ""
        self.psnr.show_values(psnr, chosen, total, note)
        self.ssim.show_values(ssim, chosen, total, note)

    def show_known(self, *, known: bool) -> None:
        """Say whether there is an original to compare with."""
        for plot in (self.psnr, self.ssim):
            plot.say("No steps yet" if known else _UNKNOWN)

    def _swap(self) -> None:
        focused = self._others[self.shown].hasFocus()
        self._stack.setCurrentWidget(self.psnr if self.shown is self.ssim else self.ssim)
        if focused:
            self._others[self.shown].setFocus(Qt.FocusReason.TabFocusReason)
