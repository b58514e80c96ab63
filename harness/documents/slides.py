"""Presentations (.pptx), by python-pptx: a heading a slide, then its texts, tables, charts and notes in file order.

Hidden slides and diagrams (SmartArt), whose words are kept elsewhere in the file, are named.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from harness.documents.archives import open_archive
from harness.documents.dates import dated, iso_date
from harness.documents.results import Content
from harness.errors import MissingExtra

_FIELDS = ("SLIDE_NUMBER", "DATE", "FOOTER", "HEADER")  # placeholders that repeat on every slide
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_DEEPEST = 50  # groups in groups


def read_slides(raw: bytes) -> Content:
    """The slides of a presentation, hidden ones left out and named. Unreadable: damaged, or it needs a password."""
    open_archive(raw, "pptx")
    try:
        from pptx import Presentation
    except ImportError:
        raise MissingExtra("python-pptx", "documents") from None
    presentation = Presentation(io.BytesIO(raw))
    parts: list[str] = []
    hidden: list[int] = []
    diagrams: list[int] = []
    for number, slide in enumerate(presentation.slides, start=1):
        if slide._element.get("show") in ("0", "false"):
            hidden.append(number)
            continue
        if any(_is_diagram(shape) for shape in _shapes(slide.shapes)):
            diagrams.append(number)
        parts.append(_slide_text(slide, number))
    core = presentation.core_properties
    text = "\n\n".join(part for part in parts if part)
    stamp = iso_date(str(core.modified or core.created or "")) or dated(text)
    meta = {"author": core.author} if core.author else {}
    return Content(text, _own_title(core.title) or _first_title(presentation), stamp, meta, _remarks(hidden, diagrams))


def _remarks(hidden: list[int], diagrams: list[int]) -> tuple[str, ...]:
    rows = ((hidden, "hidden slides not read"), (diagrams, "diagrams not read, export it as PDF; slides"))
    return tuple(f"{what}: {', '.join(map(str, numbers))}" for numbers, what in rows if numbers)


def _own_title(title: str | None) -> str | None:
    """The title in the file's properties; what programs write there by themselves is none."""
    text = (title or "").strip()
    return None if not text or re.match(r"^(?:powerpoint|presentation|slide ?1|untitled)", text, re.I) else text


def _first_title(presentation: Any) -> str | None:
    titles = (slide.shapes.title for slide in presentation.slides)
    return next((text for shape in titles if shape is not None and (text := " ".join(shape.text.split()))), None)


def _slide_text(slide: Any, number: int) -> str:
    title = slide.shapes.title
    heading = " ".join(title.text.split()) if title is not None else ""
    blocks = [f"## {heading}" if heading else f"## Slide {number}"]
    for shape in _shapes(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            blocks += _blocks(shape)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None and notes.text.strip():
        blocks.append(f"Notes: {_lines(notes)}")
    return "\n\n".join(blocks) if len(blocks) > 1 or heading else ""


def _shapes(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Every shape in file order, those of groups in place of the group; what repeats on every slide is left out."""
    for shape in shapes:
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        if kind is not None and kind.name in _FIELDS:
            continue
        if hasattr(shape, "shapes") and depth < _DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _blocks(shape: Any) -> list[str]:
    """The texts of one shape: rows of a table as `a | b`, a chart as its title, categories and values."""
    if getattr(shape, "has_table", False):
        cells = [[_flat(cell) for cell in row.cells if not cell.is_spanned] for row in shape.table.rows]
        rows = [" | ".join(row) for row in cells if any(row)]
        return ["\n".join(rows)] if rows else []
    if getattr(shape, "has_chart", False):
        return _chart(shape.chart)
    if getattr(shape, "has_text_frame", False) and shape.text_frame.text.strip():
        return [_lines(shape.text_frame)]
    return []


def _flat(cell: Any) -> str:
    return " ".join(str(cell.text).split())


def _lines(frame: Any) -> str:
    """The paragraphs of a text, items of lower levels indented."""
    rows = [(paragraph.level, " ".join(paragraph.text.replace("\v", " ").split())) for paragraph in frame.paragraphs]
    return "\n".join(f"{'  ' * level}{'- ' if level else ''}{text}" for level, text in rows if text)


def _chart(chart: Any) -> list[str]:
    title = chart.chart_title.text_frame.text.strip() if chart.has_title and chart.chart_title.has_text_frame else ""
    rows = [title] if title else []
    for plot in chart.plots:
        names = [str(category) for category in plot.categories]
        for series in plot.series:
            pairs = [
                f"{name}: {value:g}" for name, value in zip(names, series.values, strict=False) if value is not None
            ]
            rows.append(f"{series.name or 'values'}: {', '.join(pairs)}")
    return ["\n".join(rows)] if rows else []


def _is_diagram(shape: Any) -> bool:
    return any(data.get("uri") == _DIAGRAM for data in shape._element.iter("{*}graphicData"))
