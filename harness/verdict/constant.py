"""The best constant answer: what a system gets right that says the same to every question, and so has to be beaten.

    best_constant(cases).says    # "answering 'yes' to every question"

Two are tried: refusing every question, which is right on each unanswerable case, and the commonest accepted answer.
Which is better is chosen on train and dev and judged on test, as every setting is. A golden set without those splits
leaves only the test cases to choose on, which favours the constant; the gate says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.metrics.reading import Reading
from harness.metrics.task import task_success_without_form
from harness.metrics.words import normal_words
from harness.scenario.style import StyleRules
from harness.types import Answer, Case, Form, Unscored

FEWEST = 2  # cases that an answer must be right on before it is a policy and no accident
ROOM = 60  # characters of a constant answer that are shown
_IN_FORM = Form(demanded=False, first_try=True, valid=True, repaired=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """One answer to every question."""

    text: str | None  # None: every question is refused
    success: Mapping[str, float | None]  # test case -> task success; None where no answer of its kind can be scored
    chosen_on: str  # the splits, in words
    right: int  # of the cases that it was chosen on
    of: int

    @property
    def says(self) -> str:
        """The policy, inside a sentence."""
        if self.text is None:
            return "refusing every question"
        text = self.text if len(self.text) <= ROOM else f"{self.text[: ROOM - 1]}…"
        return f"answering '{text}' to every question"

    @property
    def note(self) -> str:
        """A note behind a gate's reason on where it was chosen; empty where it is the usual one."""
        return "" if self.text is None else f" (right on {self.right:,} of {self.of:,} cases of {self.chosen_on})"


def best_constant(cases: Sequence[Case], style: StyleRules | None = None) -> Constant:
    """The better of refusing everything and the commonest accepted answer, with its success on every test case.

    Args:
        style: the house style, by which a constant answer to a tone case is judged as those of the arms are.
    """
    test = [case for case in cases if case.split == "test"]
    others = [case for case in cases if case.split != "test"]
    chosen_on = "train and dev" if others else "test, since there is no train or dev"
    pool = others or test
    successes = [_right(text, pool, style) for text in (None, _commonest(pool))]
    text = _commonest(pool) if successes[1] > successes[0] and successes[1] >= FEWEST else None
    success = {case.id: _success(text, case, style) for case in test}
    return Constant(text, success, chosen_on, successes[text is not None], len(pool))


def _commonest(cases: Sequence[Case]) -> str | None:
    """The accepted answer of most cases, however it is spelt; the shorter of equals. None where no case has one."""
    spelt: dict[tuple[str, ...], str] = {}
    counts: Counter[tuple[str, ...]] = Counter()
    for case in cases:
        runs = {normal_words(text): text for text in case.accept}
        counts.update(run for run in runs if run)
        spelt = {**runs, **spelt}
    most = min(counts, key=lambda run: (-counts[run], len(run), run), default=None)
    return None if most is None else spelt[most]


def _right(text: str | None, cases: Sequence[Case], style: StyleRules | None) -> int:
    return sum(_success(text, case, style) == 1.0 for case in cases)


def _success(text: str | None, case: Case, style: StyleRules | None) -> float | None:
    """By the metric of the arms, so that the constant is judged as they are; a refusal is right by the case alone."""
    if text is None:
        return float(case.kind == "unanswerable")
    answer = Answer(raw=text, text=text, parsed=None, form=_IN_FORM, refused=False, cited=())
    value = task_success_without_form(Reading(case, answer, style=style))
    return None if isinstance(value, Unscored) else value
