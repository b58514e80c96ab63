"""Items that a model was asked, and its base beside its adapters on them, form by form.

An item on disk (`Item`): `{"id": "astronomy/17", "subject": "astronomy", "correct": 1.0, "choices": 4, "form": "cloze",
"likelihood": -4.1}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import harness.stats as stats
from harness.errors import InputError
from harness.paired_items import ItemOutcome, compare_outcomes
from harness.record.measurements import AbilitySection, AskedForm, FormChange
from harness.stats.numbers import show
from harness.types import Estimate

AS_ITS_TASK = "as its task asks"
LIKELIHOOD = "nats a word"


@dataclass(frozen=True, slots=True)
class Item:
    """One question, and whether a model chose the right answer."""

    id: str  # subject/line, or lm-eval task/document
    subject: str
    correct: float  # 1 right, 0 wrong
    choices: int  # that it was chosen among; 0: the answer is free
    form: str = AS_ITS_TASK
    likelihood: float | None = None  # log-probability of the right choice, nats a word of it; None: not known


Items = Sequence[Item]


def compare_items(base: Items, adapters: Mapping[str, Items], tasks: str) -> AbilitySection:
    """The record's `forgetting` section: each adapter beside the base on the same items.

    The gate looks at one form: of those in which the base stands above chance with its whole interval, the one in which
    it stands furthest above. The base alone decides.

    Args:
        base: what `ask_items` gave for the base model.
        adapters: arm -> what it gave for its adapter; the same items in the same order, form by form. A form that the
            adapter was not asked in is left out.
        tasks: what the items are of.

    Raises:
        InputError: an adapter was asked other items than the base.
    """
    by_form = {form: _of_form(base, form) for form in dict.fromkeys(item.form for item in base)}
    others = {arm: [(form, rows) for form in by_form if (rows := _of_form(items, form))]
              for arm, items in adapters.items()}  # fmt: skip
    forms = tuple(_in_form(form, items, others) for form, items in by_form.items())
    best = max(forms, key=lambda form: _above(form.base, form.chance) or (form.base.mean or 0) - form.chance - 1)
    above = _above(best.base, best.chance) is not None
    items = by_form[best.form]
    return AbilitySection(
        status="measured" if above else "not measured",
        reason=None if above else _at_chance(forms, best),
        tasks=tasks,
        items=len(items),
        chance=best.chance,
        base=best.base,
        arms={
            arm: compare_outcomes(_outcomes(items), _outcomes(rows))
            for arm, of_arm in others.items()
            for form, rows in of_arm
            if form == best.form
        },
        form=best.form,
        forms=forms,
    )


def forms_of_use(base: Items) -> tuple[str, ...]:
    """The forms to ask an adapter in: those in which its base stands above chance; where it does in none, the last
    one, since a likelihood can fall where no choice is right."""
    rows = {form: _of_form(base, form) for form in dict.fromkeys(item.form for item in base)}
    able = tuple(form for form, items in rows.items() if _above(_rate(items), _chance(items)) is not None)
    return able or tuple(rows)[-1:]


def _of_form(items: Items, form: str) -> list[Item]:
    return [item for item in items if item.form == form]


def _in_form(form: str, base: Items, others: Mapping[str, list[tuple[str, list[Item]]]]) -> AskedForm:
    rows = {arm: items for arm, of_arm in others.items() for name, items in of_arm if name == form}
    return AskedForm(
        form=form,
        chance=_chance(base),
        base=_rate(base),
        likelihood=_or_none(stats.mean([item.likelihood for item in base], unit=LIKELIHOOD)),
        arms={arm: _change(base, items) for arm, items in rows.items()},
    )


def _change(base: Items, adapter: Items) -> FormChange:
    if [item.id for item in base] != [item.id for item in adapter]:
        raise InputError("base and adapter were asked different items; run the scenario again")
    before, after = [item.likelihood for item in base], [item.likelihood for item in adapter]
    return FormChange(
        rate=_rate(adapter),
        accuracy=stats.paired([item.correct for item in adapter], [item.correct for item in base]),
        likelihood=_or_none(stats.paired(after, before, unit=LIKELIHOOD)),
    )


def _or_none(estimate: Estimate) -> Estimate | None:
    return None if estimate.mean is None else estimate


def _rate(items: Items) -> Estimate:
    return stats.rate([item.correct for item in items])


def _chance(items: Items) -> float:
    return sum(1 / item.choices for item in items if item.choices) / len(items)


def _above(rate: Estimate, chance: float) -> float | None:
    """How far the whole interval stands above chance, fraction of 1; None where it does not."""
    return rate.low - chance if rate.low is not None and rate.low > chance else None


def _at_chance(forms: Sequence[AskedForm], nearest: AskedForm) -> str:
    """Why nothing can be measured, and what it would take."""
    rates = ", ".join(_as_text(form) for form in forms)
    enough = stats.n_to_settle(nearest.base, nearest.chance) if (nearest.base.mean or 0) > nearest.chance else None
    way = "a larger model" if enough is None else f"about {enough:,} items (forgetting.limit), or a larger model"
    return f"the base is not above chance: {rates}; there is nothing it could be seen to forget; it takes {way}"


def _as_text(form: AskedForm) -> str:
    right = "none" if form.base.mean is None else show(form.base.mean, "fraction")
    return f"{form.form} {right} of {form.base.n:,} items right, chance {show(form.chance, 'fraction')}"


def _outcomes(items: Items) -> list[ItemOutcome]:
    return [ItemOutcome(item.id, item.subject, item.correct) for item in items]
