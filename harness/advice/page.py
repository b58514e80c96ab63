"""The advice as one self-contained HTML page: no script, no request to anywhere, everything escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.advice import labels
from harness.advice.content import AdviceContent
from harness.advice.recommendations import RECOMMENDATIONS
from harness.stats.numbers import percent, show_count

if TYPE_CHECKING:
    from markupsafe import Markup

FILTERS = ("signed_percent", "numbered", "cards", "sentence_case", "name_of")


def to_html(content: AdviceContent) -> str:
    """The whole page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("harness.advice", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(labels, name) for name in FILTERS})
    environment.filters.update(percent=percent, code=_code, show_count=show_count)
    return environment.get_template("advice.html.jinja").render(
        advice=content,
        labels=labels,
        title=labels.title_of(content.recommendation, content.first_step),
        glyph=RECOMMENDATIONS[content.recommendation].glyph,
        cost=labels.cost_sentence(content.before_tuning.cost),
    )


def _code(text: str) -> Markup:
    """Escaped text with `back-ticked` parts as code elements."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    pieces = (Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
    return Markup("").join(pieces)
