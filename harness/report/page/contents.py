"""The page's table of contents: every part in its order, with what builds it and the template that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.report.page.parts.arms import arms
from harness.report.page.parts.diagnosis import diagnosis
from harness.report.page.parts.drilldown import drilldown
from harness.report.page.parts.drills import drills
from harness.report.page.parts.forgetting import forgetting
from harness.report.page.parts.gates import gates
from harness.report.page.parts.provenance import provenance
from harness.report.page.parts.questions import questions
from harness.report.page.parts.ratings import ratings
from harness.report.page.parts.retrieval import retrieval
from harness.report.page.parts.shipping import shipping
from harness.report.page.parts.tradeoff import tradeoff
from harness.report.page.parts.tuning import tuning
from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class PagePart:
    """One numbered part of the page."""

    name: str  # its id in the page
    heading: str
    template: str  # file under templates/; sees what `build` returns as `part`
    build: Callable[[RunView], object]


CONTENTS: tuple[PagePart, ...] = (
    PagePart("gates", "Gates", "parts/gates.jinja", gates),
    PagePart("arms", "Arms and metrics", "parts/arms.jinja", arms),
    PagePart("ratings", "People's ratings", "parts/ratings.jinja", ratings),
    PagePart("questions", "Question by question", "parts/questions.jinja", questions),
    PagePart("tradeoff", "Quality, latency, cost", "parts/tradeoff.jinja", tradeoff),
    PagePart("retrieval", "Retrieval", "parts/retrieval.jinja", retrieval),
    PagePart("tuning", "Tuning", "parts/tuning.jinja", tuning),
    PagePart("forgetting", "Forgetting", "parts/forgetting.jinja", forgetting),
    PagePart("drills", "Freshness and drills", "parts/drills.jinja", drills),
    PagePart("diagnosis", "Diagnosis", "parts/diagnosis.jinja", diagnosis),
    PagePart("shipping", "Shipping it", "parts/shipping.jinja", shipping),
    PagePart("drilldown", "Every answer", "parts/drilldown.jinja", drilldown),
    PagePart("provenance", "Provenance", "parts/provenance.jinja", provenance),
)
