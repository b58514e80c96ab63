"""Two records of one scenario, figure by figure: python -m benchmarks.compare_records OLD NEW [--times]

OLD may be of schema version 1.
Lists keys that moved, went or are new, and every figure that is unequal. Without --times, times, content hashes and
what surrounds a run (git, versions, created, run id) are not compared. Exit code 1 where a figure differs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

TIMES = (
    r"(^|\.)(seconds|update_seconds|retune_seconds|training_seconds|finished|created|run_id)$"
    r"|^latency\.(arms|control)|^stages"
)
HASHES = r"(^|\.)(hash|key)$|^hashes\.|^scenario\.(dir|hash)|^golden\.runs_on_this_set|^changed"
AROUND = r"^(git|hardware|versions|command)(\.|$)"
MOVES: list[tuple[str, str]] = [
    (r"^latency_ratio\.([^.]+)\.(.*)$", r"latency.arms.\1.ratio.\2"),
    (r"^latency_ratio\.([^.]+)$", r"latency.arms.\1.ratio"),
    (r"^latency_aa(.*)$", r"latency.control\1"),
    (r"^latency_setup\.(.*)$", r"latency.\1"),
    (r"^latency\.(?!arms|control|questions|repeats)(.*)$", r"latency.arms.\1"),
    (r"^seeds\.0$", "seed"),
    (r"^tuning\.([^.]+)\.training_seconds$", r"tuning.\1.adapter.seconds"),
    (r"^tuning\.([^.]+)\.(?!seconds$|adapter\.)(.*)$", r"tuning.\1.adapter.\2"),
    (r"^forgetting\.arms\.([^.]+)\.(n|base|adapter|difference|p)(\.|$)(.*)$", r"forgetting.arms.\1.items.\2\3\4"),
    (
        r"^forgetting\.arms\.([^.]+)\.subjects\.([^.]+)\.(n|base|adapter|difference|p)(\.|$)(.*)$",
        r"forgetting.arms.\1.subjects.\2.items.\3\4\5",
    ),
    (r"^(retrieval\.reranker\.dev)\.with\.(.*)$", r"\1.with_it.\2"),
    (r"^(retrieval\.reranker\.dev)\.without\.(.*)$", r"\1.without_it.\2"),
    (r"^slices\.([^.]+)\.(.+)\.([^.]+)\.task_success\.([a-z]+)$", r"slices.\1.\2.\3.\4"),
]


def flat(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        rows = {}
        for key, inner in value.items():
            rows |= flat(inner, f"{path}.{key}" if path else key)
        return rows or {path: {}}
    if isinstance(value, list):
        return flat({name_of(i, v): v for i, v in enumerate(value)}, path) if value else {path: []}
    return {path: value}


def name_of(number: int, value: object) -> str:
    """A row of a list by what names it, so that order does not count where names do."""
    if isinstance(value, dict):
        for keys in (
            ("metric", "arm", "against"),
            ("name", "arm"),
            ("mode", "arm"),
            ("name",),
            ("subject",),
            ("id",),
            ("mode",),
        ):
            if all(key in value for key in keys):
                return "/".join(str(value[key]) for key in keys).replace(".", "·")
    return str(number)


def moved(rows: dict[str, object], old: bool) -> tuple[dict[str, object], dict[str, str]]:
    placed, moves = {}, {}
    for path, value in rows.items():
        new = path
        if old:
            for pattern, into in MOVES:
                changed = re.sub(pattern, into, path)
                if changed != path:
                    new = changed
                    break
        if new != path:
            moves[path] = new
        placed[new] = value
    return placed, moves


NAMES: set[str] = set()  # of arms, metrics, gates, subjects, slices: * in a summary
ESTIMATE = {"mean", "low", "high", "n", "unscored", "unit", "method"}


def general(path: str) -> str:
    """A path with the names of arms, cases and metrics as *, and an Estimate as one value."""
    first, *rest = path.split(".")
    parts = [first, *("*" if part in NAMES or re.search(r"[^a-z_]", part) else part for part in rest)]
    parts = parts[:-1] if parts[-1] in ESTIMATE and len(parts) > 1 else parts
    return ".".join(part for i, part in enumerate(parts) if part != "*" or parts[i - 1] != "*")


def names_in(record: dict) -> set[str]:
    arms = {arm["name"] for arm in record["arms"]}
    metrics = {metric for row in record["metrics"].values() for metric in row} | {"task_success"}
    metrics |= {row["name"] for row in record.get("metric_rows", [])}
    gates = {gate["name"] for gate in record.get("verdict", {}).get("gates", [])}
    slices = {name for which in record["slices"].values() for name in which} | set(record["slices"])
    subjects = {s["subject"] for arm in record["forgetting"].get("arms", {}).values() for s in arm["subjects"]}
    return arms | metrics | gates | slices | subjects


def summed(paths: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for path in paths:
        counts[general(path)] = counts.get(general(path), 0) + 1
    return [f"{name}  ({count})" for name, count in sorted(counts.items())]


def equal(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, (int, float)) and not isinstance(b, bool):
        return a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return a == b or (a in (None, [], {}) and b in (None, [], {}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--times", action="store_true", help="compare times, hashes and surroundings too")
    options = parser.parse_args()
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (options.old, options.new))
    NAMES.update(names_in(before) | names_in(after))
    old, moves = moved(flat(before), before.get("schema_version") == 1)
    new, _ = moved(flat(after), False)
    left_out = [] if options.times else [TIMES, HASHES, AROUND]
    skip = lambda path: any(re.search(pattern, path) for pattern in left_out)  # noqa: E731
    shared = [path for path in old if path in new]
    unequal = [
        path for path in shared if not skip(path) and path != "schema_version" and not equal(old[path], new[path])
    ]
    skipped = sum(map(skip, shared))
    print(f"{len(shared)} values stand in both; {skipped} of them not compared (times, hashes, surroundings)")
    print(
        "moved:",
        *[
            f"  {general(a)} -> {general(b)}"
            for a, b in sorted({(general(a), general(b)): (a, b) for a, b in moves.items()})
        ]
        or ["  nothing"],
        sep="\n",
    )
    print(
        "gone:",
        *[f"  {row}" for row in summed([p for p in old if p not in new and old[p] not in (None, [], {})])]
        or ["  nothing"],
        sep="\n",
    )
    print(
        "new:",
        *[f"  {row}" for row in summed([p for p in new if p not in old and new[p] not in (None, [], {})])]
        or ["  nothing"],
        sep="\n",
    )
    print(f"unequal: {len(unequal)}")
    for path in unequal[:200]:
        print(f"  {path}: {str(old[path])[:80]!r} -> {str(new[path])[:80]!r}")
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
