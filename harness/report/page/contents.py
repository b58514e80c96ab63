"""The page's table of contents: every part in its order, with what builds it and the template that shows it.

A part of which a run has nothing is folded into one line at the end, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.report.page.parts.answers import answers
from harness.report.page.parts.arms import arms
from harness.report.page.parts.diagnosis import diagnosis
from harness.report.page.parts.drills import drills, why_no_drills
from harness.report.page.parts.forgetting import forgetting, why_no_forgetting
from harness.report.page.parts.gates import gates
from harness.report.page.parts.glossary import glossary
from harness.report.page.parts.provenance import provenance
from harness.report.page.parts.ratings import ratings, why_no_ratings
from harness.report.page.parts.retrieval import retrieval, why_no_retrieval
from harness.report.page.parts.shipping import shipping
from harness.report.page.parts.tradeoff import tradeoff, why_no_tradeoff
from harness.report.page.parts.tuning import tuning, why_no_tuning
from harness.report.page.view import RunView


def always(_: RunView) -> str:
    """No reason to fold: the part is there for every run."""
    return ""


@dataclass(frozen=True, slots=True)
class PagePart:
    """One numbered part of the page."""

    name: str  # its id in the page
    heading: str
    template: str  # file under templates/; sees what `build` returns as `part`
    build: Callable[[RunView], object]
    absent: Callable[[RunView], str] = always  # why this run has nothing of it; empty: it has


CONTENTS: tuple[PagePart, ...] = (
    PagePart("gates", "Gates", "parts/gates.jinja", gates),
    PagePart("arms", "Arms and metrics", "parts/arms.jinja", arms),
    PagePart("answers", "Every answer", "parts/answers.jinja", answers),
    PagePart("ratings", "People's ratings", "parts/ratings.jinja", ratings, why_no_ratings),
    PagePart("tradeoff", "Quality, latency, cost", "parts/tradeoff.jinja", tradeoff, why_no_tradeoff),
    PagePart("retrieval", "Retrieval", "parts/retrieval.jinja", retrieval, why_no_retrieval),
    PagePart("tuning", "Tuning", "parts/tuning.jinja", tuning, why_no_tuning),
    PagePart("forgetting", "Forgetting and safety", "parts/forgetting.jinja", forgetting, why_no_forgetting),
    PagePart("drills", "Freshness and drills", "parts/drills.jinja", drills, why_no_drills),
    PagePart("diagnosis", "Diagnosis", "parts/diagnosis.jinja", diagnosis),
    PagePart("shipping", "Shipping it", "parts/shipping.jinja", shipping),
    PagePart("provenance", "Provenance", "parts/provenance.jinja", provenance),
    PagePart("glossary", "Words used here", "parts/glossary.jinja", glossary),
)
