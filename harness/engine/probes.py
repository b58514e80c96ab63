"""The probes of an arm: none where its golden answers already settle its form, and fewer beside the candidate.

Probes prove a form of 99 % without 500 labelled cases, at most of an arm's share of the run. The candidate is asked all
of them, unless its golden answers already fail the form more often than in two of a hundred. An arm beside it, which
may be shipped instead, is asked as many as prove 99 % with a failure among them, and none where its golden answers
failed so often that 99 % would stay unproven were every probe answered in form. Leaving probes out can turn no failure
into a pass: the arm keeps the estimate of its golden answers, with their number.
"""

from __future__ import annotations

from collections.abc import Iterable

import harness.stats as stats
from harness.types import Trace

# An upper limit below this is out of reach of a gate of 99 %. Fixed, so that a changed gate asks nothing anew; a gate
# of 92 %, say, is then decided on the golden answers alone for an arm between the two.
FLOOR = 0.98
PROVABLE = 0.99  # the form that an arm beside the candidate may still prove
BESIDE = 400  # probes of such an arm: with 194 golden answers they prove 99 % with one failure among them


def left_out(golden: Iterable[Trace], probes: int, candidate: bool) -> str | None:
    """Why an arm with these answers to the golden cases is not asked its `probes`; None where it is."""
    forms = [trace.answer.form for trace in golden if trace.answer is not None]
    if not any(form.demanded for form in forms):
        return "no form is demanded" if forms else None
    valid = sum(form.valid for form in forms)
    if stats.clopper_pearson(valid, len(forms))[1] >= FLOOR and (candidate or _provable(valid, len(forms), probes)):
        return None
    return f"{valid} of {len(forms)} golden answers have the demanded form: probes cannot mend that"


def _provable(valid: int, n: int, probes: int) -> bool:
    """Whether these golden answers and probes all in form prove PROVABLE, or are too few to prove it of any arm."""
    best, own = (stats.clopper_pearson(hits + probes, n + probes)[0] for hits in (n, valid))
    return own >= PROVABLE or best < PROVABLE
