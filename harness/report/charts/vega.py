"""Vega-Lite specifications to inline SVG that follows the page: its colours, its dark mode, its fonts.

vl-convert renders a specification without a browser or a network. It passes `currentColor` and `var(--name)` through,
which matplotlib's SVG backend refuses; that is why it draws the charts whose marks are plain points, lines and bars.
Specifications are written as mappings: importing altair to make the same mapping costs a second for each report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from markupsafe import Markup, escape

from harness.characters import in_xml
from harness.files.hashing import content_hash
from harness.files.paths import cache_dir
from harness.record.codec import write_atomic

Spec = dict[str, Any]  # a Vega-Lite specification or a part of one: JSON, whose shape the library checks
Row = dict[str, Any]  # one row of a specification's data

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
DRAWING = 1  # part of the key of a kept drawing: change it when the library draws the same specification otherwise
_BREAK = re.compile("[\n\r\u2028\u2029]+")
SLOTS = 8  # colours and shapes that the style sheet has for arms
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
PADDING = {"left": 26, "right": 26, "top": 6, "bottom": 6}  # for a font wider than the one that was measured
_PREFERRED = {"baseline": 0, "rag": 1, "rag+few-shot": 2, "tune": 3, "hybrid": 4}

CONFIG: Spec = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--grid)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 220,
        "titlePadding": 8,
        "labelFlush": False,
        "labelSeparation": 8,
    },
    "legend": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--muted)",
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolSize": 70,
        "symbolOpacity": 1,
        "columnPadding": 34,
        "labelLimit": 0,
    },
    "header": {"labelColor": "var(--ink)", "titleColor": "var(--muted)", "labelFontSize": 13, "labelFontWeight": 600},
    "text": {"color": "var(--ink)", "fontSize": 12},
    "rule": {"color": "var(--muted)"},
}


def slots(arms: Sequence[str]) -> dict[str, int]:
    """The colour and shape of each arm, 1 to SLOTS: the same in every chart and, for known arms, in every report."""
    slot_of = {arm: _PREFERRED[arm] for arm in arms if arm in _PREFERRED}
    free = [slot for slot in range(SLOTS) if slot not in slot_of.values()]
    for i, arm in enumerate(arm for arm in arms if arm not in slot_of):
        slot_of[arm] = free[i % len(free)] if free else i % SLOTS
    return {arm: slot_of[arm] + 1 for arm in arms}


def arm_scales(arms: Sequence[str], among: Sequence[str]) -> tuple[Spec, Spec]:
    """(colour scale, shape scale) for `among`, with the slots that they have in the whole run."""
    of = slots(arms)
    colours = [f"var(--arm-{of[arm]})" for arm in among]
    shapes = [SHAPES[of[arm] - 1] for arm in among]
    return {"domain": list(among), "range": colours}, {"domain": list(among), "range": shapes}


def to_svg(spec: Spec, name: str, description: str) -> Markup:
    """A specification as an inline SVG.

    Args:
        spec: Vega-Lite, data included; sizes in CSS pixels.
        name: unique in the page; prefixes the ids inside.
        description: the text alternative: what the chart shows, in a sentence.
    """
    full = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": CONFIG, "padding": PADDING, **spec}
    return Markup(_adopt(_to_html(_carried(full)), name, description))


def _carried(value: Any) -> Any:
    """A part of a specification without characters that the library or a page cannot carry: names are somebody's."""
    if isinstance(value, str):
        return _BREAK.sub(" ", in_xml(value))  # a break in a name is a fault in an expression that the library makes
    if isinstance(value, Mapping):
        return {_carried(key): _carried(item) for key, item in value.items()}
    return [_carried(item) for item in value] if isinstance(value, list | tuple) else value


def _to_html(spec: Spec) -> str:
    """The library's SVG. Kept by content: starting its engine costs a second or more, and a report whose gates changed
    has the same charts."""
    file = cache_dir() / "charts" / f"{content_hash([DRAWING, spec])[:32]}.svg"
    with suppress(OSError, UnicodeDecodeError):
        drawing = file.read_text(encoding="utf-8")
        if drawing.rstrip().endswith("</svg>"):  # else it was cut
            return drawing
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    with suppress(OSError):  # a cache that cannot be written costs time, never a report
        write_atomic(file, svg)
    return svg


def _adopt(svg: str, name: str, description: str) -> str:
    """Make ids unique, take the fixed size away, give the root a role and a name."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r' (xmlns(:xlink)?|version|class|style)="[^"]*"', "", svg)
    svg = re.sub(r"(-?\d+\.\d{2})\d+", r"\1", svg)
    return svg.replace("<svg", f'<svg class="chart" role="img" aria-label="{escape(description)}"', 1)
