"""Items of the evaluation: a prompt in the harness' own layout, the case, and the form that is demanded.

Every set is drawn by a fixed seed and none of it is ever trained on: hand-written pages and topics kept out of
`pocket`'s recipe, and real questions (Natural Questions, SQuAD 2.0) from a folder of data sets where there is one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from harness.prompts import render
from harness.structured import FormDemand
from harness.types import Case, Passage, Prompt
from recipes.pocket import conversations, topics, values
from recipes.pocket.topics import Topic
from recipes.reader import materials

# of the hand-written questions, those whose answers were read while the training went on: a choice was made on them
LOOKED_AT = 40
REFUSAL = "The passages do not say."
SHORT = f"Use only the passages. Answer in a few words. If the passages do not say, answer: {REFUSAL}"
SENTENCE = f"Use only the passages. Answer in one sentence. If the passages do not say, answer: {REFUSAL}"
CITED = "Answer from the passages in one short sentence and end with the id of the passage in brackets, like [S1]."
# a house format that no row of the training text has: its keys are held against those of `forms` by a test
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "settled": {"enum": ["fully", "not at all"]},
        "wording": {"type": "string"},
        "witnesses": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["settled", "wording", "witnesses"],
    "additionalProperties": False,
}
HOUSE = (
    "You answer letters for the archive. Use only the passages.\n"
    'Write one JSON object with exactly the keys "settled", "wording" and "witnesses" and nothing around it. '
    '"settled" is "fully" when the passages answer and "not at all" when they do not. "wording" is the answer in a few '
    'words. "witnesses" is the list of the ids of the passages that say so, like ["S2"].\n'
    f'If the passages do not say, "settled" is "not at all", "wording" is "{REFUSAL}" and "witnesses" is [].'
)
PLAIN_FORM = FormDemand(refusal=REFUSAL)
HOUSE_FORM = FormDemand(SCHEMA, "wording", "settled", "not at all", "witnesses", REFUSAL)


@dataclass(frozen=True)
class Item:
    """One question to a model. Without accepted answers the right answer is a refusal."""

    prompt: Prompt
    case: Case
    demand: FormDemand = PLAIN_FORM
    source: tuple[str, ...] = field(default=())  # labels of the passages that answer


def item(name: str, question: str, accept: Iterable[str], passages: Sequence[Passage], system: str = SHORT) -> Item:
    """An item in plain text."""
    accepted = tuple(accept)
    case = Case(name, question, accepted, kind="lookup" if accepted else "unanswerable")
    return Item(render(question, system, passages), case)


def passages_of(pages: Iterable[Any]) -> list[Passage]:
    """Passages of (title, text) pages."""
    return [Passage(f"p{at}", page.title, page.title, page.text) for at, page in enumerate(pages, 1)]


def handwritten(count: int) -> list[Item]:
    """Questions about hand-written pages, two pages a question; half short, half in a sentence."""
    lines = (values.HERE / "handwritten.jsonl").read_text(encoding="utf-8").splitlines()[:count]
    rows = [json.loads(line) for line in lines]
    return [
        item(
            row["id"], row["question"], row["accept"],
            [Passage(f"p{i}", p["title"], p["title"], p["text"]) for i, p in enumerate(row["passages"])],
            SENTENCE if at % 2 else SHORT,
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip


def of_topics(count: int, answered: bool, known: Sequence[Topic], seed: str, pages: int = 2) -> list[Item]:
    """Questions about pages of these topics, or questions that they leave open."""
    drawn = []
    for at in range(count):
        rng = Random(f"reader-items/{seed}/{answered}/{at}")
        world, asked = conversations.ask_topics(rng, pages, 1, 0.0 if answered else 1.0, known=known)
        ask = asked[0]
        accept = () if ask.outcome.value is None else (ask.outcome.value,)
        one = item(f"{seed}-{at}", ask.question, accept, passages_of(world.pages), SENTENCE if at % 2 else SHORT)
        drawn.append(replace(one, source=ask.outcome.ids))
    return [one for one in drawn if bool(one.case.accept) == answered]


def kept_out(count: int, answered: bool = True) -> list[Item]:
    """The topics that neither `pocket` nor the reader was trained on."""
    return of_topics(count, answered, topics.held_out(), "kept-out")


def dev(count: int, answered: bool = True) -> list[Item]:
    """Topics and kinds on which choices are made."""
    return of_topics(count, answered, materials.dev(), "dev")


def in_form(items: Iterable[Item], system: str, demand: FormDemand) -> list[Item]:
    """The same questions and passages under another system message."""
    return [
        replace(one, prompt=(replace(one.prompt[0], content=system), *one.prompt[1:]), demand=demand) for one in items
    ]


def sources(count: int) -> list[Item]:
    """Questions about three pages of topics kept out, with the id of the passage demanded."""
    return in_form(of_topics(count, True, topics.held_out(), "sources", 3), CITED, PLAIN_FORM)


def natural_questions(folder: Path, count: int, beside: int = 0) -> list[Item]:
    """Real questions with their gold passage, alone or at a drawn place among passages of like words."""
    file = folder / "nq_oracle" / "nq-open-oracle.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle]
    gold = [_gold(row, at) for at, row in enumerate(rows)]
    chosen = Random("reader-items/nq").sample(range(len(rows)), count)
    others = _near(gold) if beside else (lambda at, few: [])
    drawn = []
    for at in chosen:
        rng = Random(f"reader-items/nq/{at}")
        shown = others(at, beside)
        place = rng.randint(0, len(shown))
        shown.insert(place, gold[at])
        one = item(f"nq-{at}", rows[at]["question"], rows[at]["answers"], shown)
        drawn.append(replace(one, source=(f"S{place + 1}",)))
    return drawn


def _gold(row: Mapping[str, Any], at: int) -> Passage:
    passage = next(shown for shown in row["ctxs"] if shown.get("isgold"))
    return Passage(f"nq{at}", passage["title"], passage["title"], passage["text"])


def _near(passages: Sequence[Passage]) -> Callable[[int, int], list[Passage]]:
    """For a question's own passage, the others that BM25 finds with its title and first words."""
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([f"{p.title} {p.text}".lower().split() for p in passages])

    def near(at: int, few: int) -> list[Passage]:
        scores = index.get_scores(f"{passages[at].title} {passages[at].text}".lower().split()[:40])
        order = sorted(range(len(passages)), key=lambda i: -scores[i])
        own = passages[at]
        return [passages[i] for i in order if i != at and passages[i].text != own.text][:few]

    return near


def squad(folder: Path, count: int, answered: bool) -> list[Item]:
    """Questions of SQuAD 2.0 with their paragraph: answerable ones, or ones that it leaves open."""
    data = json.loads((folder / "squad2" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    rows = [
        (article["title"].replace("_", " "), paragraph["context"], question)
        for article in data for paragraph in article["paragraphs"] for question in paragraph["qas"]
        if question["is_impossible"] != answered
    ]  # fmt: skip
    drawn = Random(f"reader-items/squad/{answered}").sample(rows, count)
    return [
        item(
            f"squad-{question['id']}", question["question"], dict.fromkeys(a["text"] for a in question["answers"]),
            [Passage("p1", title, title, text)],
        )
        for title, text, question in drawn
    ]  # fmt: skip
