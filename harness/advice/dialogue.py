"""The nine questions and the facts as a dialogue: a frozen value, one pure step per line typed, and what to show.

Nothing here reads a keyboard or a file: `harness.cli.advise` hands in lines and saves dialogues, so a test can too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.advice.fact_checks import FactReading, contradictions, read_facts
from harness.advice.facts import FACT_SPECS, Facts, FactValue
from harness.advice.labels import name_of
from harness.advice.parse import parse_answer, parse_fact
from harness.advice.questions import QUESTIONS, AnswerValue, Question, all_nine, read_unsure
from harness.advice.rules import apply_rules, means_of
from harness.advice.stability import measure_stability
from harness.errors import InputError
from harness.stats.numbers import percent

FACT_NAMES: tuple[str, ...] = tuple(FACT_SPECS)
STEPS = len(QUESTIONS) + len(FACT_NAMES)
QUESTION_KEYS = "y yes · n no · u unsure · b back · ? help to decide · q quit and keep"
NUMBER_KEY = "a number answers, too · "
# a question -> the fact that answers it with a number: whoever knows the number is asked once
ANSWERED_BY: Mapping[int, str] = {
    1: "updates_per_month", 4: "labelled_examples", 5: "latency_budget_ms", 6: "gpu_memory_gb",
}  # fmt: skip
FACT_KEYS = "Enter skips · b back · - clears · q quit and keep"
CHANGE = "c"  # typed where a fact was asked back: the fact is right, the answer changes
_LETTERS = {"y": "yes", "n": "no", "u": "unsure"}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue under way: the answers so far, and which step comes next (0-8 questions, then facts, then the end)."""

    answers: Mapping[int, AnswerValue]
    facts: Mapping[str, FactValue]
    at: int = 0
    doubted: str | None = None  # the line that was asked back at this step, because a fact and an answer disagree

    @property
    def done(self) -> bool:
        """All steps passed."""
        return self.at >= STEPS


@dataclass(frozen=True, slots=True)
class Reaction:
    """The reaction to a typed line: the dialogue after it, whether to go on, and a message to show (may be empty)."""

    dialogue: Dialogue
    kind: Literal["next", "again", "quit"]
    message: str = ""


def resume(answers: Mapping[int, AnswerValue], facts: Mapping[str, FactValue]) -> Dialogue:
    """A dialogue that goes on at the first question without an answer, or at the facts where all nine are answered."""
    open_questions = [i for i, q in enumerate(QUESTIONS) if q.number not in answers]
    return Dialogue(answers, facts, open_questions[0] if open_questions else len(QUESTIONS))


def facts_of(dialogue: Dialogue) -> Facts:
    """The facts of a dialogue as one value."""
    return Facts(**dialogue.facts)  # type: ignore[arg-type]  # parse_fact made each of its own kind


def prompt_lines(dialogue: Dialogue) -> list[str]:
    """The lines shown before one is read: the question or fact, help, examples, and the present answer."""
    if dialogue.at < len(QUESTIONS):
        return _question_lines(QUESTIONS[dialogue.at], dialogue)
    name = FACT_NAMES[dialogue.at - len(QUESTIONS)]
    spec, fact = FACT_SPECS[name], dialogue.facts.get(name)
    now = "" if fact is None else f" (now: {_plain(fact)}; Enter keeps it)"
    return [f"Fact {dialogue.at - len(QUESTIONS) + 1} of {len(FACT_NAMES)}, optional. {spec.prompt} [{spec.unit}]{now}"]


def keys_line(dialogue: Dialogue) -> str:
    """The keys that this step understands."""
    if dialogue.at >= len(QUESTIONS):
        return FACT_KEYS
    return f"{NUMBER_KEY if QUESTIONS[dialogue.at].number in ANSWERED_BY else ''}{QUESTION_KEYS}"


def so_far(dialogue: Dialogue) -> str:
    """The recommendation from the answers until now, and how much of it is still open."""
    answers = all_nine(dialogue.answers)
    facts = facts_of(dialogue)
    now = apply_rules(read_unsure(answers), means_of(facts)).recommendation
    stability = measure_stability(answers, facts)
    if stability.completions == 1:
        return f"So far: {name_of(now)}; every question is answered."
    shares = sorted(stability.shares.items(), key=lambda pair: -pair[1])
    shares_text = ", ".join(f"{name_of(name)} {percent(share)}" for name, share in shares if share)
    return (
        f"So far: {name_of(now)}, with the rest open. The {stability.completions} ways it can turn out: {shares_text}."
    )


def react(dialogue: Dialogue, line: str) -> Reaction:
    """One typed line at the present step. Never raises: a line that is not understood is asked for again."""
    text = line.strip().lower()
    if text in ("q", "quit"):
        return Reaction(dialogue, "quit")
    if text in ("b", "back"):
        return _back(dialogue)
    if text == CHANGE and dialogue.doubted is not None and dialogue.at >= len(QUESTIONS):
        return _change(dialogue, dialogue.doubted)
    try:
        reaction = _answer(dialogue, text) if dialogue.at < len(QUESTIONS) else _fact(dialogue, text)
    except InputError as error:
        return Reaction(dialogue, "again", str(error))
    return _doubt(dialogue, text, reaction) if reaction.kind == "next" else reaction


def _back(dialogue: Dialogue) -> Reaction:
    if dialogue.at == 0:
        return Reaction(dialogue, "again", "This is the first question; there is nothing to go back to.")
    return Reaction(replace(dialogue, at=dialogue.at - 1, doubted=None), "next")


# --- facts and answers that disagree ------------------------------------------------------------------------------


def _doubt(dialogue: Dialogue, text: str, reaction: Reaction) -> Reaction:
    """Ask a line back that makes a fact contradict an answer, once: the same line again, or Enter, keeps both."""
    against = _at_this_step(dialogue, reaction.dialogue)
    if not text or text == dialogue.doubted or not against:
        return Reaction(replace(reaction.dialogue, doubted=None), "next", reaction.message)
    reading = against[0]
    keep = f"type {text} again to keep both"
    if dialogue.at >= len(QUESTIONS):
        keep += f", {CHANGE} to change answer {reading.question} to {reading.points_to.value}, or another value"
    message = (
        f"{reading.states[0].upper()}{reading.states[1:]}: this contradicts question {reading.question}, "
        f"answered {reading.answer.value} ({reading.threshold}). If that is so, {keep}."
    )
    return Reaction(replace(dialogue, doubted=text), "again", message)


def _at_this_step(dialogue: Dialogue, then: Dialogue) -> list[FactReading]:
    """The contradictions that the typed line is a part of."""
    conflicts = contradictions(all_nine(then.answers), facts_of(then))
    if dialogue.at < len(QUESTIONS):
        return [reading for reading in conflicts if reading.question == QUESTIONS[dialogue.at].number]
    name = FACT_NAMES[dialogue.at - len(QUESTIONS)]
    own = "gpu_memory_gb" if name == "model_billions" else name  # the size decides how much memory is enough
    return [reading for reading in conflicts if reading.fact == own]


def _change(dialogue: Dialogue, line: str) -> Reaction:
    """The fact that was asked back stands, and the answer that it contradicts becomes what the fact says."""
    then = _fact(replace(dialogue, doubted=None), line).dialogue
    turned = {reading.question: reading.points_to for reading in _at_this_step(dialogue, then)}
    return Reaction(replace(then, answers={**then.answers, **turned}, doubted=None), "next")


# --- answers and facts --------------------------------------------------------------------------------------------


def _answer(dialogue: Dialogue, text: str) -> Reaction:
    question = QUESTIONS[dialogue.at]
    if text in ("?", "help"):
        return Reaction(dialogue, "again", help_to_decide(dialogue, question))
    if (as_fact := _as_fact(question, text)) is not None:
        return _answered_by_fact(dialogue, question, *as_fact)
    if not text and question.number not in dialogue.answers:
        return Reaction(dialogue, "again", "Type y, n or u; an honest unsure is worth more than a guess.")
    answers = dict(dialogue.answers)
    if text:
        answers[question.number] = parse_answer(_LETTERS.get(text, text), "your answer")
    return Reaction(_onward(replace(dialogue, answers=answers)), "next")


def _onward(dialogue: Dialogue) -> Dialogue:
    """The next step; a fact that is known already, or that an answer has told, is not asked for again."""
    at = dialogue.at + 1
    while at >= len(QUESTIONS) and at < STEPS and _is_told(dialogue, FACT_NAMES[at - len(QUESTIONS)]):
        at += 1
    return replace(dialogue, at=at)


def _is_told(dialogue: Dialogue, name: str) -> bool:
    same = {"citation_duty": 2}.get(name)  # a duty to cite is what question 2 asks
    answer = dialogue.answers.get(same) if same is not None else None
    return name in dialogue.facts or answer in (AnswerValue.YES, AnswerValue.NO)


def _as_fact(question: Question, text: str) -> tuple[str, FactValue] | None:
    """The fact that a number typed at a question is; None where it is no number, or no fact answers the question."""
    name = ANSWERED_BY.get(question.number)
    if name is None or not text or not isinstance(number := _typed(name, text), float):
        return None
    return name, parse_fact(name, number, "your answer")


def _answered_by_fact(dialogue: Dialogue, question: Question, name: str, value: FactValue) -> Reaction:
    """The answer to which a number points, and the number as a fact."""
    facts = {**dialogue.facts, name: value}
    unsure = {**all_nine(dialogue.answers), question.number: AnswerValue.UNSURE}
    facts_now = Facts(**facts)  # type: ignore[arg-type]  # parse_fact made each of its own kind
    reading = next((row for row in read_facts(unsure, facts_now) if row.fact == name), None)
    if reading is None:
        return Reaction(dialogue, "again", f"{_plain(value)} settles nothing here; type y, n or u")
    answers = {**dialogue.answers, question.number: reading.points_to}
    says = f"{reading.states[0].upper()}{reading.states[1:]}: a {reading.points_to.value} ({reading.threshold})."
    return Reaction(_onward(replace(dialogue, answers=answers, facts=facts)), "next", says)


def _fact(dialogue: Dialogue, text: str) -> Reaction:
    name = FACT_NAMES[dialogue.at - len(QUESTIONS)]
    if text in ("?", "help"):
        return Reaction(dialogue, "again", f"A fact never overrules an answer: it is compared with it. [{name}]")
    facts = dict(dialogue.facts)
    if text == "-":
        facts.pop(name, None)
    elif text:
        facts[name] = parse_fact(name, _typed(name, text), "your answer")
    return Reaction(_onward(replace(dialogue, facts=facts)), "next")


def _typed(name: str, text: str) -> object:
    """A typed fact as the value YAML would give: a word for yes/no, else a number where it is one."""
    if FACT_SPECS[name].kind is bool:
        return _LETTERS.get(text, text)
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return text


def help_to_decide(dialogue: Dialogue, question: Question) -> str:
    """How to find out, what each answer would lead to as things stand, and what the guide's arrows say."""
    return "\n".join([f"To find out: {question.find_out}", _leads_to(dialogue, question), guide_says(question)])


def _leads_to(dialogue: Dialogue, question: Question) -> str:
    """The recommendation after a yes and after a no, the other answers as they are."""
    answers, means = read_unsure(all_nine(dialogue.answers)), means_of(facts_of(dialogue))
    names = [
        name_of(apply_rules({**answers, question.number: answer}, means).recommendation)
        for answer in (AnswerValue.YES, AnswerValue.NO)
    ]
    if names[0] == names[1]:
        return f"As things stand a yes and a no both lead to {names[0]}: unsure costs nothing here."
    return f"As things stand a yes leads to {names[0]}, a no to {names[1]}."


def guide_says(question: Question) -> str:
    """The guide's own arrows from a question, in words."""
    arrows = (("yes", question.yes_arrow), ("no", question.no_arrow))
    ends = ", ".join(f"{word} → {name_of(end) if end else 'next question'}" for word, end in arrows)
    return f"The guide's arrows here: {ends}. All nine answers are read, not only the first that decides."


def _question_lines(question: Question, dialogue: Dialogue) -> list[str]:
    answer = dialogue.answers.get(question.number)
    now = f" (now: {answer.value}; Enter keeps it)" if answer else ""
    return [
        f"{question.number} of {len(QUESTIONS)}. {question.text}{now}",
        question.help,
        f"A yes: {question.example_yes}",
        f"A no: {question.example_no}",
    ]


def _plain(value: FactValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}"
