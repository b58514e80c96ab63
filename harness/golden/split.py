"""Splits by cluster, so that no document is asked about in two splits; or by time."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.errors import InputError
from harness.types import Case, Split


def split_by_cluster(
    cases: Sequence[Case], clusters: Mapping[str, str], dev: float = 0.25, seed: int = 7
) -> tuple[Case, ...]:
    """The cases with `dev` of them in the dev split and the others in test; clusters stay whole.

    Whole clusters are drawn in a seeded order until dev has its share, so a large cluster can take it a little past.
    Cases of the train split stay there.
    """
    _check_share(dev)
    movable = [case for case in cases if case.split != "train"]
    order = sorted({clusters[case.id] for case in movable})
    random.Random(seed).shuffle(order)
    picks: set[str] = set()
    size_so_far = 0
    for cluster in order:
        size = sum(clusters[case.id] == cluster for case in movable)
        if size_so_far + size / 2 <= dev * len(
            movable
        ):  # whichever is nearer to the share, with this cluster or without
            picks.add(cluster)
            size_so_far += size
    return tuple(_with_split(case, "dev" if clusters[case.id] in picks else "test") for case in cases)


def split_by_time(cases: Sequence[Case], since: str) -> tuple[Case, ...]:
    """Cases from the date `since` on are the test split, earlier ones dev; a case without a timestamp is an error."""
    undated = [case for case in cases if case.split != "train" and case.timestamp is None]
    if undated:
        raise InputError(f"{undated[0].where}: case '{undated[0].id}' has no timestamp; --since needs one on each")
    return tuple(_with_split(case, "test" if (case.timestamp or "") >= since else "dev") for case in cases)


def _with_split(case: Case, split: Split) -> Case:
    return case if case.split == "train" else replace(case, split=split)


def _check_share(dev: float) -> None:
    if not 0 <= dev < 1:
        raise InputError(f"--dev is {dev}, expected a share of 0 to below 1")
