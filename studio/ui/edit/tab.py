"""The Edit tab: a page for each task, made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from studio.models.pictures.album import is_picture
from studio.session.editing.interpolating import End
from studio.session.editing.subjects import Subject
from studio.session.studio import Studio
from studio.ui.edit.encode_page import EncodePage
from studio.ui.edit.interpolate_page import InterpolatePage
from studio.ui.edit.likelihood_page import LikelihoodPage
from studio.ui.edit.sources import Followed, Sources, first_file, has_picture
from studio.ui.edit.task_row import ENCODE, INTERPOLATE, LIKELIHOOD, RESTORE, TaskRow

_NOTHING_SHOWN = "The Sample tab shows nothing. Generate something first."


class Page(Protocol):
    """What the tab asks of a page, which is a widget."""

    tasks: TaskRow
    splitters: tuple[QSplitter, ...]

    def refresh(self) -> None:
        """Show everything as the session has it."""

    def start(self) -> None:
        """Do what the page is for."""

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""


class EditTab(QWidget):
    """Show the page of the task that is chosen at its head.

    followed: returns the picture that the Sample tab follows.
    """

    take_wanted = Signal()
    """A take is being opened: the Sample tab is where it is to be seen."""
    sweep_wanted = Signal()
    """The methods are to be swept over the picture, on the Compare tab."""
    page_made = Signal(object)
    """A page was made, whose splitters want their places: the page."""

    def __init__(
        self, studio: Studio, followed: Followed = lambda: None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._studio, self._tasks = studio, studio.edit_tasks
        self._pages: dict[str, QWidget] = {}
        self.task = RESTORE
        self.sources = Sources(self, followed)
        self.sources.noted.connect(studio.noted)
        self.setAcceptDrops(True)
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)

    # Pages

    @property
    def page(self) -> Page:
        """Return the page that is shown."""
        return self.page_of(self.task)

    @property
    def encode(self) -> EncodePage:
        """Return the Encode page."""
        return cast(EncodePage, self.page_of(ENCODE))

    @property
    def interpolate(self) -> InterpolatePage:
        """Return the Interpolate page."""
        return cast(InterpolatePage, self.page_of(INTERPOLATE))

    @property
    def likelihood(self) -> LikelihoodPage:
        """Return the Likelihood page."""
        return cast(LikelihoodPage, self.page_of(LIKELIHOOD))

    @property
    def made(self) -> tuple[Page, ...]:
        """Return the pages that have been made so far."""
        return tuple(cast(Page, page) for page in self._pages.values())

    def page_of(self, task: str) -> Page:
        """Return the page of a task, which is made when it is first asked for."""
        if task not in self._pages:
            page = self._makers[task]()
            self._pages[task] = page
            self.stack.addWidget(page)
            cast(Page, page).tasks.chosen.connect(self.show_task)
            self.page_made.emit(page)
        return cast(Page, self._pages[task])

    def show_task(self, task: str) -> None:
        """Show the page of a task."""
        by_key = self.page.tasks.isAncestorOf(self.focusWidget() or self)
        self.task = task
        self.refresh()
        if by_key:  # else the arrow keys could not go on, nor back
            self.page.tasks.take_focus()

    def refresh(self) -> None:
        """Show the page of the task as the session has it."""
        page = self.page
        self.stack.setCurrentWidget(cast(QWidget, page))
        page.tasks.show_segment(self.task)
        page.refresh()
        self._offer()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first on the page."""
        self.page.take_focus()

    def start(self) -> None:
        """Do what the page is for."""
        self.page.start()

    def export(self) -> None:
        """Export what the page shows: a table, a film, a picture."""
        page = self.page
        if isinstance(page, LikelihoodPage | InterpolatePage):
            page.ask_export()
        elif isinstance(page, EncodePage):
            page.ask_save()

    # Pictures

    def edit(self, subject: Subject, task: str = ENCODE) -> None:
        """Show the page of a task with a picture to work on."""
        self.task = task
        self._take(subject)
        self.refresh()

    def take_files(self, task: str, paths: Sequence[Path]) -> None:
        """Show the page of a task with pictures from files: all for the list, else the first."""
        self.task = task
        self.refresh()
        if task == LIKELIHOOD:
            self._tasks.likelihood.add_files(paths)
        elif paths:
            self._take_file(paths[0])

    def measure_shown(self) -> None:
        """Show the Likelihood page with what the Sample tab shows added to its list."""
        self.task = LIKELIHOOD
        self.refresh()
        self._measure_shown()

    def paste(self) -> None:
        """Take the picture of the clipboard for the page."""
        self.sources.paste(self._take_file, self._take)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste with Ctrl+V."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome pictures and files."""
        if has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the picture that was dropped for the page; what is none is opened as ever."""
        path = first_file(event.mimeData())
        if path is None:
            return
        event.acceptProposedAction()
        if is_picture(path.name):
            self._take_file(path)
        else:
            self._studio.open_file(str(path))

    def _take_file(self, path: Path) -> None:
        if self.task == INTERPOLATE:
            self._tasks.interpolating.take_file(self._free_end, path)
        elif self.task == LIKELIHOOD:
            self._tasks.likelihood.add_files([path])
        elif self.task == RESTORE:
            self._studio.editing.take_file(path)
        else:
            self._tasks.encoding.take_file(path)

    def _take(self, subject: Subject) -> None:
        if self.task == INTERPOLATE:
            self._tasks.interpolating.take_whole(self._free_end, subject)
        elif self.task == LIKELIHOOD:
            self._tasks.likelihood.add_whole([subject])
        elif self.task == RESTORE:
            self._studio.editing.take_whole(subject)
        else:
            self._tasks.encoding.take_whole(subject)

    @property
    def _free_end(self) -> End:
        """Return the end that has no picture yet, or else the first."""
        ends = self._tasks.interpolating.ends
        return "b" if ends["a"] is not None and ends["b"] is None else "a"

    # Making pages

    @property
    def _makers(self) -> dict[str, Callable[[], QWidget]]:
        return {
            RESTORE: self._make_restore,
            ENCODE: self._make_encode,
            INTERPOLATE: self._make_interpolate,
            LIKELIHOOD: self._make_likelihood,
        }

    def _make_restore(self) -> QWidget:
        from studio.ui.edit.restore_page import RestorePage

        desk = self._studio.editing
        page = RestorePage(self._studio)
        page.picture_wanted.connect(
            lambda source: self.sources.fetch(source, desk.take_file, desk.take_whole)
        )
        page.encode_wanted.connect(self.edit)
        page.take_wanted.connect(self._on_take_wanted)
        page.sweep_wanted.connect(self.sweep_wanted)
        return page

    def _on_take_wanted(self, take_id: str) -> None:
        self._studio.shelf.reopen(take_id)
        self.take_wanted.emit()

    def _make_encode(self) -> QWidget:
        desk = self._tasks.encoding
        page = EncodePage(desk)
        page.picture_wanted.connect(
            lambda source: self.sources.fetch(source, desk.take_file, desk.take_whole)
        )
        page.noise.end_wanted.connect(self._on_end_wanted)
        page.noise.generate_wanted.connect(self._on_generate_wanted)
        page.noise.sample_wanted.connect(self._on_sample_wanted)
        return page

    def _make_interpolate(self) -> QWidget:
        desk = self._tasks.interpolating
        page = InterpolatePage(desk)
        page.picture_wanted.connect(self._on_picture_wanted)
        return page

    def _make_likelihood(self) -> QWidget:
        page = LikelihoodPage(self._tasks.likelihood)
        page.take_wanted.connect(self._measure_shown)
        return page

    def _on_picture_wanted(self, end: End, source: str) -> None:
        desk = self._tasks.interpolating
        self.sources.fetch(source, partial(desk.take_file, end), partial(desk.take_whole, end))

    def _on_end_wanted(self, end: End) -> None:
        """Let the noise that is looked at be one end of a way."""
        desk = self._tasks.encoding
        trip, subject = desk.trip, desk.subject
        if trip is not None and subject is not None:
            encoded = replace(subject, origin="encoded", remark="", latent=trip.latent)
            self._tasks.interpolating.take(end, encoded)
            self._studio.noted.emit(f"The noise of “{subject.name}” is picture {end.upper()} now.")

    def _on_generate_wanted(self, label: int) -> None:
        """Sample from the noise that is looked at, as a take."""
        desk, studio = self._tasks.encoding, self._studio
        if desk.trip is not None:
            studio.sampling.generate(desk.recipe_from(desk.trip, label))
            self.take_wanted.emit()

    def _on_sample_wanted(self, label: int) -> None:
        """Let the Sample tab begin at the noise that is looked at, with every knob it has."""
        desk, editor = self._tasks.encoding, self._studio.editor
        if desk.trip is None:
            return
        recipe = desk.recipe_from(desk.trip, label)
        editor.edit_all({name: getattr(recipe, name) for name in ("start", "seeds", "classes")})
        self._studio.noted.emit("Pictures begin at this noise now, until it is removed from Seeds.")
        self.take_wanted.emit()

    def _measure_shown(self) -> None:
        """Measure the pictures or points that the Sample tab shows."""
        desk, shown = self._tasks.likelihood, self._studio.shown
        if shown is None or desk.size is None:
            self._studio.noted.emit(_NOTHING_SHOWN)
        else:
            desk.add_shown(shown)

    @property
    def _why_no_take(self) -> str:
        return _NOTHING_SHOWN if self._studio.shown is None else ""

    def _offer(self) -> None:
        """Say on the page where pictures can come from now."""
        page = self.page
        if isinstance(page, EncodePage | InterpolatePage) or self.task == RESTORE:
            cast(EncodePage, page).offer(self.sources.offers())
        elif isinstance(page, LikelihoodPage):
            page.offer("What the Sample tab shows", self._why_no_take)
