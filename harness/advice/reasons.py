"""The reason of a recommendation: one sentence a manager can read, and the answers that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.advice.fact_checks import FactReading, read_facts
from harness.advice.facts import Facts
from harness.advice.questions import MIN_EXAMPLES, MIN_PAIRS, AnswerValue, answer_of
from harness.advice.recommendations import RECOMMENDATIONS
from harness.advice.rules import Decision, pairs_suffice, unconfirmed

_DOCUMENTS = {
    (1,): "the facts change often",
    (2,): "every answer must be traceable to a source",
    (1, 2): "the facts change often and must be traceable",
}
_BEHAVIOUR = {
    (3,): "the tone or format is the problem",
    (7,): "the model must master specialist terms",
    (3, 7): "tone, format and specialist terms are the problem",
}
CHANGING = "what answers should be like still changes"
_EIGHT = "answers must be current and in one consistent style"
_NINE = "the content is sensitive or regulated"


@dataclass(frozen=True, slots=True)
class Premise:
    """One thing the recommendation rests on: the questions and what their answers mean together."""

    questions: tuple[int, ...]
    text: str


def join_words(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def join_clauses(parts: list[str]) -> str:
    """'a', 'a, and b', 'a, b, and c': for parts that hold an 'and' themselves."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + ", and " + parts[-1]


def _yes(answers: Mapping[int, AnswerValue], *numbers: int) -> list[int]:
    return [n for n in numbers if answer_of(answers, n) is AnswerValue.YES]


def _because(answers: Mapping[int, AnswerValue], decision: Decision) -> str:
    clauses = [_DOCUMENTS[tuple(_yes(answers, 1, 2))]] if decision.documents else []
    clauses += [_BEHAVIOUR[tuple(_yes(answers, 3, 7))]] if decision.behaviour else []
    eight, nine = (bool(_yes(answers, n)) for n in (8, 9))
    clauses += [_EIGHT] if eight and len(clauses) < 2 else []  # two clauses already say what 8 says
    clauses += [_NINE] if nine else []
    if clauses:
        return join_clauses(clauses)
    if decision.wanted == "fine_tune":
        return "retrieval would be too slow for your product and no answer demands facts from documents"
    return "nothing in the answers demands either, and RAG is the safer start: cheap to try and easy to undo"


def blockers(answers: Mapping[int, AnswerValue], facts: Facts) -> tuple[int, ...]:
    """The questions, 4 and 6, whose no keeps tuning from starting today; enough preference pairs settle 4."""
    means = (6,) if pairs_suffice(facts) else (4, 6)
    return tuple(n for n in means if answer_of(answers, n) is AnswerValue.NO)


def reason_sentence(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> str:
    """The recommendation and why, in one sentence; facts that disagree with an answer follow in one more."""
    return _sentence(answers, facts, decision) + _facts_against(read_facts(answers, facts))


def _facts_against(readings: Sequence[FactReading]) -> str:
    against = [reading.bearing for reading in readings if reading.contradicts]
    settling = [reading.bearing for reading in readings if not reading.contradicts]
    first = f" But your facts disagree: {join_clauses(against)}; correct whichever is wrong first." if against else ""
    return first + (f" Known already: {join_clauses(settling)}." if settling else "")


def _sentence(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> str:
    because = _because(answers, decision)
    if decision.recommendation == "rag_first":
        return _start_sentence(answers, facts, decision, because)
    sentence = f"{RECOMMENDATIONS[decision.recommendation].imperative}, because {because}"
    confirm = unconfirmed(answers, facts, decision)
    if confirm:
        checks = {4: "enough labelled examples exist", 6: "a GPU is at hand"}
        sentence += f"; first confirm that {join_words([checks[n] for n in confirm])}"
    elif decision.recommendation == "rag" and decision.first_step == "prompt":
        sentence += "; try a better prompt first, it may be enough"
    return sentence + "."


def _start_sentence(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision, because: str) -> str:
    start = RECOMMENDATIONS["rag_first"].imperative
    if decision.first_step == "prompt":
        start = start.replace("RAG", "prompting")
    goal = f"{RECOMMENDATIONS[decision.wanted].name} {'are' if decision.wanted == 'both' else 'is'} wanted"
    short = {4: "too few labelled examples", 6: "no GPU"}
    missing = [short[n] for n in blockers(answers, facts)]
    clauses = [f"there {'are' if missing[0] == short[4] else 'is'} {join_words(missing)} yet"] if missing else []
    clauses += [f"{CHANGING}, which prompts follow and training does not"] if facts.requirements_change else []
    return f"{start}: {goal} because {because}, but {join_clauses(clauses)}."


def premises(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> tuple[Premise, ...]:
    """The answers the recommendation rests on, rule by rule; never empty."""
    rows: list[Premise] = []
    if decision.production:
        rows.append(Premise(tuple(_yes(answers, 8, 9)), "a production assistant that needs facts and form together"))
    if decision.documents:
        rows.append(
            Premise(tuple(_yes(answers, 1, 2)), "the facts must come from documents at the time of the question")
        )
    if decision.behaviour:
        rows.append(Premise(tuple(_yes(answers, 3, 7)), "the way of answering must change, which retrieval cannot do"))
    if not rows and decision.wanted == "fine_tune":
        rows.append(Premise((5,), "retrieval does not fit the product's time limit"))
    if not rows:
        rows.append(Premise((1, 2, 3, 7, 8, 9), "none is a firm yes, so the cheaper and reversible start wins"))
    if decision.recommendation == "rag_first":
        rows.append(_blocked(answers, facts))
    return tuple(rows)


def _blocked(answers: Mapping[int, AnswerValue], facts: Facts) -> Premise:
    needs = {
        4: f"more than {MIN_EXAMPLES} labelled examples or {MIN_PAIRS} preference pairs",
        6: "a GPU to train and serve on",
    }
    numbers = blockers(answers, facts) or tuple(_yes(answers, 3, 7, 8, 9)) or (5,)  # of wishes: what asks for tuning
    waits = [needs[n] for n in blockers(answers, facts)] + ["wishes that stand still"] * bool(facts.requirements_change)
    return Premise(numbers, f"tuning has to wait for {join_words(waits)}")
