"""Scenario folders of four public data sets, and who is compared on them: what `benchmarks.real_data` runs.

A study is a set of questions with its contestants: arms of one or more scenarios that ask the same questions, since an
arm without passages needs another system message ("Use only the passages" would make it refuse).
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.golden.imported import case_row, passage_row, take
from harness.golden.importers.formats import import_data
from harness.golden.importers.tables import Source
from harness.record.codec import write_rows
from harness.types import Case, Evidence, Passage

REFUSAL = "The passages do not say."
OPEN_BOOK = f"Use only the passages. Answer in a few words. If the passages do not say, answer: {REFUSAL}"
YES_OR_NO = f"Use only the passages. Answer with Yes or No. If the passages do not say, answer: {REFUSAL}"
SEED = 7
QUESTIONS = 300
SHOWN = 3  # passages in a prompt
GENERAL_ITEMS = 100  # asked before and after a tune, against forgetting
BASE = "smollm2-base"  # without the reading adapter
CLOSED, RAG, ORACLE, TUNE = "closed book", "RAG", "oracle", "tune"
ANSWERED = ("correct", "refusal_needless", "recall@k")


@dataclass(frozen=True, slots=True)
class Contestant:
    """An arm of a scenario under the name that tables give it."""

    label: str
    folder: Path
    arm: str


@dataclass(frozen=True, slots=True)
class Study:
    """Questions, who answers them, and what is compared."""

    title: str
    asked: str  # what is asked of whom, in a sentence or two
    contestants: tuple[Contestant, ...]
    metrics: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]  # labels: the first minus the second
    reader: tuple[str, str] | None = None  # labels of RAG and of its ceiling, where gold passages are known


@dataclass(frozen=True, slots=True)
class Tune:
    """A training, chosen without a test question."""

    rate: float
    epochs: int
    batch: int = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What a user of this benchmark chooses."""

    data: Path
    home: Path  # scenario folders are written here
    model: str = "smollm2"
    limit: int | None = None  # questions of a study at most
    examples: int | None = None  # training examples at most, to try it

    def most(self, count: int) -> int:
        return count if self.limit is None else min(count, self.limit)


@dataclass(frozen=True, slots=True)
class Folder:
    """A scenario folder before it is written."""

    name: str
    title: str
    arms: tuple[str, ...]
    system: str
    cases: Sequence[Case]
    passages: Sequence[Passage] = ()
    examples: Sequence[tuple[str, str]] = ()  # question, answer
    shots: Sequence[tuple[str, str]] = ()
    tune: Tune | None = None
    shown: int = SHOWN
    model: str | None = None  # in the place of the one that the user names
    general: bool = True  # whether general ability is asked before and after a tune

    def write(self, terms: Terms) -> Path:
        folder = terms.home / self.name
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder / "golden.jsonl", map(case_row, self.cases))
        files: dict[str, object] = {"golden": "golden.jsonl"}
        answer: dict[str, object] = {"max_new_tokens": 24, "refusal": REFUSAL}
        if self.system:
            (folder / "system.md").write_text(self.system + "\n", encoding="utf-8")
            answer["system"] = "system.md"
        if self.passages:
            write_rows(folder / "corpus.jsonl", map(passage_row, self.passages))
            files["corpus"] = "corpus.jsonl"
        if self.examples:
            write_rows(folder / "train.jsonl", map(_example, self.examples))
            files["examples"] = "train.jsonl"
        if self.shots:
            write_rows(folder / "few_shot.jsonl", map(_example, self.shots))
            answer["few_shot"] = "few_shot.jsonl"
        forgetting = {"tasks": "general", "limit": GENERAL_ITEMS} if self.tune and self.general else {"tasks": "none"}
        settings = {
            "title": self.title, **files, "models": {"generator": self.model or terms.model}, "answer": answer,
            "retrieval": {"top_k": self.shown}, **_tuning(self.tune), "arms": list(self.arms),
            "candidate": next(arm for arm in reversed(self.arms) if arm != "oracle"),
            "safety": {"prompts": "none"}, "latency": {"questions": 0}, "seed": SEED,
            "forgetting": forgetting,
        }  # fmt: skip
        (folder / "scenario.yaml").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        return folder


def _example(pair: tuple[str, str]) -> dict[str, object]:
    return {"prompt": {"user": pair[0], "context": []}, "output": pair[1], "use": "both"}


def _tuning(tune: Tune | None) -> dict[str, object]:
    if tune is None:
        return {}
    own = {"epochs": tune.epochs, "learning_rate": tune.rate, "batch": tune.batch}
    # no example is held out: a fact that is not trained on cannot be asked for
    lora = {"targets": ["all-linear"], "rank": 16, "alpha": 32, "dropout": 0, "eval_share": 0, "warmup": 0.1}
    return {"tuning": {**own, **lora}}


# --- questions over passages ------------------------------------------------------------------------------------


def natural_questions(terms: Terms) -> tuple[Study, ...]:
    """Real questions to a search engine, each with its passage of Wikipedia; the corpus is all of these passages."""
    imported = import_data("jsonl", Source(terms.data / "nq_oracle" / "nq-open-oracle.jsonl.gz"))
    cases = take(imported, terms.most(QUESTIONS), SEED).cases
    title = "Natural Questions"
    alone = Folder("nq-closed", title, ("baseline",), "Answer in a few words.", cases)
    # the reading adapter refuses where it is shown nothing: what the weights know is asked of the model without it
    base = replace(alone, name="nq-closed-base", model=BASE).write(terms)
    read = Folder("nq-open", title, ("rag", "oracle"), OPEN_BOOK, cases, imported.passages).write(terms)
    asked = (
        f"{len(cases)} of {len(imported.cases):,} questions, drawn by seed; RAG finds {SHOWN} of "
        f"{len(imported.passages):,} passages, the oracle is given the gold passage alone."
    )
    alone_base = f"{CLOSED}, {BASE}"
    contestants = (
        Contestant(CLOSED, alone.write(terms), "baseline"), Contestant(alone_base, base, "baseline"), *_readers(read),
    )  # fmt: skip
    pairs = (RAG, CLOSED), (RAG, alone_base), (ORACLE, RAG)
    return (Study(title, asked, contestants, ANSWERED, pairs, (RAG, ORACLE)),)


def squad(terms: Terms) -> tuple[Study, ...]:
    """Questions about paragraphs of Wikipedia; about half are made so that their paragraph leaves them open."""
    imported = import_data("squad", Source(terms.data / "squad2" / "dev-v2.0.json"))
    home = {case.id: place for case, place in zip(imported.cases, _paragraphs(terms.data), strict=True)}
    drawn = take(imported, terms.most(QUESTIONS), SEED).cases
    cases = [replace(case, source=home[case.id]) for case in drawn]
    # each paragraph is a document of its own, so that questions about one are a cluster
    passages = [replace(passage, doc=passage.id) for passage in imported.passages]
    read = Folder("squad-open", "SQuAD 2.0", ("rag", "oracle"), OPEN_BOOK, cases, passages).write(terms)
    left_open = sum(case.kind == "unanswerable" for case in cases)
    asked = (
        f"{len(cases)} of {len(imported.cases):,} questions, drawn by seed, {left_open} of them unanswerable; RAG "
        f"finds {SHOWN} of {len(passages):,} paragraphs, the oracle is given the question's own paragraph alone."
    )
    metrics = "correct", "refusal_right", "refusal_needless", "recall@k"
    return (Study("SQuAD 2.0", asked, _readers(read), metrics, ((ORACLE, RAG),), (RAG, ORACLE)),)


def _paragraphs(data: Path) -> list[str]:
    """The passage id of each question's paragraph, in the order of the import, which names it `TITLE#NUMBER`."""
    articles = json.loads((data / "squad2" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    return [
        f"{article['title']}#{number}"
        for article in articles
        for number, paragraph in enumerate(article["paragraphs"], start=1)
        for _ in paragraph["qas"]
    ]


def _readers(folder: Path) -> tuple[Contestant, Contestant]:
    return Contestant(RAG, folder, "rag"), Contestant(ORACLE, folder, "oracle")


# --- labels -----------------------------------------------------------------------------------------------------

SHORT_MESSAGE = "Name the topic of the customer's message."
TRIED = tuple(Tune(rate, epochs) for rate in (5e-4, 1e-3) for epochs in (2, 4))
CHOSEN = {10: Tune(1e-3, 4), 77: Tune(1e-3, 2)}  # 77: half the passes over 2.6 times the messages, for its cost
EXAMPLES = {10: 30, 77: 10}  # a label
DEV_QUESTIONS = 60


def banking(count: int) -> Callable[[Terms], tuple[Study, ...]]:
    """Messages to a bank and their topics: some drawn labels, or all of them."""

    def study(terms: Terms) -> tuple[Study, ...]:
        labels, examples, _ = _labelled(terms, count)
        every = import_data("csv", Source(terms.data / "banking77" / "test.csv")).cases
        test = [case for case in every if case.accept[0] in labels]
        drawn = random.Random(f"{SEED}:test").sample(test, terms.most(min(QUESTIONS, len(test))))
        cases = [replace(case, split="test") for case in drawn]
        told = f"{SHORT_MESSAGE} Answer with one of these and nothing else: {', '.join(labels)}."
        shots = [next(pair for pair in examples if pair[1] == label) for label in labels if _has(examples, label)]
        earlier = [Passage(f"m{at}", f"m{at}", label, text) for at, (text, label) in enumerate(examples)]
        title, name = f"Banking77, {count} labels", f"banking{count}"
        untuned = Folder(
            f"{name}-untuned", title, ("baseline", "baseline+few-shot", "rag"), told, cases, earlier, shots=shots,
            shown=6,
        ).write(terms)  # fmt: skip
        tuned = Folder(
            f"{name}-tune", title, ("tune",), SHORT_MESSAGE, cases, examples=examples, tune=CHOSEN[count]
        ).write(terms)
        contestants = (
            Contestant("base, labels listed", untuned, "baseline"),
            Contestant(f"few-shot ({len(shots)} examples)", untuned, "baseline+few-shot"),
            Contestant("RAG over the training messages", untuned, "rag"),
            Contestant(TUNE, tuned, "tune"),
        )
        most = Counter(case.accept[0] for case in cases).most_common(1)[0][1]
        asked = (
            f"{len(cases)} of {len(test):,} test messages of {count} labels; {len(examples)} training messages, "
            f"the same for RAG (which shows the 6 nearest with their labels) and tune ({_said(CHOSEN[count])}, no list "
            f"of labels in its prompt); the commonest label is right for {most} of {len(cases)}."
        )
        first, few, rag, tune = (one.label for one in contestants)
        pairs = (few, first), (rag, few), (tune, few), (tune, rag)
        return (Study(title, asked, contestants, ("correct", "completion_tokens"), pairs),)

    return study


def choice(terms: Terms) -> tuple[Study, ...]:
    """The rate and epochs of the ten labels, on training messages that no other study uses."""
    _, examples, dev = _labelled(terms, 10)
    cases = dev[: terms.most(DEV_QUESTIONS)]
    contestants = []
    for tune in TRIED:
        name = f"banking10-dev-{tune.rate:g}-{tune.epochs}"
        folder = Folder(
            name, "Banking77, dev", ("tune",), SHORT_MESSAGE, cases, examples=examples, tune=tune, general=False
        )  # fmt: skip
        contestants.append(Contestant(_said(tune), folder.write(terms), "tune"))
    asked = f"{len(cases)} training messages that are not trained on; {len(examples)} that are."
    return (Study("Banking77, 10 labels: the choice of the training", asked, tuple(contestants), ("correct",), ()),)


def _said(tune: Tune) -> str:
    return f"rate {tune.rate:g}, {tune.epochs} epochs, {tune.batch} a step"


def _labelled(terms: Terms, count: int) -> tuple[list[str], list[tuple[str, str]], list[Case]]:
    """The drawn labels, as many training messages of each, and the other training messages as dev questions."""
    messages = import_data("csv", Source(terms.data / "banking77" / "train.csv")).cases
    known = sorted({case.accept[0] for case in messages})
    labels = sorted(random.Random(f"{SEED}:labels").sample(known, count))
    draw, examples, dev = random.Random(f"{SEED}:examples"), [], []
    for label in labels:
        own = [case for case in messages if case.accept[0] == label]
        draw.shuffle(own)
        examples += own[: EXAMPLES[count]]
        dev += own[EXAMPLES[count] :]
    draw.shuffle(examples)
    draw.shuffle(dev)
    pairs = [(case.question, case.accept[0]) for case in examples]
    return labels, pairs[: terms.examples], dev


def _has(examples: Sequence[tuple[str, str]], label: str) -> bool:
    return any(pair[1] == label for pair in examples)


# --- facts to learn ---------------------------------------------------------------------------------------------

# way of asking -> file and its column of the bare question, and the message to an arm that reads passages
WAYS: Mapping[str, tuple[str, str, str]] = {
    "as trained": ("memorization", "question", OPEN_BOOK),
    "rephrased": ("rephrased", "rephrased_question", OPEN_BOOK),
    "second hop, yes or no": ("secondary", "question", YES_OR_NO),
}
LEARN = Tune(1e-3, 12)  # until the loss on the facts themselves is near zero: no question of another wording was used


def people(terms: Terms) -> tuple[Study, ...]:
    """Facts about 25 made-up people: learned by a closed-book tune, or looked up."""
    facts = _rows(terms, "memorization")
    trained = [(row["prompt"], row["answer"]) for row in facts[: terms.examples]]
    passages = [Passage(f"f{at}", row["id"], _person(row), row["fact"]) for at, row in enumerate(facts)]
    studies = []
    for way, (file, column, system) in WAYS.items():
        rows, title = _rows(terms, file)[: terms.limit], f"FineTuneBench, people, {way}"
        known = [Case(f"{file}-{at}", row["prompt"], (row["answer"],), source=row["id"]) for at, row in enumerate(rows)]
        looked_up = [
            replace(case, question=row[column], evidence=(Evidence(id=f"f{at}"),), source=None)
            for at, (case, row) in enumerate(zip(known, rows, strict=True))
        ]
        learned = Folder(
            f"people-{file}-closed", title, ("baseline", "tune"), "", known, examples=trained, tune=LEARN
        ).write(terms)
        read = Folder(f"people-{file}-open", title, ("rag", "oracle"), system, looked_up, passages).write(terms)
        contestants = (
            Contestant("base, closed book", learned, "baseline"),
            Contestant("tune, closed book", learned, "tune"),
            *_readers(read),
        )
        yes = sum(row["answer"] == "Yes" for row in rows)
        always = f"; always No is right for {len(rows) - yes}" if way.startswith("second") else ""
        asked = (
            f"{len(rows)} of {len(facts)} facts; the tune ({_said(LEARN)}) is trained on {len(trained)} in the first "
            f"wording, RAG finds {SHOWN} of {len(passages)} passages, a fact each{always}."
        )
        pairs = (TUNE_BOOK, "base, closed book"), (RAG, TUNE_BOOK)
        studies.append(Study(title, asked, contestants, ANSWERED, pairs, (RAG, ORACLE)))
    return tuple(studies)


TUNE_BOOK = "tune, closed book"


def _rows(terms: Terms, file: str) -> list[dict[str, str]]:
    path = terms.data / "finetunebench_people" / f"{file}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _person(row: Mapping[str, str]) -> str:
    """The name of the person: the id is `first-last-code`."""
    return " ".join(part.capitalize() for part in row["id"].split("-")[:2])


STUDIES: Mapping[str, Callable[[Terms], tuple[Study, ...]]] = {
    "nq_oracle": natural_questions,
    "squad2": squad,
    "banking10": banking(10),
    "banking77": banking(77),
    "finetunebench_people": people,
    "banking10_choice": choice,
}
DEFAULT = tuple(name for name in STUDIES if name != "banking10_choice")
