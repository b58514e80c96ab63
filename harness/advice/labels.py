"""Labels: outcomes, ratings and numbers as people read them, in one place for terminal and page."""

from __future__ import annotations

from collections.abc import Sequence

from harness.advice.recommendations import RECOMMENDATIONS, FirstStep, Outcome, Recommendation
from harness.advice.signals import Rating
from harness.advice.tuning_needs import MINUTES_PER_EXAMPLE, USUAL_EXAMPLES, TuningCost

STEPS = {"rag": "RAG, untuned model", "prompt": "Prompting, few-shot"}
ANSWER_GLYPHS = {"yes": "●", "no": "○", "unsure": "?"}
MET = {True: "met", False: "not yet", None: "unknown"}


def name_of(rating: Recommendation | Outcome | Rating) -> str:
    """A recommendation, or the column that a signal marks, inside a sentence."""
    return "unknown" if rating == "unknown" else RECOMMENDATIONS[rating].name


def title_of(recommendation: Recommendation, first_step: FirstStep) -> str:
    """The headline. Where tuning waits and retrieval is not the first step, the headline says so."""
    if recommendation == "rag_first" and first_step == "prompt":
        return "Prompt first, tune later"
    return RECOMMENDATIONS[recommendation].headline


def gigabytes(value: float) -> str:
    """Memory in GB: one decimal below 100, none above."""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def money(span: Sequence[float], currency: str) -> str:
    """A range of money: two significant figures are all it deserves; one number where both ends agree."""
    texts = list(dict.fromkeys(_amount(v) for v in span))
    return f"{currency} {'-'.join(texts)}".strip()


def _amount(value: float) -> str:
    if value == 0:
        return "0"
    if value < 10:
        return f"{value:.2f}"
    rounded = round(value, 2 - len(str(int(value))))
    return f"{rounded:,.0f}"


def signed_percent(error: float) -> str:
    """A relative error with its sign: +12 %, -6 %."""
    return f"{error * 100:+.0f} %"


def numbered(questions: Sequence[int]) -> str:
    """'question 1' or 'questions 1, 2'."""
    return ("question " if len(questions) == 1 else "questions ") + ", ".join(map(str, questions))


def hours(value: float) -> str:
    """GPU hours, with no more precision than an order-of-magnitude estimate has."""
    if value < 0.1:
        return "less than 0.1 GPU hours"
    return f"about {value:.1g} GPU hours" if value < 10 else f"about {value:,.0f} GPU hours"


def cards(total_gb: float | None) -> str:
    """GPU memory as cards people know: '24 GB card', '2 x 80 GB'."""
    if total_gb is None:
        return "more than 16 x 80 GB"
    return f"{total_gb:g} GB card" if total_gb <= 80 else f"{total_gb / 80:g} x 80 GB"


def sentence_case(text: str) -> str:
    """The first letter large, the rest as it stands (GPU stays GPU)."""
    return text[:1].upper() + text[1:]


def leaning_text(leaning: Rating) -> str:
    """The leaning of the table of signals, as the end of a sentence."""
    ties = {"both": "it is a tie", "unknown": "nothing is rated yet"}
    return ties.get(leaning) or f"the table leans to {name_of(leaning)}"


def curation_sentence(cost: TuningCost) -> str:
    """What the examples cost in hours of people, which is usually the larger part."""
    low, high = MINUTES_PER_EXAMPLE
    usual = f"good sets have {USUAL_EXAMPLES[0]:,} to {USUAL_EXAMPLES[1]:,} (hybrid chapter)"
    if not cost.examples_lacking:
        return f"The least number of examples is there; {usual}, each {low} to {high} minutes of work."
    hours_low, hours_high = (f"{hour:,.0f}" for hour in cost.curation_hours)
    return (
        f"Writing and checking the {cost.examples_lacking} examples that are missing takes {hours_low} to "
        f"{hours_high} hours of people who know the subject ({low} to {high} minutes each, our assumption); {usual}. "
        "This is usually "
        "the larger part."
    )


def cost_sentence(cost: TuningCost) -> str:
    """The cost of one training run and of a month of serving, with the basis of the price."""
    training, serving = money(cost.training, cost.currency), money(cost.serving_month, cost.currency)
    return (
        f"One QLoRA run takes {hours(cost.gpu_hours)} ({training}); keeping one card up to serve "
        f"takes {serving} a month. Price: {cost.basis}. {curation_sentence(cost)}"
    )
