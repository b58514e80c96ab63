"""The one thing to do next, with what it should bring: the first row of a table that has something to say.

The terminal and the page say the same step.

next_step(record).text; next_step(record).effect
# 'Retrieval misses the passage. The fix could win at most 116 of 194 questions (52.4 to 66.8 %).'

What is diagnosed comes by `main_mode`: the mode whose fix could win most questions.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.golden.verified import share_by_people
from harness.record.sections import DiagnosisSection, Record
from harness.report.first.sentence import at_most, deciding_gate, on_its_side, short_name
from harness.report.losses import could_win
from harness.stats.numbers import show_count
from harness.types import Gate
from harness.verdict.gates import MOST_MORE
from harness.verdict.status import STATUSES

MOST_BEFORE_A_FIX = 2  # times the questions at hand: who is asked for more than that mends what fails first
TIMED = ("p95_ratio", "p95_ms")  # gates of latency: how many questions are timed is a setting of its own


@dataclass(frozen=True, slots=True)
class Action:
    """One action."""

    text: str  # what to do: one sentence
    effect: str  # what it should bring: a sentence or two
    command: str = ""  # to type
    setting: str = ""  # to change
    place: str = ""  # id of the part of the page that shows more


def next_step(record: Record) -> Action | None:
    """The step; None where there is nothing left to do that the record knows of."""
    step = next((step for rule in RULES if (step := rule(record)) is not None), None)
    return None if step is None else replace(step, text=at_most(step.text))


def main_mode(record: Record) -> DiagnosisSection | None:
    """The mode whose fix could win most questions and was not tried: of the candidate, else of any arm.

    The record has the modes in that order.
    """
    untried = [mode for mode in record.diagnosis if mode.tried is None]
    own = [mode for mode in untried if mode.arm == record.verdict.candidate]
    modes = own or untried
    return next((mode for mode in modes if mode.wins), next(iter(modes), None))


# --- the rules ----------------------------------------------------------------------------------------------------


def _real_model(record: Record) -> Action | None:
    if not record.test_double:
        return None
    return Action("Run the scenario with a real model.", "Its figures then mean something.", _run(record))


def _whole_run(record: Record) -> Action | None:
    if not record.partial:
        return None
    return Action("Run every arm of the scenario.", "What was measured already is taken over.", _run(record))


def _rollout(record: Record) -> Action | None:
    verdict = record.verdict
    if verdict.word != "GO" or not verdict.ship:
        return None
    text = f"Give {short_name(verdict.ship, 3)} a tenth of the traffic, and pin this run as the one to hold it against."
    effect = "The rollout plan says what to watch, and at which figure to switch back."
    return Action(text, effect, f"harness bless {shlex.quote(record.run_id)}", place="shipping")


def _other_arm(record: Record) -> Action | None:
    """The arm to ship was held to its own gates only: judged as the candidate it meets all of them."""
    verdict = record.verdict
    if not verdict.ship or verdict.ship == verdict.candidate:
        return None
    command = f"harness gate {shlex.quote(record.run_id)} --arm {shlex.quote(verdict.ship)}"
    text = f"Judge {short_name(verdict.ship, 3)} as the candidate before you ship it."
    return Action(text, "Every gate is then judged on it, from the answers at hand.", command)


def _fix(record: Record) -> Action | None:
    mode = main_mode(record)
    if mode is None:
        return None
    most = could_win(mode)
    count = f"The fix could win {most}" if most else f"{show_count(len(mode.evidence), 'question')} of it"
    effect = f"{at_most(mode.title)}. {at_most(count)}."
    command = f"{_run(record)} --try-fix {mode.mode}" if mode.change else ""
    return Action(mode.fix, effect, command, mode.setting if mode.change else "", "diagnosis")


def _measurement(record: Record) -> Action | None:
    gate = deciding_gate(record.verdict.gates)
    if gate is None or gate.status != "not measured":
        return None
    return Action(f"Measure what is missing: {gate.reason}.", "Without it no run can be GO.", _run(record), "", "gates")


def _only_too_few(record: Record) -> Action | None:
    """More questions before any fix, where every open gate is met by what was measured, and a few more settle it."""
    gates = _open_gates(record)
    near = all(on_its_side(gate) and settling(gate) <= MOST_BEFORE_A_FIX * _sample_size(gate) for gate in gates)
    return _ask_more(record, gates) if near else None


def _more_questions(record: Record) -> Action | None:
    """More of the same questions, where that settles every open gate and is no more than ten times the set."""
    return _ask_more(record, _open_gates(record))


def _ask_more(record: Record, gates: Sequence[Gate]) -> Action | None:
    if not all(map(settling, gates)) or {gate.counts for gate in gates} != {"questions"}:
        return None
    more = max(_to_ask(record, gate) for gate in gates)
    text = f"Ask {show_count(more, 'more question')} of the same kind."
    command = f"harness golden import csv FILE {shlex.quote(record.scenario.dir)} --add"
    return Action(text, "If the figures stay as they are, that settles what is open.", command, place="gates")


def _open_gates(record: Record) -> list[Gate]:
    return [gate for gate in record.verdict.gates if not STATUSES[gate.status].holds]


def _sample_size(gate: Gate) -> int:
    """How many of what it counts a gate's figure rests on."""
    return gate.estimate.n if gate.estimate else 0


def _to_ask(record: Record, gate: Gate) -> int:
    """Questions to ask so that a gate has as many more as settle it: not each question comes to have its figure."""
    success = record.estimate(record.verdict.candidate, "task_success")
    have = _sample_size(gate)
    return math.ceil(settling(gate) * max(success.n if success else 0, have) / max(have, 1))


def settling(gate: Gate) -> int:
    """How many more of what it counts would settle a gate; 0 where none would, or only an absurd number."""
    if gate.name in TIMED:
        return 0
    have = _sample_size(gate)
    more = (gate.n_needed or 0) - have
    return more if gate.status == "not proven" and 0 < more <= MOST_MORE * have else 0


def _people(record: Record) -> Action | None:
    people, _ = share_by_people(record.golden.verified_by, sum(record.golden.cases.values()))
    if people:
        return None
    text = "Have a person verify the golden questions."
    effect = "Then a failure is the arm's and not the question's."
    return Action(text, effect, f"harness golden review {shlex.quote(record.scenario.dir)}")


def _failures(record: Record) -> Action | None:
    candidate = record.verdict.candidate
    estimate = record.estimate(candidate, "task_success")
    wrong = round((1 - estimate.mean) * estimate.n) if estimate and estimate.mean is not None else 0
    if not wrong:
        return None
    failures = show_count(wrong, "question")
    text = f"Read the {failures} that {short_name(candidate, 3)} fails, and mark what is marked wrongly."
    return Action(text, "What they have in common is what to change.", place="answers")


def _run(record: Record) -> str:
    return f"harness run {shlex.quote(record.scenario.dir)}"


RULES: tuple[Callable[[Record], Action | None], ...] = (
    _real_model,
    _whole_run,
    _rollout,
    _other_arm,
    _only_too_few,
    _fix,
    _measurement,
    _more_questions,
    _people,
    _failures,
)
