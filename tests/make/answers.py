"""Answers of a made-up run: texts by outcome, read by the arms that a run builds and scored by its metrics."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from harness.arms import ARMS, BuiltArm
from harness.results.scores import score_traces
from harness.types import Answer, Case, Decoding, Generation, Hit, Prompt, Retrieval, Score, Trace
from tests.make.world import LONG, RIGHT_TO_LEFT, SCRIPT, World, days, limit, statement

Outcome = Literal["right", "wrong", "unsupported", "adorned", "refused", "broken", "repaired", "error"]

BASIC = ("baseline", "rag", "tune", "hybrid")
EVERY = ("baseline", "rag", "rag+few-shot", "tune", "hybrid")
HITS = {"baseline": 24, "rag": 84, "tune": 36, "hybrid": 114}  # of 120 cases, the first ones
QUALITY = {"baseline": 0.3, "rag": 0.76, "rag+few-shot": 0.76, "tune": 0.4, "hybrid": 0.77}
FORM = {"baseline": 0.55, "rag": 0.95, "rag+few-shot": 1.0, "tune": 0.995, "hybrid": 0.995}
CAREFUL = ("rag+few-shot",)  # says nothing that no passage says
REFUSAL = "The documents do not say."


@dataclass(frozen=True, slots=True)
class Script:
    """What every arm does in every case of a world, and with its probes."""

    world: World
    outcomes: tuple[tuple[str, tuple[Outcome, ...]], ...]  # (arm, one a case)
    probes: int = 1000  # each in form
    probes_repaired: int = 5  # of them, after a repair

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(arm for arm, _ in self.outcomes)

    @property
    def cases(self) -> tuple[Case, ...]:
        return self.world.cases


def script(
    hits: Mapping[str, int] = HITS,
    world: World | None = None,
    arms: Sequence[str] = BASIC,
    otherwise: Outcome = "wrong",
) -> Script:
    """The first `hits` cases of each arm are right, the others `otherwise`."""
    world = world or World()
    right: Outcome = "right"
    rows = [(arm, min(world.n, hits.get(arm, 0))) for arm in arms]
    return Script(world, tuple((arm, (right,) * k + (otherwise,) * (world.n - k)) for arm, k in rows))


def drawn(world: World, arms: Sequence[str] = EVERY, seed: int = 7) -> Script:
    """Outcomes drawn by seed: an easy case is easy for every arm, and one answer of tune is an error."""
    rng = random.Random(seed)
    by_arm: dict[str, list[Outcome]] = {arm: [] for arm in arms}
    for i in range(world.n):
        ease = rng.random()
        for arm, row in by_arm.items():
            good = 0.35 * rng.random() + 0.65 * ease < QUALITY[arm] * 0.95
            missed = ARMS[arm].retriever and (world.misses(i) or (world.hostile and i == 5))
            row.append(_outcome(rng, arm, good, missed))
    if "tune" in by_arm:
        by_arm["tune"][11] = "error"
    return Script(world, tuple((arm, tuple(row)) for arm, row in by_arm.items()), probes_repaired=11)


def _outcome(rng: random.Random, arm: str, good: bool, missed: bool) -> Outcome:
    if missed:
        return "refused" if arm in CAREFUL else "unsupported"
    if rng.random() >= FORM[arm]:
        return "broken"
    if good:
        return "right" if rng.random() < 0.97 else "repaired"
    return rng.choice(("wrong", "refused") if arm in CAREFUL else ("wrong", "unsupported", "refused"))


# --- doubles ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScriptedGenerator:
    """A generator that answers every prompt with the same text; its tokens are words."""

    text: str
    context: int = 4096

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        return [Generation(self.text, self.count(p), len(self.text.split()), 0.31) for p in prompts]

    def count(self, prompt: Prompt) -> int:
        return sum(len(message.content.split()) for message in prompt)

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        return [list(range(len(prompts)))]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Generation]]]:
        for batch in batches or self.layout(prompts, decoding):
            yield list(batch), self.generate([prompts[i] for i in batch], decoding)


@dataclass(frozen=True, slots=True)
class ScriptedRetriever:
    """A retriever that finds the same passages for every question."""

    hits: tuple[Hit, ...]

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [Retrieval(self.hits, {"dense": 0.01})] * len(questions)


# --- answers ------------------------------------------------------------------------------------------------------


def text_of(world: World, i: int, outcome: Outcome) -> tuple[str, bool]:
    """What an answer to case i says, and whether it refuses."""
    unanswerable = world.kind(i) == "unanswerable"
    if outcome == "refused" or (unanswerable and outcome in ("right", "broken", "repaired")):
        return REFUSAL, True
    right = statement(i, limit(i))
    others = {"wrong": days(i), "unsupported": statement(i, "999 euros"), "adorned": f"{right} Mara raised it in June."}
    text = others.get(outcome, right)
    if world.hostile and i == 5:
        text += f" {SCRIPT}{RIGHT_TO_LEFT}\x00"
    return (text + LONG if world.hostile and i == 6 else text), False


def raw_of(world: World, i: int, outcome: Outcome, cites: bool) -> str:
    """The text as a model would generate it."""
    text, refused = text_of(world, i, outcome)
    if not world.demanded or outcome == "broken":
        return f"{text} [S1]" if cites and not refused else text
    citations = ["S1"] if cites and not refused else []
    raw = json.dumps({"status": "refused" if refused else "ok", "answer": text, "citations": citations})
    return f"{raw[:-1]},}}" if outcome == "repaired" else raw  # a comma too many


def answer(world: World, question: str, arm: str, raw: str, hits: tuple[Hit, ...]) -> Answer:
    """The answer of an arm whose model generates `raw`, by the way that a run asks it."""
    row = ARMS[arm]
    shots = (("What is the limit for keys?", "5 euros."),) if row.few_shot else ()
    retriever = ScriptedRetriever(hits) if row.retriever else None
    (reply,) = BuiltArm(row, ScriptedGenerator(raw), retriever, world.format, shots).ask([question])
    assert isinstance(reply, Answer)
    return reply


@cache
def trace(world: World, i: int, arm: str, outcome: Outcome) -> Trace:
    """One arm on one case."""
    case = world.cases[i]
    if outcome == "error":
        return Trace(case.id, arm, error="the server closed the connection after 3 attempts")
    raw = raw_of(world, i, outcome, ARMS[arm].retriever)
    return Trace(case.id, arm, answer(world, case.question, arm, raw, world.hits(i)))


@cache
def _case_scores(world: World, i: int, arm: str, outcome: Outcome) -> tuple[Score, ...]:
    return score_traces([world.cases[i]], [trace(world, i, arm, outcome)])


def traces(of: Script) -> tuple[Trace, ...]:
    """Every trace of the run, arm by arm, probes included."""
    rows = [
        [*(trace(of.world, i, arm, outcome) for i, outcome in enumerate(outcomes)), *_probes(of, arm)]
        for arm, outcomes in of.outcomes
    ]
    return tuple(row for own in rows for row in own)


def _probes(of: Script, arm: str) -> list[Trace]:
    if not of.world.demanded:
        return []
    whole, repaired = (trace(of.world, 0, arm, outcome) for outcome in ("right", "repaired"))
    return [
        replace(repaired if i < of.probes_repaired else whole, case_id=f"p{i:04}", probe=True) for i in range(of.probes)
    ]


def scores(of: Script) -> tuple[Score, ...]:
    """Every score of the run."""
    rows = (
        _case_scores(of.world, i, arm, outcome) for arm, outcomes in of.outcomes for i, outcome in enumerate(outcomes)
    )
    return tuple(score for row in rows for score in row)


def replaced(
    rows: Iterable[Score],
    arm: str,
    metric: str,
    values: Mapping[str, float | None],
    reason: str = "lost",
    applicable: bool = True,
) -> tuple[Score, ...]:
    """The same scores with some values of one arm and metric changed, by case id; None: unscored for this reason."""

    def changed(row: Score) -> Score:
        value = values[row.case_id]
        if value is None:
            return replace(row, value=None, reason=reason, applicable=applicable)
        return replace(row, value=value, reason=None, applicable=True)

    return tuple(
        changed(row) if (row.arm, row.metric) == (arm, metric) and row.case_id in values else row for row in rows
    )
