"""Join the line over the pictures and the A/B view to what is read of the trajectory."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QPushButton, QStackedWidget

from studio.session.reading.figures import MEASURES
from studio.session.reading.prints import Pair, Print, spot_in_short, spot_said
from studio.session.reading.reading import Reading
from studio.session.studio import Studio
from studio.ui.canvas import Canvas
from studio.ui.compare.ab_view import ABView
from studio.ui.plane.scene import VIEWS as PLANE_VIEWS
from studio.ui.reading.bars import DifferenceBar, OnionBar, PairBar, SettlingBar
from studio.ui.take_words import title
from studio.ui.ticks import figure
from studio.ui.view_switch import VIEWS
from studio.ui.viewer import Viewer

_LONGEST = 26  # characters of the name of a take on its button
PICTURE_VIEWS = tuple(id for id, *_ in VIEWS)
_DRAG = "drag the line, or use the arrow keys"
_SAME_STEP = "both are this step: scrub to another one"
_MENU = 12  # takes offered at once; the list of takes offers all


class ReadingDesk(QObject):
    """Show the controls of the view that is chosen, and pass on what the person does to them."""

    def __init__(self, studio: Studio, canvas: Canvas, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._canvas, self._viewer = studio, canvas, viewer
        self._reading: Reading = studio.reading
        self._print: Print | None = None
        self.onion, self.difference = OnionBar(), DifferenceBar()
        self.settling, self.pair = SettlingBar(), PairBar()
        self.ab = ABView(on_canvas=True)
        self.ab.setObjectName("sample_ab")
        self._stack = QStackedWidget()
        for bar in (self.onion, self.difference, self.settling, self.pair):
            self._stack.addWidget(bar)
            bar.chosen.connect(lambda changes: self._reading.choose(**changes))
        canvas.add_bar(self._stack)
        canvas.add_cover(self.ab)
        self._connect()
        self._show_choice()

    def _connect(self) -> None:
        viewer, reading, header = self._viewer, self._reading, self._canvas.header
        viewer.printed.connect(self._on_printed)
        viewer.view_changed.connect(lambda _view: self._show_choice())
        viewer.followed_changed.connect(self._show_figures)
        reading.choice_changed.connect(lambda _choice: self._show_choice())
        header.onion.toggled.connect(lambda on: reading.choose(onion=on))
        self.ab.left.connect(lambda: viewer.choose_view("x0"))
        self.pair.pin.clicked.connect(self.pin)
        for button in (self.difference.other, self.pair.other):
            button.clicked.connect(self.ask_other)

    # What the person does

    def pin(self) -> None:
        """Keep the step that is looked at as side A, and show the A/B line."""
        if self._viewer.index >= 0:
            self._reading.choose(pair="steps")
            self._reading.pin(self._viewer.index)
            self._viewer.choose_view("ab")

    def next_measure(self) -> None:
        """Let the plot over the steps show the next measure."""
        ids = list(MEASURES)
        now = self._reading.choice.measure
        place = ids.index(now) + 1 if now in ids else 0
        self._reading.choose(measure=ids[place % len(ids)])

    def toggle_onion(self) -> None:
        """Show earlier steps beneath x̂₀, or hide them."""
        on = not self._reading.choice.onion or self._viewer.view != "x0"
        self._reading.choose(onion=on)
        self._viewer.choose_view("x0")

    def compare_with(self, take_id: str) -> None:
        """Compare what is shown with this take: as a difference, unless A and B are looked at."""
        self._reading.opposite.choose(take_id)
        if self._viewer.view == "ab":
            self._reading.choose(pair="takes")
        else:
            self._viewer.choose_view("diff")

    def ask_other(self) -> None:
        """Offer the newest takes to compare with."""
        shown, studio = self._studio.shown, self._studio
        menu = QMenu(self._canvas)
        menu.setObjectName("compare_with")
        for take in (each.take for each in studio.shelf.page(_MENU, 0)):
            if shown is None or take.id != shown.id:
                text = f"{title(take.recipe, take.parent)}   {take.created:%d %b %H:%M}"
                action = menu.addAction(text, partial(self.compare_with, take.id))
                action.setCheckable(True)
                action.setChecked(take.id == self._reading.opposite.id)
        if menu.isEmpty():
            menu.addAction("No other take yet: generate a second one").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Older ones: right-click in the list of takes").setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._place_of_menu())

    def _place_of_menu(self) -> QPoint:
        buttons: tuple[QPushButton, ...] = (self.difference.other, self.pair.other)
        for button in buttons:
            if button.isVisible():
                return button.mapToGlobal(button.rect().bottomLeft())
        header = self._canvas.header
        return header.mapToGlobal(header.rect().bottomLeft())

    # What is shown

    def _show_choice(self) -> None:
        view, choice = self._viewer.view, self._reading.choice
        planar = self._viewer.planar
        header = self._canvas.header
        header.switch.offer(PLANE_VIEWS if planar else PICTURE_VIEWS)
        if planar and view not in PLANE_VIEWS:
            view = "x0"
        header.switch.show_segment(view)
        bars: dict[str, OnionBar | DifferenceBar | SettlingBar | PairBar] = {
            "diff": self.difference,
            "settle": self.settling,
            "ab": self.pair,
        }
        if choice.onion:
            bars["x0"] = self.onion
        for bar in (self.onion, self.difference, self.settling, self.pair):
            bar.show_choice(choice)
        header.onion.blockSignals(True)
        header.onion.setChecked(choice.onion)
        header.onion.blockSignals(False)
        header.onion.renew()
        header.onion.setEnabled(view == "x0" and not planar)
        has_bar = view in bars and not planar
        if has_bar:
            self._stack.setCurrentWidget(bars[view])
        self._canvas.show_bar(has_bar)
        self._canvas.show_cover(view == "ab" and self._print is not None)
        self._show_figures()

    def _on_printed(self, made: Print | None) -> None:
        had, self._print = self._print, made
        if (had is None) != (made is None):
            self._canvas.show_cover(self._viewer.view == "ab" and made is not None)
        self._show_figures()

    def _show_figures(self) -> None:
        view, made = self._viewer.view, self._print
        name = self._reading.other_name
        for bar in (self.difference, self.pair):
            text = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            bar.other.setText(f"With {text}" if name else "Compare with…")
        if not self._viewer.in_step:
            return
        if view == "ab" and made is not None:
            self._show_pair()
        elif view == "diff":
            legend = made.legend if made is not None else None
            self.difference.scale.show_legend(legend)
            text, tip = self._difference_said(made)
            self.difference.figures.setText(text)
            self.difference.figures.setToolTip(tip)
        elif view == "settle":
            self.settling.scale.show_legend(made.legend if made is not None else None)
            self.settling.figures.setText(self._settling_said(made))

    def _difference_said(self, made: Print | None) -> tuple[str, str]:
        """Return the numbers of the followed picture, and all that is to be said of them."""
        frames, other = self._reading.frames, self._reading.opposite.frames
        if made is None or made.gap is None or made.spot is None or frames is None or other is None:
            return "", ""
        followed = self._viewer.followed
        rms, largest = float(made.gap.rms[followed]), float(made.gap.largest[followed])
        where = spot_in_short(made.spot, other.sigmas)
        at = f"σ {figure(frames.sigmas[max(self._viewer.index, 0)])}"
        tip = (
            f"x̂₀ at {at} against that of the other take at its {spot_said(made.spot, other.sigmas)}"
        )
        if np.isnan(rms):
            return f"no picture of this seed · {where}", tip
        said = f"RMS {figure(rms)} · max {figure(largest)} · {where}"
        return said, f"{said}\n{tip},\nover all pixels and channels, in units of the picture"

    def _settling_said(self, made: Print | None) -> str:
        frames = self._reading.frames
        if made is None or made.halfway is None or frames is None:
            return ""
        step = int(made.halfway[self._viewer.followed])
        if step >= len(frames):
            return "half of the pixels never stay"
        return f"half of the pixels stay from step {step + 1}, σ {frames.sigmas[step]:.3g}"

    def _show_pair(self) -> None:
        pair = self._reading.pair(self._viewer.index, self._viewer.followed)
        if isinstance(pair, Pair):
            self.ab.show_pair(pair.a, pair.b, pair.names)
            same = self._reading.choice.pair == "steps" and pair.names[0] == pair.names[1]
            self.pair.figures.setText(_SAME_STEP if same else _DRAG)
        else:
            self.ab.clear(pair)
            self.pair.figures.setText("")
