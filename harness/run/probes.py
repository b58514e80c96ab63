"""Whether an arm is asked the probes: only where its golden answers leave the question of form open.

Probes prove a form of 99 % without 500 labelled cases. An arm whose golden answers already show that it fails the form
more often than in two of a hundred fails such a gate with or without them, and its probes would cost most of its share
of the run. Leaving them out can turn no failure into a pass: the arm keeps the estimate of its golden answers, with
their number.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness import stats
from harness.types import Trace

# An upper limit below this is out of reach of a gate of 99 %. Fixed, so that a changed gate asks nothing anew; a gate
# of 92 %, say, is then decided on the golden answers alone for an arm between the two.
FLOOR = 0.98


def left_out(golden: Iterable[Trace]) -> str | None:
    """Why an arm with these answers to the golden cases is not asked the probes; None where it is."""
    forms = [trace.answer.form for trace in golden if trace.answer is not None]
    if not any(form.demanded for form in forms):
        return "no form is demanded" if forms else None
    valid = stats.rate([float(form.valid) for form in forms])
    if valid.high is None or valid.mean is None or valid.high >= FLOOR:
        return None
    return f"{100 * valid.mean:.0f} % of {valid.n} golden answers have the demanded form: probes cannot mend that"
