"""The claim detector against plain word coverage, on people's labels and on errors made on purpose; choices inside.

    python -m benchmarks.grounding_nested [DATA] [--only NAME] [--answers 120]

BEGIN and QAGS have people's labels. In the other rows right answers stand beside the same ones with a number or a name
exchanged for another of the passages, with a denial put in, and (scenarios) without their evidence: the training
answers of a shipped scenario, shown their page and the three most similar others, and accepted answers of Natural
Questions, shown their gold passage.

Five folds by article or sentence of knowledge, four times by a seed. What a method leaves open (its threshold; which
rules, which window and which weight of phrases, where it chooses among them; the weights of a logistic regression) is
chosen on four folds by balanced accuracy, and the fifth is judged by that. Intervals are of a bootstrap over the same
groups, of figures and of paired differences. A rule earns its place on a data set if leaving it out costs: the interval
of the difference lies below 0.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import harness.metrics.language as english
import harness.metrics.support as rules
from benchmarks.grounding import _NAME, _NUMBER, DATA, ROOT, Labelled, _answer, _exchanged, begin, qags
from harness.documents.corpus import load_documents
from harness.golden.load import load_examples
from harness.metrics.grammar import Denied
from harness.metrics.language import sentences
from harness.types import Example, Passage

FOLDS, SEEDS, RESAMPLES = 5, 4, 2000
Scores = NDArray[np.float64]
Right = NDArray[np.float64]  # of each item: share of the seeds whose held-out decision was right


@dataclass(frozen=True, slots=True)
class Item:
    """A text, what it was shown, and whether it follows from that."""

    text: str
    passages: tuple[Passage, ...]
    group: str  # items about one page are held out together
    supported: bool
    question: str = ""

    @property
    def passage(self) -> str:
        return "\n".join(f"{passage.title} {passage.text}" for passage in self.passages)


def of_people(labels: Sequence[Labelled]) -> list[Item]:
    return [Item(row.text, (Passage("p", "p", "", row.passage),), row.group, row.supported) for row in labels]


def of_scenario(name: str, answers: int, plain: bool = False) -> list[Item]:
    """Training answers of a shipped scenario, right and made wrong.

    Args:
        answers: how many right ones, at least, where the scenario has them.
        plain: the errors are plain words exchanged, in place of numbers, names and denials.
    """
    folder, draw = ROOT / "scenarios" / name, random.Random(7)
    pages = {d.id: Passage(d.id, d.id, d.title, d.text) for d in load_documents(folder / "corpus").documents}
    words = {id: set(re.findall(r"\w{4,}", page.text.casefold())) for id, page in pages.items()}
    examples = [example for example in load_examples(folder / "train.jsonl") if example.evidence]
    items: list[Item] = []
    for example in examples[:: max(1, len(examples) // answers)]:
        own = list(dict.fromkeys(item.doc or "" for item in example.evidence))
        near = sorted((id for id in pages if id not in own), key=lambda id: -len(words[id] & words[own[0]]))[:3]
        shown, others = tuple(pages[id] for id in (*own, *near)), tuple(pages[id] for id in near)
        if plain:
            items += _with_other_word(_answer(example), shown, own[0], example, draw)
            continue
        items += _with_errors(_answer(example), shown, own[0], example, draw)
        items.append(Item(_answer(example), others, own[0], False, example.user))
    return items


def of_questions(folder: Path, answers: int) -> list[Item]:
    """Accepted answers of Natural Questions, right and made wrong."""
    draw, items = random.Random(7), list[Item]()
    with gzip.open(folder / "nq_oracle" / "nq-open-oracle.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    for row in rows[:: max(1, len(rows) // answers)]:
        gold = row["ctxs"][0]
        passage = Passage("p", "p", gold["title"], gold["text"])
        answer = next((text for text in row["answers"] if text in gold["text"]), None)
        if answer is not None:
            asked = Example(row["question"], answer, "both")
            items += _with_errors(answer, (passage,), gold["title"], asked, draw)
    return items


def _with_errors(
    text: str, shown: tuple[Passage, ...], group: str, example: Example, draw: random.Random
) -> Iterator[Item]:
    yield Item(text, shown, group, True, example.user)
    pool = "\n".join(passage.text for passage in shown)
    pattern = _NAME if re.match(r"[A-Z]", text) and not _NUMBER.search(text) else _NUMBER
    wrong = list(_exchanged(text, pattern, pool, example, draw)) or _other_value(text, pool, example, draw)
    denied = re.sub(r"\b(is|are|was|were|has|have|may|must|can|will)\b", r"\1 not", text, count=1)
    for other in [*wrong, *([denied] if denied != text else [])]:
        yield Item(other, shown, group, False, example.user)


_PLAIN = re.compile(r"(?<![\w'’-])[a-z]{4,}(?![\w'’-])")


def _with_other_word(
    text: str, shown: tuple[Passage, ...], group: str, example: Example, draw: random.Random
) -> Iterator[Item]:
    """The answer, and the same with a word that is news to the question exchanged for another of its own page."""
    page, asked = shown[0].text, set(_words(example.user))
    own = sorted(
        word
        for word in set(_PLAIN.findall(text)) - asked
        if word in page and not english.STOP_STEMS & set(english.stems(word))
    )
    others = sorted(
        w
        for w in set(_PLAIN.findall(page)) - asked - set(_words(text))
        if not english.STOP_STEMS & set(english.stems(w))
    )
    if own and others:
        yield Item(text, shown, group, True, example.user)
        old, new = draw.choice(own), draw.choice(others)
        yield Item(re.sub(rf"\b{old}\b", new, text), shown, group, False, example.user)


def _other_value(text: str, pool: str, example: Example, draw: random.Random) -> list[str]:
    """Where the whole text is a value: another name of the passages in its place."""
    names = sorted({name for name in _NAME.findall(pool) if name not in text and name not in example.user})
    return [draw.choice(names)] if names and len(text.split()) <= 4 and re.match(r"[A-Z]", text) else []


def coverage(item: Item) -> float:
    """The plain rival: share of the text's words that stand anywhere in the passages."""
    words, known = _words(item.text), set(_words(item.passage))
    return sum(word in known for word in words) / max(1, len(words))


def scores_by_rules(items: Sequence[Item]) -> Scores:
    """The weakest claim of each text, by the rules as they stand; what a closer line speaks against is 0."""
    return np.array([_weakest(item) for item in items])


def _weakest(item: Item) -> float:
    judged = rules.supports(item.text, item.passages, item.question, threshold=0.0)
    return min((claim.score for claim in judged), default=0.0)


NOTHING: Callable[..., str] = lambda *of: ""  # noqa: E731
CHANGES: Mapping[str, Mapping[str, Any]] = {  # names of the module that are changed -> what instead
    "without facts": {"facts": lambda claim, grammar=None: frozenset()},
    "without new words": {"NEW_WORDS": 0.0},
    "without phrases": {"PHRASES": 0.0},
    "without closer lines": {"_outdone": NOTHING},
    "without exchanged words": {"_exchanged": NOTHING},
    "without polarity": {"_contradicted": NOTHING, "agrees": lambda *of: True},
    "phrases weigh twice": {"PHRASES": 0.2},
    "phrases weigh thrice": {"PHRASES": 0.3},
    "one sentence": {"WINDOW": 1},
    "three sentences": {"WINDOW": 3},
}


@contextmanager
def changed(values: Mapping[str, Any]) -> Iterator[None]:
    """The rules with other values, and nothing remembered of before."""
    owners = {name: Denied if name == "agrees" else rules for name in values}
    before = {name: getattr(owner, name) for name, owner in owners.items()}
    for name, value in values.items():
        setattr(owners[name], name, value)
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owners[name], name, value)
        _forget()


def _forget() -> None:
    rules._read_claim.cache_clear()
    rules._read_passage.cache_clear()


# --- cheap signs beside the rules -----------------------------------------------------------------------------------


def signs(items: Sequence[Item], coverages: Scores, ruled: Scores) -> NDArray[np.float64]:
    """Coverage, rules, best single sentence, longest common run and word triples, a column each."""
    rows = [[_best_sentence(item), _run(item), _triples(item)] for item in items]
    return np.column_stack([coverages, ruled, np.array(rows)])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _best_sentence(item: Item) -> float:
    own = _words(item.text)
    parts = [set(_words(part)) for part in sentences(item.passage)] or [set()]
    return max(sum(word in part for word in own) for part in parts) / max(1, len(own))


def _run(item: Item) -> float:
    """Longest run of the text's words that stands in the passage as it is / words."""
    own, there = _words(item.text), f" {' '.join(_words(item.passage))} "
    best, start = 0, 0
    for end in range(1, len(own) + 1):
        while start < end and f" {' '.join(own[start:end])} " not in there:
            start += 1
        best = max(best, end - start)
    return best / max(1, len(own))


def _triples(item: Item) -> float:
    own, there = _words(item.text), _words(item.passage)
    grams = set(zip(there, there[1:], there[2:], strict=False))
    mine = list(zip(own, own[1:], own[2:], strict=False))
    return sum(gram in grams for gram in mine) / len(mine) if mine else 0.0


# --- nested choice --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """The labels of a data set, and the groups that are held out together."""

    supported: NDArray[np.bool_]
    groups: NDArray[np.int64]

    def folds(self, seed: int) -> Iterator[NDArray[np.bool_]]:
        """Which items are held out, fold by fold."""
        order = np.random.default_rng(seed).permutation(self.groups.max() + 1)
        fold_of = np.empty_like(order)
        fold_of[order] = np.arange(len(order)) % FOLDS
        for fold in range(FOLDS):
            yield fold_of[self.groups] == fold


def table_of(items: Sequence[Item]) -> Table:
    names = {group: i for i, group in enumerate(dict.fromkeys(item.group for item in items))}
    return Table(np.array([item.supported for item in items]), np.array([names[item.group] for item in items]))


def best_cut(scores: Scores, supported: NDArray[np.bool_]) -> tuple[float, float]:
    """(threshold, balanced accuracy) at which balanced accuracy is highest."""
    order = np.argsort(-scores, kind="stable")
    ranked, labels = scores[order], supported[order]
    found = np.cumsum(labels) / max(1, labels.sum())
    passed = np.cumsum(~labels) / max(1, (~labels).sum())
    accuracy = (found + 1 - passed) / 2
    accuracy[:-1][ranked[:-1] == ranked[1:]] = -1  # equal scores stand on one side
    best = int(np.argmax(accuracy))
    return float(ranked[best]), float(accuracy[best])


Method = Callable[[NDArray[np.bool_]], Scores]  # items to choose on -> scores less threshold, of all


def choosing(candidates: Sequence[Scores], table: Table) -> Method:
    """The candidate and threshold that are best where choosing is allowed."""

    def method(inside: NDArray[np.bool_]) -> Scores:
        cuts = [best_cut(scores[inside], table.supported[inside]) for scores in candidates]
        best = max(range(len(cuts)), key=lambda i: cuts[i][1])
        return candidates[best] - cuts[best][0]

    return method


def fixed(scores: Scores, threshold: float) -> Method:
    return lambda inside: scores - threshold


def logistic(columns: NDArray[np.float64], table: Table) -> Method:
    """A logistic regression of all signs, ridge 1, classes weighed equally; its threshold chosen inside too."""

    def method(inside: NDArray[np.bool_]) -> Scores:
        mean, spread = columns[inside].mean(0), columns[inside].std(0) + 1e-9
        x = np.column_stack([np.ones(len(columns)), (columns - mean) / spread])
        labels = table.supported[inside].astype(float)
        weights = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
        scores = x @ _fitted(x[inside], labels, weights)
        return np.asarray(scores - best_cut(scores[inside], table.supported[inside])[0])

    return method


def _fitted(x: NDArray[np.float64], labels: Scores, weights: Scores) -> Scores:
    beta = np.zeros(x.shape[1])
    ridge = np.diag([0.0, *np.ones(x.shape[1] - 1)])
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weights * (labels - p)) - ridge @ beta
        beta = beta + np.linalg.solve(x.T @ (x * (weights * p * (1 - p))[:, None]) + ridge, gradient)
    return beta


def held_out(method: Method, table: Table) -> Right:
    right = np.zeros(len(table.supported))
    for seed in range(SEEDS):
        for outside in table.folds(seed):
            decided = method(~outside) >= 0
            right[outside] += decided[outside] == table.supported[outside]
    return right / SEEDS


def resampled(right: Sequence[Right], table: Table) -> NDArray[np.float64]:
    """Balanced accuracy of each method in every resample of the groups, shape (RESAMPLES, methods); the same draws."""
    draw, count = np.random.default_rng(7), int(table.groups.max() + 1)
    sums = np.zeros((count, 2, len(right) + 1))
    for label in (0, 1):
        of = table.supported == bool(label)
        for column, values in enumerate([np.ones(len(table.supported)), *right]):
            np.add.at(sums[:, label, column], table.groups[of], values[of])
    figures = np.empty((RESAMPLES, len(right)))
    for i in range(RESAMPLES):
        total = sums[draw.integers(0, count, count)].sum(0)
        figures[i] = (total[:, 1:] / total[:, :1]).mean(0)
    return figures


def accuracy(right: Right, table: Table) -> float:
    return float((right[table.supported].mean() + right[~table.supported].mean()) / 2)


def report(name: str, items: Sequence[Item]) -> None:
    """One line a method: its figure held out, and its difference to the method that it is held against."""
    table = table_of(items)
    coverages, milliseconds = _timed(lambda: np.array([coverage(item) for item in items]), len(items))
    ruled, slow = _timed(lambda: scores_by_rules(items), len(items))
    variants: dict[str, Scores] = {}
    for change, values in CHANGES.items():
        with changed(values):
            variants[change] = scores_by_rules(items)
    columns, _ = _timed(lambda: signs(items, coverages, ruled), len(items))
    at_shipped = f"rules at {rules.THRESHOLD:.2f}"
    methods: dict[str, tuple[Method, str, float | None]] = {
        "word coverage": (choosing([coverages], table), "", milliseconds),
        "rules, threshold chosen": (choosing([ruled], table), "word coverage", slow),
        at_shipped: (fixed(ruled, rules.THRESHOLD), "word coverage", slow),
        "rules, all chosen": (choosing([ruled, *variants.values()], table), "word coverage", slow),
        "logistic of five signs": (logistic(columns, table), "rules, threshold chosen", None),
        **{
            change: (choosing([scores], table), "rules, threshold chosen", None)
            for change, scores in variants.items()
            if change.startswith("without")
        },
        **{
            f"{change}, at {rules.THRESHOLD:.2f}": (fixed(scores, rules.THRESHOLD), at_shipped, None)
            for change, scores in variants.items()
            if change.startswith("without")
        },
    }
    right = {method: held_out(of, table) for method, (of, _, _) in methods.items()}
    draws = resampled(list(right.values()), table)
    places = {method: i for i, method in enumerate(right)}
    for method, (_, against, took) in methods.items():
        figure = _figure(accuracy(right[method], table), draws[:, places[method]])
        difference = ""
        if against:
            gap = accuracy(right[method], table) - accuracy(right[against], table)
            difference = f"{_figure(gap, draws[:, places[method]] - draws[:, places[against]], '+')} to {against}"
        print(f"{name:9}{method:38}{figure:24}{'' if took is None else f'{took:6.2f} ms':10}{difference}", flush=True)


def _figure(value: float, draws: NDArray[np.float64], sign: str = "") -> str:
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def _timed(work: Callable[[], Any], count: int) -> tuple[Any, float]:
    """What the work gives, and milliseconds of processor time an item."""
    start = time.process_time()
    return work(), (time.process_time() - start) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description="The claim detector against plain word coverage, choices inside.")
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--only", choices=SOURCES)
    parser.add_argument("--answers", type=int, default=120, help="right answers of a source that errors are made of")
    options = parser.parse_args()
    print(f"{'data':9}{'method':38}{'balanced accuracy':24}{'a text':10}difference")
    for name, load in SOURCES.items():
        if options.only in (None, name):
            report(name, load(options.data, options.answers))


SOURCES: Mapping[str, Callable[[Path, int], Sequence[Item]]] = {
    "BEGIN": lambda folder, answers: of_people(begin(folder)),
    "QAGS": lambda folder, answers: of_people(qags(folder)),
    "helpdesk": lambda folder, answers: of_scenario("helpdesk", answers),
    "wiki": lambda folder, answers: of_scenario("wiki", answers),
    "helpdesk, words": lambda folder, answers: of_scenario("helpdesk", answers, plain=True),
    "wiki, words": lambda folder, answers: of_scenario("wiki", answers, plain=True),
    "NQ": of_questions,
}


if __name__ == "__main__":
    main()
