"""The first screen: its sentence, the level, tiles that follow the arms, one next step, what a run rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest

from harness.record.sections import DiagnosisSection, Record
from harness.report.charts.vega import slots
from harness.report.first.next_step import main_mode, next_step
from harness.report.first.sentence import MOST_WORDS
from harness.report.headline import headline
from harness.report.page.environment import environment
from harness.report.page.render import render_html
from harness.types import Estimate, GateStatus
from tests import make
from tests.report.runs import Reported, gate, span

# --- the sentence, over a grid of records -------------------------------------------------------------------------

STATUSES: tuple[GateStatus, ...] = ("pass", "fail", "not proven", "not measured")
LONG_NAME = "our help desk bot of last year, tuned"


def grid(record: Record) -> Iterator[Record]:
    """Every verdict, every arm to ship, every gate as the reason in every status, short and long names."""
    rows = {row.name: row for row in record.verdict.gates}
    for (name, row), status, ship in product(rows.items(), STATUSES, (None, "rag", record.candidate)):
        word = {"pass": "GO", "fail": "NO-GO"}.get(status, "NOT PROVEN")
        others = tuple(replace(other, status="pass") for other in rows.values() if other.name != name)
        unknown = replace(row, status=status, estimate=None, reason="nothing was timed")
        for judged in (replace(row, status=status), unknown):
            verdict = replace(record.verdict, word=word, ship=ship, gates=(judged, *others))
            yield replace(record, verdict=verdict)
    own = gate("fail", span(0.1, 0.0, 0.2), 0.9, name="house_rule", title=" ".join(["rule"] * 40))
    yield replace(record, verdict=replace(record.verdict, word="NO-GO", ship=None, gates=(own,)))
    for gates in ((), tuple(rows.values())):
        yield replace(record, verdict=replace(record.verdict, gates=gates, word="NOT PROVEN"))
    yield replace(record, partial=" ".join(["arms"] * 60))
    yield replace(record, arms=tuple(replace(arm, test_double=True) for arm in record.arms))


def renamed(record: Record, old: str, new: str) -> Record:
    """The record with an arm of another name where the first screen looks it up."""
    arms = tuple(replace(arm, name=new) if arm.name == old else arm for arm in record.arms)
    metrics = {new if arm == old else arm: row for arm, row in record.metrics.items()}
    verdict = replace(record.verdict, candidate=new, ship=new if record.verdict.ship == old else record.verdict.ship)
    return replace(record, arms=arms, metrics=metrics, verdict=verdict, candidate=new)


def records(run: Reported) -> Iterator[Record]:
    go = make.record()
    for base in (run.record, go, renamed(run.record, "hybrid", LONG_NAME)):
        yield from grid(base)
    rag = make.drawn(replace(make.BUSY.world, n=25, hostile=False), ("rag",))
    yield make.record(replace(make.figures(rag), candidate="rag"), rag, advised=None)
    for advised in ("rag", "fine_tune", "both", "rag_first", "of a later version", None):
        yield replace(go, verdict=replace(go.verdict, advised=advised))
        yield replace(run.record, verdict=replace(run.record.verdict, ship=None, advised=advised))


def test_every_first_sentence_has_at_most_25_words_and_says_what_to_ship(run: Reported) -> None:
    seen = 0
    for record in records(run):
        sentence = headline(record).sentence
        assert len(sentence.split()) <= MOST_WORDS, sentence
        assert sentence.startswith("Ship ")
        ship = record.verdict.ship
        assert ("nothing" in sentence.split(":")[0]) == (ship is None), sentence
        seen += 1
    assert seen > 150


class FirstScreen(HTMLParser):
    """The texts of the first screen, a block element each."""

    BLOCKS = frozenset({"h1", "h2", "p", "dt", "dd", "li", "pre"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[list[str]] = []
        self.blocks: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in self.BLOCKS:
            self.open.append([])
        self.hidden += tag == "title"

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.blocks.append(" ".join("".join(self.open.pop()).split()))
        self.hidden -= tag == "title"

    def handle_data(self, data: str) -> None:
        if self.open and not self.hidden:
            self.open[-1].append(data)


def first_screen(record: Record, run: Reported | None = None) -> list[str]:
    first = headline(record, run.cases if run else ())
    template = environment().get_template("parts/first.jinja")
    parser = FirstScreen()
    parser.feed(template.render(first=first, record=record, slots=slots(record.arm_names)))
    return parser.blocks


def test_every_sentence_of_the_first_screen_has_at_most_25_words(run: Reported) -> None:
    for record in list(records(run))[::7]:
        for block in first_screen(record, run):
            for sentence in block.replace("? ", ". ").split(". "):
                assert len(sentence.split()) <= MOST_WORDS, sentence


# --- five questions of a reader, from the first screen alone ------------------------------------------------------


def test_five_questions_of_a_reader_are_answered(run: Reported) -> None:
    record = run.record
    blocks = first_screen(record, run)
    text = "\n".join(blocks)
    sentence = headline(record).sentence
    assert sentence.replace(" %", " %") in text or sentence in text, "which arm, and why not another"
    assert record.verdict.candidate in blocks[0], "which arm was judged"
    bars = [block for block in blocks if "candidate" in block and "%" in block]
    level = record.estimate(record.verdict.candidate, "task_success")
    assert level is not None
    assert level.mean is not None
    assert any(f"{100 * level.mean:.1f} %" in block for block in bars), "how good"
    assert all(arm in text for arm in record.arm_names), "beside the others"
    assert "Dashed line: " in text, "beside one fixed answer"
    step = next_step(record)
    assert step is not None
    assert step.text in text
    assert step.effect in text, "what next, and what it should bring"
    assert "95 % interval of 130 questions" in text, "how sure"
    assert "golden questions" in text, "and what it rests on"


def test_no_number_of_questions_beyond_ten_times_the_set_is_advice(run: Reported) -> None:
    wide = gate("not proven", Estimate(0.5, 0.4, 0.6, 100), 0.51, name="task_success", n_needed=184_333)
    verdict = replace(run.record.verdict, gates=(wide,), word="NOT PROVEN", ship=None)
    html = render_html(replace(run.record, verdict=verdict, diagnosis=()), (), (), ())
    assert "184,233" not in html
    assert "184,333" not in html
    near = replace(wide, n_needed=350)
    step = next_step(replace(run.record, verdict=replace(verdict, gates=(near,)), diagnosis=()))
    assert step is not None
    assert step.text == "Ask 325 more questions of the same kind.", "250 more of what 100 of 130 questions have"
    other = gate("not proven", Estimate(0.5, 0.4, 0.6, 100), 0.51, name="schema", n_needed=700)
    both = next_step(replace(run.record, verdict=replace(verdict, gates=(near, other)), diagnosis=()))
    assert both is not None
    assert both.text == "Ask 780 more questions of the same kind.", "as many as settle every open gate"
    one = next_step(replace(run.record, verdict=replace(verdict, gates=(near, wide)), diagnosis=()))
    assert one is not None
    assert "more questions" not in one.text, "one of them stays open"


# --- what to do next ----------------------------------------------------------------------------------------------


def mode(arm: str, evidence: int, **changes: Any) -> DiagnosisSection:
    cases = tuple(map(str, range(evidence)))
    base = DiagnosisSection(f"mode-{arm}", f"Mode of {arm}", arm, "s", cases, "c", "Do it.", {"a.b": 1}, "a: 1 → 2")
    return replace(base, **changes)


def test_the_step_is_the_fix_that_could_win_most_questions_of_the_candidate(run: Reported) -> None:
    arm = run.record.verdict.candidate
    share = span(0.59, 0.52, 0.66)
    worst_of = mode(arm, 77, mode="worst", wins=77, share=share)
    diagnosis = (mode("rag", 90), mode(arm, 80, tried="no change"), worst_of, mode(arm, 3))
    record = replace(run.record, diagnosis=diagnosis, verdict=replace(run.record.verdict, ship=None, word="NO-GO"))
    worst = main_mode(record)
    assert worst is diagnosis[2]
    step = next_step(record)
    assert step is not None
    assert (step.text, step.setting) == ("Do it.", "a: 1 → 2")
    assert step.command == "harness run scenarios/helpdesk --try-fix worst"
    assert step.effect == f"Mode of {arm}. The fix could win at most 77 of 130 questions (52.0 to 66.0 %)."
    assert main_mode(replace(record, diagnosis=diagnosis[:1])) is diagnosis[0], "of another arm where it has none"


def test_what_to_do_follows_the_verdict(run: Reported) -> None:
    go = make.record()
    step = next_step(go)
    assert step is not None
    assert "tenth of the traffic" in step.text
    assert step.command == f"harness bless {go.run_id}"
    other = next_step(replace(run.record, verdict=replace(run.record.verdict, word="NO-GO", ship="rag")))
    assert other is not None
    assert other.command == f"harness gate {run.record.run_id} --arm rag"
    double = replace(run.record, arms=tuple(replace(arm, test_double=True) for arm in run.record.arms))
    real = next_step(double)
    assert real is not None
    assert "real model" in real.text


# --- the level and the tiles --------------------------------------------------------------------------------------


def test_the_level_stands_on_one_scale_with_the_fixed_answer(run: Reported) -> None:
    level = headline(run.record, run.cases).level
    assert [bar.arm for bar in level.bars] == list(run.record.arm_names)
    assert [bar.arm for bar in level.bars if bar.role.startswith("candidate")] == [run.record.candidate]
    for bar in level.bars:
        success = run.record.estimate(bar.arm, "task_success")
        assert success is not None
        assert success.mean is not None
        assert bar.middle == pytest.approx(100 * success.mean, abs=0.01)
        assert bar.low is not None
        assert bar.high is not None
        assert bar.low <= bar.middle <= bar.high
    constant = level.constant
    unanswerable = sum(case.kind == "unanswerable" for case in run.cases if case.split == "test")
    assert constant is not None
    assert constant.says == "refusing every question"
    tested = sum(case.split == "test" for case in run.cases)
    assert constant.at == pytest.approx(100 * unanswerable / tested, abs=0.01)
    assert headline(run.record).level.constant is None


def test_many_arms_leave_the_marked_ones_and_the_best(run: Reported) -> None:
    worst = span(0.01, 0.0, 0.05)
    rag = next(arm for arm in run.record.arms if arm.name == "rag")
    more = tuple(replace(rag, name=f"poor-{i}") for i in range(5))
    metrics = {**run.record.metrics, **{arm.name: {"task_success": worst} for arm in more}}
    level = headline(replace(run.record, arms=(*more, *run.record.arms), metrics=metrics)).level
    assert (len(level.bars), level.left_out) == (6, 4)
    assert {"rag", run.record.candidate} <= {bar.arm for bar in level.bars}


def test_tiles_follow_the_arms(run: Reported) -> None:
    def titles(record: Record) -> list[str]:
        return [tile.title for tile in headline(record).tiles]

    assert titles(run.record) == ["Gain over RAG-only", "Groundedness", "p95 against RAG-only"]
    rag = make.drawn(replace(make.BUSY.world, n=25, hostile=False), ("rag",))
    alone = make.record(replace(make.figures(rag), candidate="rag"), rag)
    assert titles(alone) == ["Gain over one fixed answer", "Groundedness", "p95 latency"]
    bare = replace(run.record, differences=(), metrics={}, forms={}, latency=replace(run.record.latency, arms={}))
    assert titles(replace(bare, verdict=replace(bare.verdict, gates=()))) == []


def test_a_run_that_cannot_count_says_so_first(run: Reported) -> None:
    arms = tuple(replace(arm, test_double=True) for arm in run.record.arms)
    words = headline(replace(run.record, arms=arms, partial="2 of 5 arms")).warnings
    assert [("test double" in w, "2 of 5 arms" in w).index(True) for w in words] == [0, 1]
    assert headline(run.record).warnings == ()


def test_the_advice_stands_in_words_that_need_no_context(run: Reported) -> None:
    def said(advised: str | None, **changes: Any) -> tuple[str, str]:
        words = headline(replace(run.record, verdict=replace(run.record.verdict, advised=advised, **changes))).checklist
        return (words.advised, words.compared) if words else ("", "")

    assert said("rag_first")[0] == "RAG first, tune later"
    assert said(None) == ("", ""), "no block where nothing was advised"
    assert said("both", ship=None)[1] == "No arm can be shipped, so the run neither confirms nor refutes the advice."
    assert said("both", ship="rag", agreement="disagrees")[1].startswith("They disagree: tuning gained no more")
    assert said("rag", ship="rag", agreement="agrees")[1] == "They agree: rag is an arm of the advised kind."


def test_who_verified_the_golden_set_is_a_sentence(run: Reported) -> None:
    def words(**verified: int) -> str:
        golden = replace(run.record.golden, cases={"test": 10}, verified_by=verified)
        return headline(replace(run.record, golden=golden)).golden

    assert words(machine=10).startswith("No person has verified the 10")
    assert words(person=10) == "People verified all 10 golden questions."
    assert words(person=4, machine=6) == "People verified 4 of the 10 golden questions (40 %)."
    assert words().startswith("Nothing says who")
    assert words(**{"not said": 10}) == "Nothing says who verified the 10 golden questions."


def test_what_too_few_questions_leave_open_is_said_so_and_more_of_them_come_first(run: Reported) -> None:
    near = gate("not proven", Estimate(1.0, 0.8, 1.0, 65), 0.9, name="groundedness", n_needed=165)
    verdict = replace(run.record.verdict, gates=(near,), word="NOT PROVEN", ship=None)
    record = replace(run.record, verdict=verdict)
    assert "but 65 questions are too few to prove at least 90 %" in headline(record).sentence
    step = next_step(record)
    assert step is not None
    assert step.text == "Ask 200 more questions of the same kind.", "100 more of what every second question has"
    assert "--add" in step.command
    behind = replace(near, estimate=Estimate(0.85, 0.8, 0.95, 65))
    other = next_step(replace(record, verdict=replace(verdict, gates=(behind,))))
    assert other is not None
    assert other.place == "diagnosis", "a fix, where what was measured does not meet the limit"
    timed = replace(near, name="p95_ms")
    assert next_step(replace(record, verdict=replace(verdict, gates=(timed,)))) != step, (
        "a setting times more questions"
    )


def test_a_tile_reads_on_the_side_of_its_gate(run: Reported) -> None:
    estimate = Estimate(0.8997, 0.8985, 0.89998, 130)
    candidate = run.record.verdict.candidate
    verdict = replace(run.record.verdict, gates=(gate("fail", estimate, 0.9, name="groundedness"),))
    metrics = {candidate: {"groundedness": estimate}}
    key = next(tile for tile in headline(replace(run.record, verdict=verdict, metrics=metrics)).tiles
               if tile.title == "Groundedness")  # fmt: skip
    assert (str(key.value), key.interval, key.gate and key.gate.threshold) == (
        "89.970 %", "89.850 to 89.998 %", "≥ 90 %"
    )  # fmt: skip
