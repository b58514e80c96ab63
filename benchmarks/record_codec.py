"""How long a record of 5,000 cases x 6 arms takes to load and to write: msgspec (ours), pydantic, cattrs, plain JSON.

    python -m benchmarks.record_codec [--cases 5000] [--repeats 5]

The run is made of the real classes: record.json, one trace a case and arm, one score a trace and metric. Every library
reads the same bytes into the same dataclasses, JSONL line by line as `read_rows` does; `json` stops at dictionaries and
is the floor of what needs no classes. cattrs is left out where it is not installed (pip install cattrs); it reads and
writes through orjson, its fastest way. In turn, so that a busy machine slows all; medians of the repeats.

measured on two cores (shared with other work; 30,000 traces, 600,000 scores, 236 MB), seconds:

                     load   record.json alone   write
    msgspec, ours     4.25                0.02    8.76
    pydantic          6.13                0.02    2.71
    json, no classes 10.14                0.03   11.04
    cattrs           14.45                0.05    6.04

So ours reads in 0.69 of pydantic's time and 0.29 of cattrs'. It writes slower than either because it writes by the
standard library's encoder: msgspec's own and pydantic's turn NaN into null, and a NaN must not be written.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from importlib.util import find_spec
from statistics import median
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson

from harness.metrics.table import METRICS
from harness.record.codec import decode, plain, to_json
from harness.record.sections import Record
from harness.types import Answer, Score, Trace

ARMS = ("baseline", "rag", "rag+few-shot", "tune", "hybrid", "oracle")
SIZES = {"cluster_of": 5000, "metrics": 6, "lost": 400, "gained": 400, "evidence": 40, "retrieved": 20, "hits": 4}
LENGTHS = {"text": 400, "raw": 150, "sentence": 200, "reason": 120}


# --- a run of that size -------------------------------------------------------------------------------------------


def sample(kind: Any, name: str, draw: random.Random) -> Any:
    """A value of any type that a record is made of, as long as a real one."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return kind(**{f.name: sample(hints[f.name], f.name, draw) for f in fields(kind)})  # type: ignore[operator]
    if origin is Annotated:  # a setting that the record repeats: within its range
        return _in_range(inner[0], inner[1:], name, draw)
    if origin is Literal:
        return draw.choice(inner)
    if origin in (Union, UnionType):
        return sample(next(option for option in inner if option is not NoneType), name, draw)
    if origin is tuple:
        return tuple(sample(inner[0], f"{name}{i}", draw) for i in range(SIZES.get(name, 5)))
    if origin is not None:  # Mapping
        return {f"{name}-{i:04}": sample(inner[1], f"{name}.", draw) for i in range(SIZES.get(name, 6))}
    if kind in (Any, object):
        return "a value"
    return {bool: True, int: draw.randrange(1000), float: draw.random(), str: _text(name, draw)}[kind]


def _in_range(kind: Any, bounds: Sequence[Any], name: str, draw: random.Random) -> Any:
    value = sample(kind, name, draw)
    if not isinstance(value, (int, float)):
        return value
    for bound in bounds:
        if getattr(bound, "ge", None) is not None:
            value = max(value, bound.ge)
        if getattr(bound, "le", None) is not None:
            value = min(value, bound.le)
    return value


def _text(name: str, draw: random.Random) -> str:
    start = f"{name} {draw.getrandbits(40):x}"
    return f"{start} {'of the pages ' * 40}"[: max(len(start), LENGTHS.get(name, 0))]


@dataclass(frozen=True, slots=True)
class Run:
    """One run in memory or, of bytes, on disk."""

    record: Any
    traces: Sequence[Any]
    scores: Sequence[Any]


def make_run(cases: int) -> Run:
    draw = random.Random(7)
    answers = [sample(Answer, "answer", draw) for _ in range(500)]
    pairs = [(f"case-{i:05}", arm) for i in range(cases) for arm in ARMS]
    traces = [Trace(case, arm, answers[i % len(answers)]) for i, (case, arm) in enumerate(pairs)]
    scores = [Score(case, arm, metric, draw.random()) for case, arm in pairs for metric in METRICS]
    return Run(sample(Record, "record", draw), traces, scores)


def to_bytes(run: Run) -> Run:
    """The three files, JSONL as lines."""
    lines = ([to_json(row).encode() for row in rows] for rows in (run.traces, run.scores))
    return Run(to_json(run.record, indent=1).encode(), *lines)


# --- the libraries ------------------------------------------------------------------------------------------------

Load = Callable[[bytes, type], Any]
Write = Callable[[Any], bytes]


def libraries() -> dict[str, tuple[Load, Write]]:
    """Name -> (bytes and class to value, value to bytes)."""
    ways: dict[str, tuple[Load, Write]] = {
        "msgspec (ours)": (lambda data, kind: decode(data, kind, "file"), lambda value: to_json(value).encode()),
        "pydantic": _pydantic(),
        "json, no classes": (lambda data, kind: json.loads(data), lambda value: json.dumps(value).encode()),
    }
    return ways | ({"cattrs": _cattrs()} if find_spec("cattrs") else {})


def _pydantic() -> tuple[Load, Write]:
    from pydantic import TypeAdapter

    adapters = {kind: TypeAdapter(kind) for kind in (Record, Trace, Score)}
    return (
        lambda data, kind: adapters[kind].validate_json(data),
        lambda value: adapters[type(value)].dump_json(value),
    )


def _cattrs() -> tuple[Load, Write]:
    from cattrs.preconf.orjson import make_converter

    converter = make_converter()
    converter.register_structure_hook_func(_is_setting, lambda value, _: value)
    return converter.loads, lambda value: orjson.dumps(converter.unstructure(value))


def _is_setting(kind: Any) -> bool:
    """A union of plain values and containers: cattrs has no rule for it, and nothing is to be made of it."""
    return get_origin(kind) in (Union, UnionType) and len(set(get_args(kind)) - {NoneType}) > 1


# --- timing -------------------------------------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> float:
    """Wall seconds."""
    gc.collect()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    del result
    return seconds


def load(way: Load, stored: Run) -> Run:
    traces, scores = (
        [way(line, kind) for line in rows] for rows, kind in ((stored.traces, Trace), (stored.scores, Score))
    )
    return Run(way(stored.record, Record), traces, scores)


def write(way: Write, run: Run) -> list[bytes]:
    return [way(value) for value in (run.record, *run.traces, *run.scores)]


def table(title: str, seconds: Mapping[str, Sequence[float]]) -> list[str]:
    ours = median(seconds["msgspec (ours)"])
    rows = sorted((median(taken), name) for name, taken in seconds.items())
    return [title, *(f"  {name:<18} {taken:7.2f} s   {taken / ours:5.2f} x ours" for taken, name in rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    run = make_run(options.cases)
    stored = to_bytes(run)
    ways = libraries()
    dictionaries = Run(plain(run.record), plain(run.traces), plain(run.scores))
    for name, (reader, _) in ways.items():
        if "no classes" not in name:
            assert load(reader, stored) == run, f"{name} reads something else"
    loads: dict[str, list[float]] = {name: [] for name in ways}
    records: dict[str, list[float]] = {name: [] for name in ways}
    writes: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, (reader, writer) in ways.items():
            loads[name].append(timed(lambda way=reader: load(way, stored)))  # type: ignore[misc]
            records[name].append(timed(lambda way=reader: way(stored.record, Record)))  # type: ignore[misc]
            values = dictionaries if "no classes" in name else run
            writes[name].append(timed(lambda way=writer, of=values: write(way, of)))  # type: ignore[misc]
    size = sum(map(len, (stored.record, *stored.traces, *stored.scores))) / 1e6
    print(f"{len(run.traces):,} traces, {len(run.scores):,} scores, {size:.0f} MB")
    print(f"record.json alone {len(stored.record) / 1e6:.1f} MB")
    print("\n".join((*table("load", loads), *table("record.json alone", records), *table("write", writes))))
    if not find_spec("cattrs"):
        print("cattrs is not installed: pip install cattrs")


if __name__ == "__main__":
    main()
