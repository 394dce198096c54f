"""Colours, fonts, style sheet and icons."""

import re
from dataclasses import asdict

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.bundled import resource
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.theme import (
    DARK,
    LIGHT,
    apply_theme,
    current,
    load_fonts,
    mono_font,
    sans_font,
    scaled,
    style_sheet,
    tokens_for,
)


def contrast(a, b):
    """Return the contrast ratio of WCAG 2."""

    def luminance(color):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dim = sorted((luminance(QColor(c).getRgbF()[:3]) for c in (a, b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_dark_tokens_are_those_of_the_design():
    design = {
        "background": "#121318",
        "panel": "#1a1c23",
        "raised": "#22252e",
        "line": "#2c303b",
        "text": "#e7e9f0",
        "muted": "#8c92a4",
        "accent": "#5ad1c4",
        "noise": "#f0a35a",
        "error": "#ef6b6b",
    }
    assert design.items() <= asdict(DARK).items()


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_everything_can_be_read(tokens):
    for ground in (tokens.panel, tokens.background, tokens.raised, tokens.field):
        assert contrast(tokens.text, ground) > 7
        assert contrast(tokens.label, ground) > 6
        assert contrast(tokens.muted, ground) > 4.5
        assert contrast(tokens.error, ground) > 4.5
        assert contrast(tokens.accent, ground) > 3
        assert contrast(tokens.noise, ground) > 3
    assert contrast(tokens.on_accent, tokens.accent) > 4.5
    assert contrast(tokens.text, tokens.selection) > 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_the_style_sheet_is_filled(tokens):
    sheet = style_sheet(tokens)
    assert "$" not in sheet
    assert set(re.findall(r"#[0-9a-f]{6}", sheet)) <= set(asdict(tokens).values())


def test_applying_changes_application_and_tokens(qapp):
    apply_theme(qapp, LIGHT)
    assert current() is LIGHT
    assert qapp.palette().window().color() == QColor(LIGHT.panel)
    assert LIGHT.field in qapp.styleSheet()


def test_names_of_themes(qapp):
    assert tokens_for("dark") is DARK
    assert tokens_for("light") is LIGHT
    assert tokens_for("system") in (DARK, LIGHT)
    with pytest.raises(KeyError):
        tokens_for("pink")


def test_bundled_fonts_are_used_and_licensed(qapp):
    assert {"Inter", "JetBrains Mono"} <= set(load_fonts())
    assert QFontInfo(sans_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(qapp.font()).pixelSize() == 13
    licences = list(resource("fonts").glob("*OFL.txt"))
    assert len(licences) == 2
    for path in licences:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("Copyright") and "SIL OPEN FONT LICENSE Version 1.1" in text


def test_text_scale_reaches_sizes_fonts_and_sheet_and_stays(qapp):
    apply_theme(qapp, DARK, 2.0)
    assert scaled(24) == 48
    assert QFontInfo(qapp.font()).pixelSize() == 26
    assert "font-size: 22px" in qapp.styleSheet()
    apply_theme(qapp, LIGHT)
    assert scaled(24) == 48


def test_every_widget_hears_of_a_change(qapp, qtbot):
    heard = []

    class Listener(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.PaletteChange:
                heard.append((watched, current()))
            return False

    label = QLabel("x")
    qtbot.addWidget(label)
    listener = Listener()
    label.installEventFilter(listener)
    apply_theme(qapp, LIGHT)
    QApplication.processEvents()
    assert (label, LIGHT) in heard


def colors_of(made, mode=QIcon.Mode.Normal):
    image = made.pixmap(16, 16, mode).toImage()
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    solid = [image.pixelColor(x, y) for x, y in places if image.pixelColor(x, y).alpha() == 255]
    return {color.name() for color in solid}


@pytest.mark.parametrize("path", sorted(resource("icons").glob("*.svg")), ids=lambda p: p.stem)
def test_icons_take_the_colours_of_the_theme(qapp, path):
    made = icon(path.stem, "#ff0000", 32)
    image = made.pixmap(32, 32).toImage()
    shown = [
        image.pixelColor(x, y)
        for x in range(32)
        for y in range(32)
        if image.pixelColor(x, y).alpha()
    ]
    assert shown
    assert all(color.red() > 200 and color.green() < 50 for color in shown if color.alpha() > 200)
    assert "currentColor" in path.read_text()


def test_disabled_icons_are_muted(qapp):
    assert DARK.disabled in colors_of(icon("pause"), QIcon.Mode.Disabled)
    assert DARK.text in colors_of(icon("pause"))


def test_an_icon_that_is_asked_for_again_is_not_drawn_again(qapp):
    keys = [icon("branch").cacheKey() for _ in range(3)]
    assert len(set(keys)) == 1
    assert icon("branch", "#ff0000").cacheKey() != keys[0]
    apply_theme(qapp, LIGHT)
    assert icon("branch").cacheKey() != keys[0]


def test_unknown_icons_are_refused(qapp):
    with pytest.raises(FileNotFoundError):
        icon("unicorn")


def test_icon_buttons_follow_the_theme(qapp, qtbot):
    button = IconButton("pause", "Pause", "Stop for a moment.")
    qtbot.addWidget(button)
    button.show()
    assert DARK.label in colors_of(button.icon())
    apply_theme(qapp, LIGHT)
    QApplication.processEvents()
    assert LIGHT.label in colors_of(button.icon())
    assert button.accessibleName() == "Pause"


def test_a_plain_button_is_legible_in_both_themes(qapp, qtbot):
    button = QPushButton("Generate")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.resize(120, 32)
    button.show()
    for tokens in (DARK, LIGHT):
        apply_theme(qapp, tokens)
        QApplication.processEvents()
        assert button.grab().toImage().pixelColor(20, 16) == QColor(tokens.accent)
