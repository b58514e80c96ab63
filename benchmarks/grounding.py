"""The claim detector against human labels, and against errors made on purpose.

python -m benchmarks.grounding [DATA] [--embeddings]

DATA holds `begin_wow_dev` and `qags_cnndm` (default: ../shared/data beside the checkout). Each data set is halved 20
times by a seed, whole articles together; the threshold is chosen on one half and balanced accuracy taken on the other,
both ways. The second table needs no data but the shipped scenarios: their training answers beside their own evidence
and three neighbouring documents, as they are and with one number or name exchanged.
"""

from __future__ import annotations

import csv
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.documents.corpus import load_documents
from harness.golden.load import load_examples
from harness.metrics.support import THRESHOLD, supports
from harness.types import Example, Passage

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
HALVINGS = 20
SCENARIOS = ("helpdesk", "wiki")
_NUMBER = re.compile(r"\b\d+\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, the passage it should follow from, and whether people found that it does."""

    text: str
    passage: str
    group: str  # texts about one passage are halved together
    supported: bool


Scored = Sequence[tuple[float, Labelled]]


# --- human labels ------------------------------------------------------------------------------------------------


def begin(folder: Path) -> list[Labelled]:
    """BEGIN, Wizard of Wikipedia dev (Dziri et al. 2022): replies of four systems to one sentence of knowledge."""
    file = folder / "begin_wow_dev" / "begin_dev_wow.tsv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    label = "Fully attributable"
    return [Labelled(r["response"], r["knowledge"], r["knowledge"], r["begin_label"] == label) for r in rows]


def qags(folder: Path) -> list[Labelled]:
    """QAGS, CNN/DailyMail (Wang et al. 2020): summary sentences, the majority of three people.

    The articles are spaced out by a tokeniser ('235, 000', '122. 5'); their numbers are joined again.
    """
    rows = (folder / "qags_cnndm" / "mturk_cnndm.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Labelled(s["sentence"], re.sub(r"(\d)([.,]) (?=\d)", r"\1\2", a["article"]), a["article"], _majority(s))
        for a in map(json.loads, rows)
        for s in a["summary_sentences"]
    ]


def _majority(sentence: dict[str, list[dict[str, str]]]) -> bool:
    votes = [vote["response"] == "yes" for vote in sentence["responses"]]
    return 2 * sum(votes) > len(votes)


def coverage(item: Labelled) -> float:
    """The plain rival: share of the text's words that stand anywhere in the passage."""
    words, known = (re.findall(r"\w+", text.casefold()) for text in (item.text, item.passage))
    return sum(word in set(known) for word in words) / max(1, len(words))


def detector(item: Labelled) -> float:
    """Ours, as the metrics use it: the weakest claim decides; a text without a claim follows from nothing."""
    judged = supports(item.text, [Passage("p", "p", "", item.passage)])
    return min((claim.score for claim in judged), default=0.0)


def similarity(items: Sequence[Labelled]) -> list[float]:
    """MiniLM: cosine of the text and the nearest sentence of the passage."""
    from harness.metrics.language import sentences
    from harness.retrieval.embed import load_embedder

    embedder = load_embedder("minilm")
    parts = {item.passage: sentences(item.passage) for item in items}
    flat = list(dict.fromkeys(part for texts in parts.values() for part in texts))
    vectors = dict(zip(flat, embedder.embed(flat), strict=True))
    texts = embedder.embed([item.text for item in items])
    return [
        max(float(vector @ vectors[part]) for part in parts[item.passage])
        for item, vector in zip(items, texts, strict=True)
    ]


def balanced_accuracy(scored: Scored, threshold: float) -> float:
    """Mean of the shares found right among the supported and among the unsupported."""
    right: dict[bool, list[bool]] = {True: [], False: []}
    for score, item in scored:
        right[item.supported].append((score >= threshold) == item.supported)
    return statistics.mean(statistics.mean(values) for values in right.values())


def best_threshold(scored: Scored) -> float:
    """The score at which balanced accuracy is highest."""
    return max(sorted({score for score, _ in scored}), key=lambda t: balanced_accuracy(scored, t))


def held_out(scored: Scored, halvings: int = HALVINGS) -> list[float]:
    """Balanced accuracy on each half, threshold from the other, over all halvings."""
    return [balanced_accuracy(b, best_threshold(a)) for seed in range(halvings) for a, b in _halves(scored, seed)]


def _halves(scored: Scored, seed: int) -> Iterator[tuple[Scored, Scored]]:
    groups = sorted({item.group for _, item in scored})
    random.Random(seed).shuffle(groups)
    first = set(groups[: len(groups) // 2])
    a, b = [row for row in scored if row[1].group in first], [row for row in scored if row[1].group not in first]
    yield from ((a, b), (b, a))


def labels_table(folder: Path, embeddings: bool) -> None:
    """One line a data set and method."""
    print(f"{'data':8}{'method':22}{'held out':>9}{'sd':>7}{'best threshold':>16}{f'at {THRESHOLD}':>8}{'ms/text':>9}")
    for name, load in (("BEGIN", begin), ("QAGS", qags)):
        items = load(folder)
        scores: dict[str, tuple[list[float], float | None]] = {}
        scores |= {"word coverage": _timed(coverage, items), "claim detector": _timed(detector, items)}
        if embeddings:
            near = similarity(items)
            mixed = [(a + b) / 2 for a, b in zip(scores["claim detector"][0], near, strict=True)]
            scores |= {"MiniLM similarity": (near, None), "detector + MiniLM": (mixed, None)}
        for method, (values, milliseconds) in scores.items():
            _print_line(name, method, list(zip(values, items, strict=True)), milliseconds)


def _timed(score: Callable[[Labelled], float], items: Sequence[Labelled]) -> tuple[list[float], float]:
    """Scores, and milliseconds of processor time a text: wall time would measure the neighbours."""
    start = time.process_time()
    values = [score(item) for item in items]
    return values, (time.process_time() - start) / len(items) * 1000


def _print_line(name: str, method: str, scored: Scored, milliseconds: float | None) -> None:
    figures = held_out(scored)
    speed = "-" if milliseconds is None else f"{milliseconds:.2f}"
    print(
        f"{name:8}{method:22}{statistics.mean(figures):9.3f}{statistics.stdev(figures):7.3f}"
        f"{best_threshold(scored):16.3f}{balanced_accuracy(scored, THRESHOLD):8.3f}{speed:>9}"
    )


# --- errors made on purpose --------------------------------------------------------------------------------------


def errors_table() -> None:
    """One line a shipped scenario: how often a right answer is called unsupported, and a wrong one supported."""
    columns = ("right answers flagged", "other number passes", "other name passes", "no evidence passes")
    print(f"\n{'scenario':10}" + "".join(f"{column:>23}" for column in columns))
    for name in SCENARIOS:
        print(f"{name:10}" + "".join(f"{_share(values):>23}" for values in _errors(name)))


def _share(values: Sequence[bool]) -> str:
    return f"{statistics.mean(values):.1%} of {len(values)}" if values else "none"


def _errors(name: str) -> tuple[list[bool], list[bool], list[bool], list[bool]]:
    folder, draw = ROOT / "scenarios" / name, random.Random(7)
    documents = {d.id: Passage(d.id, d.id, d.title, d.text) for d in load_documents(folder / "corpus").documents}
    words = {id: set(re.findall(r"\w{4,}", passage.text.casefold())) for id, passage in documents.items()}
    flagged: list[bool] = []
    number: list[bool] = []
    named: list[bool] = []
    without: list[bool] = []
    for example in load_examples(folder / "train.jsonl"):
        own = list(dict.fromkeys(item.doc or "" for item in example.evidence))
        if not own:
            continue
        near = sorted((d for d in documents if d not in own), key=lambda d: -len(words[d] & words[own[0]]))[:3]
        shown = [documents[d] for d in (*own, *near)]
        text = _answer(example)
        flagged.append(not _supported(text, shown, example))
        without.append(_supported(text, shown[len(own) :], example))
        pool = "\n".join(passage.text for passage in shown)
        for pattern, results in ((_NUMBER, number), (_NAME, named)):
            results += [_supported(wrong, shown, example) for wrong in _exchanged(text, pattern, pool, example, draw)]
    return flagged, number, named, without


def _answer(example: Example) -> str:
    return example.output if isinstance(example.output, str) else str(example.output["answer"])


def _supported(text: str, passages: Sequence[Passage], example: Example) -> bool:
    return all(claim.supported for claim in supports(text, passages, example.user))


def _exchanged(text: str, pattern: re.Pattern[str], pool: str, example: Example, draw: random.Random) -> Iterable[str]:
    """The answer with its first value that the question does not name replaced by another of the passages."""
    own = [value for value in pattern.findall(text) if value.casefold() not in example.user.casefold()]
    others = sorted({v for v in pattern.findall(pool) if v not in text and v.casefold() not in example.user.casefold()})
    if own and others:
        yield text.replace(own[0], draw.choice(others), 1)


def main() -> None:
    """Both tables; the first is left out, with the reason, where the data is not there."""
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(arguments[0]) if arguments else DATA
    if (folder / "begin_wow_dev").is_dir():
        labels_table(folder, "--embeddings" in sys.argv)
    else:
        print(f"no human labels: {folder / 'begin_wow_dev'} is not there")
    errors_table()


if __name__ == "__main__":
    main()
