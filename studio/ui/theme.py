"""Dress the application: colours, fonts and the style sheet, from one set of tokens.

Widgets that paint themselves call `current()` inside `paintEvent`; widgets that keep coloured
pixmaps renew them on `QEvent.Type.PaletteChange`, which every widget receives from `apply_theme`.
"""

import sys
from dataclasses import asdict, dataclass
from functools import cache
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from studio.bundled import resource

_SANS = ["Inter", "Segoe UI", "Helvetica Neue", "Noto Sans"]
_MONO = ["JetBrains Mono", "Menlo", "Consolas", "DejaVu Sans Mono"]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Name every colour of the window, as `#rrggbb`."""

    name: str
    canvas: str  # behind pictures
    background: str  # the window
    panel: str
    field: str  # the inside of a box one types in
    raised: str  # cards, buttons, the chosen tab
    hover: str  # a raised thing under the pointer
    line: str
    track: str  # the empty part of a slider or bar
    handle: str
    text: str
    label: str  # what stands beside a control
    muted: str
    disabled: str
    accent: str  # the estimate
    accent_hover: str
    on_accent: str
    selection: str
    noise: str
    error: str


DARK = Tokens(
    name="dark",
    canvas="#0d0e12",
    background="#121318",
    panel="#1a1c23",
    field="#14161c",
    raised="#22252e",
    hover="#2a2e39",
    line="#2c303b",
    track="#2c303b",
    handle="#ffffff",
    text="#e7e9f0",
    label="#c3c7d4",
    muted="#8c92a4",
    disabled="#5b6070",
    accent="#5ad1c4",
    accent_hover="#74dccf",
    on_accent="#08211e",
    selection="#245a56",
    noise="#f0a35a",
    error="#ef6b6b",
)

LIGHT = Tokens(
    name="light",
    canvas="#dfe2e9",
    background="#eceef3",
    panel="#f8f9fb",
    field="#ffffff",
    raised="#e9ecf2",
    hover="#dfe3eb",
    line="#d3d8e2",
    track="#d3d8e2",
    handle="#ffffff",
    text="#171a22",
    label="#3a4052",
    muted="#636a7d",
    disabled="#a3a9b8",
    accent="#0b8478",
    accent_hover="#09736a",
    on_accent="#ffffff",
    selection="#b5e3dd",
    noise="#b4600b",
    error="#c53434",
)

_THEMES = {tokens.name: tokens for tokens in (DARK, LIGHT)}


class _InForce:
    """Hold what `apply_theme` was last told; a scale of 0 is none yet."""

    tokens = DARK
    scale = 0.0


def current() -> Tokens:
    """Return the tokens in force, for widgets that paint themselves."""
    return _InForce.tokens


def tokens_for(theme: str) -> Tokens:
    """Return the tokens of `theme`: "dark", "light", or "system" for what the desktop asks for."""
    if theme == "system":
        light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return _THEMES[theme]


def scaled(pixels: float) -> int:
    """Turn pixels of the design, with its text of 13 px, into pixels at the text size in force."""
    return round(pixels * (_InForce.scale or 1.0))


def sans_font(size: float = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the interface face at `size` design pixels."""
    font = _font(_SANS, size, weight)
    # Inter would turn the x of a file called “32x32” into a ×.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def mono_font(size: float = 11, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the face of numbers at `size` design pixels."""
    return _font(_MONO, size, weight)


def heading_font() -> QFont:
    """Return the small, spaced face of section headings; their text is upper case."""
    font = sans_font(11, QFont.Weight.DemiBold)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.7)
    return font


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled fonts once and return their families.

    Raises RuntimeError when a bundled font cannot be read.
    """
    families: list[str] = []
    for path in sorted(resource("fonts").glob("*.[ot]tf")):
        known = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
        if not known:
            raise RuntimeError(f"The bundled font {path.name} cannot be read. Reinstall Elucidate.")
        families += known
    return tuple(dict.fromkeys(families))


def apply_theme(app: QApplication, tokens: Tokens, text_scale: float | None = None) -> None:
    """Give `app` the style, palette, fonts and style sheet of `tokens`.

    text_scale: 1 is the design's 13 px text; None keeps the scale in force, which at first is the
    desktop's. Widgets take their sizes from it when they are made.
    """
    load_fonts()
    _InForce.tokens = tokens
    _InForce.scale = text_scale or _InForce.scale or _desktop_scale()
    if not app.styleSheet():  # the first time: every style is set up again by setStyle
        app.setStyle("Fusion")
    sheet = style_sheet(tokens)
    if app.styleSheet() != sheet:  # styling every widget again takes its time
        app.setFont(sans_font())
        app.setPalette(_palette(tokens))
        app.setStyleSheet(sheet)


def style_sheet(tokens: Tokens) -> str:
    """Fill the bundled style sheet; a name the tokens lack raises KeyError."""
    text = resource("style.qss").read_text(encoding="utf-8")
    sizes = {f"px{n}": f"{scaled(n)}px" for n in (11, 12, 13, 15)}
    return Template(text).substitute(asdict(tokens), **sizes)


def _desktop_scale() -> float:
    """Return the text size the desktop asks for, apart from the scale of the screen."""
    screen = QGuiApplication.primaryScreen()
    base = 72.0 if sys.platform == "darwin" else 96.0
    return max(1.0, screen.logicalDotsPerInch() / base) if screen else 1.0


def _font(families: list[str], size: float, weight: QFont.Weight) -> QFont:
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(scaled(size))
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def _palette(tokens: Tokens) -> QPalette:
    """Return Fusion's palette, so that what the style sheet does not name fits too."""
    role = QPalette.ColorRole
    colors = {
        role.Window: tokens.panel,
        role.WindowText: tokens.text,
        role.Base: tokens.field,
        role.AlternateBase: tokens.panel,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.error,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.muted,
        role.Light: tokens.hover,
        role.Midlight: tokens.raised,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.canvas,
    }
    palette = QPalette()
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.disabled))
    return palette
