"""The words of the recommendation: one sentence a manager can read, and which answers carried it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.advice.decision import Decision, pairs_suffice, unconfirmed
from harness.advice.facts import Facts
from harness.advice.questions import MIN_EXAMPLES, MIN_PAIRS, AnswerValue, answer_of

_CLAUSES: Mapping[int, str] = {
    1: "what it must know changes often",
    2: "every answer must be traceable to a source",
    3: "the problem is tone, style or format",
    7: "it must command specialist terms",
    8: "answers must be current and in one consistent style",
    9: "the content is sensitive or regulated",
}
_TITLES = {"rag": "Build RAG", "fine_tune": "Fine-tune", "both": "Build RAG and fine-tune on top"}


@dataclass(frozen=True, slots=True)
class Support:
    """One thing the recommendation rests on: the questions and what their answers mean together."""

    questions: tuple[int, ...]
    text: str


def join_words(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _yes(answers: Mapping[int, AnswerValue], *numbers: int) -> list[int]:
    return [n for n in numbers if answer_of(answers, n) is AnswerValue.YES]


def _because(answers: Mapping[int, AnswerValue], decision: Decision) -> str:
    carriers = _yes(answers, 8, 9) if decision.production else []
    carriers += _yes(answers, 1, 2, 3, 7)
    if carriers:
        return join_words([_CLAUSES[n] for n in sorted(set(carriers))])
    if decision.wanted == "fine_tune":
        return "retrieval would be too slow for your product and no answer demands facts from documents"
    return "nothing in the answers demands either, and RAG is the safer start: cheap to try and easy to undo"


def missing_for_tuning(answers: Mapping[int, AnswerValue], facts: Facts) -> list[str]:
    """What keeps tuning from starting today, in words; empty where nothing does."""
    examples = answer_of(answers, 4) is AnswerValue.NO and not pairs_suffice(facts)
    lacks = [f"more than {MIN_EXAMPLES} labelled examples or {MIN_PAIRS} preference pairs"] if examples else []
    return [*lacks, "a GPU to train and serve on"] if answer_of(answers, 6) is AnswerValue.NO else lacks


def reason_sentence(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> str:
    """The recommendation and why, in one sentence."""
    because = _because(answers, decision)
    if decision.recommendation == "rag_first":
        return _start_sentence(answers, facts, decision, because)
    sentence = f"{_TITLES[decision.recommendation]}, because {because}"
    confirm = unconfirmed(answers, facts, decision)
    if confirm:
        checks = {4: "enough labelled examples exist", 6: "a GPU is at hand"}
        sentence += f"; first confirm that {join_words([checks[n] for n in confirm])}"
    elif decision.recommendation == "rag" and decision.first_step == "prompt":
        sentence += "; try a better prompt first, it may be enough"
    return sentence + "."


def _start_sentence(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision, because: str) -> str:
    start = {"rag": "Start with RAG and tune later", "prompt": "Start with prompting and tune later"}
    goal = {"both": "both are wanted", "fine_tune": "fine-tuning is wanted", "rag": "RAG is wanted"}[decision.wanted]
    missing = join_words(missing_for_tuning(answers, facts))
    return f"{start[decision.first_step]}: {goal} because {because}, but tuning still lacks {missing}."


def carried_by(answers: Mapping[int, AnswerValue], facts: Facts, decision: Decision) -> tuple[Support, ...]:
    """The answers the recommendation rests on, rule by rule; never empty."""
    found: list[Support] = []
    if decision.production:
        found.append(Support(tuple(_yes(answers, 8, 9)), "a production assistant that needs facts and form together"))
    if decision.documents:
        found.append(
            Support(tuple(_yes(answers, 1, 2)), "the facts must come from documents at the time of the question")
        )
    if decision.behaviour:
        found.append(Support(tuple(_yes(answers, 3, 7)), "the way of answering must change, which retrieval cannot do"))
    if not found and decision.wanted == "fine_tune":
        found.append(Support((5,), "retrieval does not fit the product's time limit"))
    if not found:
        found.append(Support((1, 2, 3, 7, 8, 9), "none is a firm yes, so the cheaper and reversible start wins"))
    if decision.recommendation == "rag_first":
        found.append(_blocked(answers, facts))
    return tuple(found)


def _blocked(answers: Mapping[int, AnswerValue], facts: Facts) -> Support:
    numbers = tuple(
        n for n in (4, 6) if answer_of(answers, n) is AnswerValue.NO and not (n == 4 and pairs_suffice(facts))
    )
    return Support(numbers, f"tuning has to wait for {join_words(missing_for_tuning(answers, facts))}")
