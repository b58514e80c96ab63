"""Drafts made and held against the checks, until there are as many as were asked for or nothing is left to ask about.

make_drafts(topics(passages, 7), bench, {"lookup": 30, "unanswerable": 8}, seed=7)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.drafts.checks import CHECKS, Bench
from harness.drafts.draft import Drafts, Drop, FunnelRow, GoldenDraft, Topic
from harness.drafts.kinds import KINDS, PARAPHRASE, KindRow, write_lookups
from harness.types import Kind

MOST_TRIES = 12  # topics for each lookup that is asked for: where fewer pass, the generator is no help here
MOST_BASES = 6  # lookups that a maker tries for each draft that is missing
SMALLEST_ROUND = 16  # topics that are asked about together


class Sieve:
    """Drafts on their way through the checks, and what became of each."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.drops: list[Drop] = []
        self._counts: dict[Kind, dict[str, list[int]]] = {}

    def sift(self, kind: Kind, drafts: Sequence[GoldenDraft], checks: Sequence[str]) -> list[GoldenDraft]:
        """The drafts that pass every check, in their order."""
        rows = self._counts.setdefault(kind, {check: [0, 0] for check in checks})
        for check in checks:
            findings = CHECKS[check](drafts, self.bench) if drafts else []
            passes = [finding for finding in findings if not isinstance(finding, str)]
            rows[check][0] += len(drafts)
            rows[check][1] += len(passes)
            self.drops += [
                Drop(kind, check, draft.question, draft.topic.docs[0], finding)
                for draft, finding in zip(drafts, findings, strict=True)
                if isinstance(finding, str)
            ]
            drafts = passes
        return list(drafts)

    @property
    def funnels(self) -> dict[Kind, tuple[FunnelRow, ...]]:
        """By kind and check: how many came and how many passed."""
        return {
            kind: tuple(FunnelRow(check, came, passed) for check, (came, passed) in rows.items())
            for kind, rows in self._counts.items()
        }


def make_drafts(topics: Sequence[Topic], bench: Bench, counts: Mapping[Kind, int], seed: int) -> Drafts:
    """Drafts of every kind that is asked for; fewer where too few pass.

    Args:
        topics: in the order in which they are asked about.
        counts: how many of each kind.
    """
    sieve = Sieve(bench)
    bases = counts.get("lookup", 0)
    # kinds that are made of lookups need some, asked for or not
    need = max([bases, *(count * (2 if kind == "multi_hop" else 1) for kind, count in counts.items() if count)])
    lookups, tries = _lookups(topics, sieve, need)
    drafts = list(lookups[:bases])
    for kind, count in counts.items():
        if kind != "lookup" and count:
            drafts += _of_lookups(kind, KINDS[kind], lookups, count, sieve, seed)
    return _whole(drafts, sieve, len({doc for topic in topics[:tries] for doc in topic.docs}))


def make_paraphrases(drafts: Sequence[GoldenDraft], bench: Bench, seed: int) -> Drafts:
    """Lookups in other words, one each at most; `base` is the question that they say again."""
    sieve = Sieve(bench)
    lookups = [draft for draft in drafts if draft.kind == "lookup"]
    others = _of_lookups("lookup", PARAPHRASE, lookups, len(lookups), sieve, seed)
    return _whole(others, sieve, 0)


def _whole(drafts: Sequence[GoldenDraft], sieve: Sieve, documents: int) -> Drafts:
    replies = sum(writer.replies for writer in sieve.bench.writers)
    remembered = sum(writer.remembered for writer in sieve.bench.writers)
    return Drafts(tuple(drafts), sieve.funnels, tuple(sieve.drops), documents, replies, remembered)


def _lookups(topics: Sequence[Topic], sieve: Sieve, count: int) -> tuple[list[GoldenDraft], int]:
    """Lookups that pass, and how many topics it took; asked for in rounds, so that no more is written than it takes."""
    passes: list[GoldenDraft] = []
    at, last = 0, min(len(topics), MOST_TRIES * count)
    while len(passes) < count and at < last:
        size = min(max(SMALLEST_ROUND, 2 * (count - len(passes))), last - at)
        new = sieve.sift("lookup", write_lookups(topics[at : at + size], sieve.bench), KINDS["lookup"].checks)
        sieve.bench.passes += [(draft.id, draft.question) for draft in new]
        passes += new
        at += size
    return passes[:count], at


def _of_lookups(
    kind: Kind, row: KindRow, lookups: Sequence[GoldenDraft], count: int, sieve: Sieve, seed: int
) -> list[GoldenDraft]:
    """Drafts made of lookups; what one maker leaves open, the next one tries."""
    passes: list[GoldenDraft] = []
    rest = list(lookups)
    for maker in row.makers:
        if len(passes) < count and rest:
            some = rest[: MOST_BASES * (count - len(passes))]
            new = sieve.sift(kind, maker(some, sieve.bench, seed), row.checks)[: count - len(passes)]
            sieve.bench.passes += [(draft.id, draft.question) for draft in new]
            passes += new
            quotes = {quote for draft in new for quote in draft.topic.quotes}
            rest = [draft for draft in rest if draft.topic.quotes[0] not in quotes]
    return passes
