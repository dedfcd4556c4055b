"""Bar charts as SVG, in colours that can be read on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Bar", "Panel", "chart"]

WIDTH, LEFT, RIGHT = 720, 100, 90
BAR, GAP, ROW_GAP, PANEL_GAP, LINE = 12, 2, 10, 22, 20
COLOURS = ("#2f81f7", "#a0a7b0", "#c99a2e", "#57a773")
TEXT = "#7d8590"


@dataclass(frozen=True, slots=True)
class Bar:
    """One value, at least 0, and how it is written beside its bar."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars that share a scale: row -> one bar for each entry of the legend."""

    title: str
    rows: Mapping[str, Sequence[Bar]]


def chart(title: str, legend: Sequence[str], panels: Sequence[Panel]) -> str:
    """A chart of panels, one below the other, each with a scale of its own.

    Returns:
        An SVG image with a transparent background.
    """
    shapes = [_text(0, LINE, title, weight="600")]
    x = 0.0
    for colour, entry in zip(COLOURS, legend, strict=False):
        shapes += [_box(x, LINE + 14, BAR, BAR, colour), _text(x + BAR + 6, LINE + 24, entry)]
        x += BAR + 6 + 7.2 * len(entry) + 24
    top: float = LINE + 24 + PANEL_GAP
    for panel in panels:
        drawn, top = _panel(panel, top)
        shapes += drawn
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:g}" width="{WIDTH}" height="{top:g}"'
    style = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13"'
    return "\n".join(
        [f'{head} role="img" {style} fill="{TEXT}">', f"<title>{escape(title)}</title>", *shapes, "</svg>", ""]
    )


def _panel(panel: Panel, top: float) -> tuple[list[str], float]:
    """What a panel is drawn with, and where the next one begins."""
    shapes = [_text(0, top + LINE - 6, panel.title, weight="600")]
    top += LINE + 2
    largest = max((bar.value for bars in panel.rows.values() for bar in bars), default=0) or 1
    for name, bars in panel.rows.items():
        height = len(bars) * (BAR + GAP)
        shapes.append(_text(LEFT - 12, top + height / 2 + 4, name, anchor="end"))
        for colour, bar in zip(COLOURS, bars, strict=False):
            length = max(bar.value / largest * (WIDTH - LEFT - RIGHT), 1)
            shapes += [_box(LEFT, top, length, BAR, colour), _text(LEFT + length + 6, top + BAR - 1.5, bar.label)]
            top += BAR + GAP
        top += ROW_GAP
    return shapes, top + PANEL_GAP - ROW_GAP


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" fill="{colour}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "400") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
