"""Drafts of every kind: what passes, what is dropped and why, what is asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.drafts.draft import RULE, Drafts, Neighbours
from harness.drafts.kinds import KINDS
from harness.drafts.make import make_drafts, make_paraphrases
from harness.drafts.quotes import topics
from harness.golden.alike import first_alike
from harness.types import Kind, Prompt
from tests.make.office import PASSAGES, bench, passage, script, sentence

ALL: dict[Kind, int] = {"lookup": 8, "multi_hop": 2, "unanswerable": 4, "style": 3}


def drafted(
    folder: Path,
    counts: dict[Kind, int],
    answer: Callable[[Prompt], str] = script,
    neighbours: Neighbours | None = None,
) -> Drafts:
    return make_drafts(topics(PASSAGES, 7), bench(folder, answer, neighbours), counts, seed=7)


def test_every_kind_is_drafted_with_its_quotes(tmp_path: Path) -> None:
    drafts = drafted(tmp_path, ALL)
    by_kind = {kind: [d for d in drafts.drafts if d.kind == kind] for kind in ALL}
    assert {kind: len(rows) for kind, rows in by_kind.items()} == ALL
    for draft in by_kind["lookup"]:
        (quote,) = draft.quotes
        assert quote in draft.topic.passages[0].text
        assert draft.answers[0] in quote
    for draft in by_kind["multi_hop"]:
        assert draft.maker == RULE, "the writer says nothing here, so that the rule fills in"
        assert len(draft.evidence) == len({item.doc for item in draft.evidence}) == 2
        assert all(answer in quote for answer, quote in zip(draft.answers, draft.quotes, strict=True))
    for draft in by_kind["unanswerable"]:
        assert (draft.evidence, draft.answers) == ((), ())
        assert draft.question.startswith("Which architect")
    assert all(draft.question.startswith("hey there") for draft in by_kind["style"])
    questions = [(d.id, d.question) for d in drafts.drafts]
    assert all(first_alike(q, questions[:at]) is None for at, (_, q) in enumerate(questions))


def test_the_funnel_adds_up_and_names_its_reasons(tmp_path: Path) -> None:
    drafts = drafted(tmp_path, ALL)
    for kind, rows in drafts.funnels.items():
        assert [row.check for row in rows] == list(KINDS[kind].checks)
        assert [row.passed for row in rows[:-1]] == [row.entered for row in rows[1:]]
        lost = sum(drop.kind == kind for drop in drafts.drops)
        assert rows[0].entered - rows[-1].passed == lost
    assert all(drop.why and drop.doc for drop in drafts.drops)


WRONG: dict[str, tuple[str, Callable[[Prompt], str]]] = {
    "question": ("no question was written", lambda prompt: "I cannot."),
    "about the text": ("it asks about the text", lambda prompt: "What does the sentence say about the gym?"),
    "reader": (
        "the reader finds no answer",
        lambda prompt: "The passages do not say." if prompt[0].content.startswith("Answer") else script(prompt),
    ),
    "elsewhere": (
        "the reader answers from elsewhere",
        lambda prompt: "at the desk" if prompt[0].content.startswith("Answer") else script(prompt),
    ),
    "given away": (
        "the question gives the answer away",
        lambda prompt: (
            prompt[-1].content.split("\nSentence: The ")[-1].replace("costs", "does cost", 1).rstrip(".") + "?"
            if prompt[0].content.startswith("You write")
            else script(prompt)
        ),
    ),
    "one word": (
        "the answer is one common word",
        lambda prompt: "month" if prompt[0].content.startswith("Answer") else script(prompt),
    ),
    "elsewhere found": (
        "the retriever does not bring its quote",
        lambda prompt: "What does the office cost us?" if prompt[0].content.startswith("You write") else script(prompt),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_pass_is_dropped_with_the_reason(tmp_path: Path, name: str) -> None:
    why, answer = WRONG[name]
    drafts = drafted(tmp_path, {"lookup": 3}, answer)
    assert not any(draft.topic.docs == ("locker.md",) for draft in drafts.drafts)
    assert any(drop.why.startswith(why) for drop in drafts.drops), drafts.drops


def test_what_the_golden_set_or_training_has_is_not_drafted_again(tmp_path: Path) -> None:
    costs = [("g:1", "What does the gym in room 110 cost?")]
    for neighbours, check in (
        (Neighbours(golden=costs), "repeat"),
        (Neighbours(training=costs), "leak"),
        (Neighbours(evidence={"gym.md": ["costs 10 EUR a month"]}), "leak"),
    ):
        drafts = drafted(tmp_path, {"lookup": 20}, neighbours=neighbours)
        assert not any(d.quotes == (sentence("gym", 10),) for d in drafts.drafts)
        assert [drop.check for drop in drafts.drops if drop.doc == "gym.md"] == [check]


def test_only_a_changed_page_is_asked_about_again(tmp_path: Path) -> None:
    first = drafted(tmp_path, {"lookup": 20})
    assert (first.remembered, first.replies > 0) == (0, True)
    again = drafted(tmp_path, {"lookup": 20}, lambda prompt: pytest.fail("asked again"))
    assert (again.drafts, again.remembered) == (first.drafts, first.replies)
    prompts: list[Prompt] = []

    def watch(prompt: Prompt) -> str:
        prompts.append(prompt)
        return script(prompt)

    changed = make_drafts(topics([passage("gym", 99), *PASSAGES[1:]], 7), bench(tmp_path, watch), {"lookup": 20}, 7)
    assert prompts
    assert all("gym" in prompt[-1].content for prompt in prompts)
    others = [draft for draft in first.drafts if draft.topic.docs != ("gym.md",)]
    assert [draft for draft in changed.drafts if draft.topic.docs != ("gym.md",)] == others


def test_paraphrases_keep_the_answer_and_say_it_otherwise(tmp_path: Path) -> None:
    drafts = drafted(tmp_path, {"lookup": 6})
    others = make_paraphrases(drafts.drafts, bench(tmp_path), seed=7).drafts
    assert others
    bases = {draft.question: draft for draft in drafts.drafts}
    for other in others:
        assert other.question != other.base
        assert other.answers == bases[other.base].answers


def test_a_reader_that_answers_from_a_page_makes_no_unanswerable_draft(tmp_path: Path) -> None:
    def asks_what_is_said(prompt: Prompt) -> str:
        if prompt[0].content.startswith("You are given a page"):
            thing = prompt[-1].content.split("\n")[0].removeprefix("Title: Office ")
            return f"On which holidays is the {thing} closed on every weekend?"
        return script(prompt)

    drafts = drafted(tmp_path, {"unanswerable": 3}, asks_what_is_said)
    assert all(draft.maker == RULE for draft in drafts.drafts), "a thing that no page knows takes its place"
    assert any(drop.why == "every word of it stands in the passages" for drop in drafts.drops)
