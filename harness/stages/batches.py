"""Answers batch by batch: each batch is on disk as soon as it is answered, so that a killed run loses one at most.

The layout of the batches depends on nothing but the prompts, so that a resumed run forms the same ones, whatever the
number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.arms import BuiltArm, Prepared
from harness.engine.inputs import Request
from harness.engine.progress import Progress
from harness.errors import InputError
from harness.notices import tell
from harness.record.codec import decode, lines_of, row_line, write_atomic
from harness.types import Generation, Trace


@dataclass(frozen=True, slots=True)
class Batch:
    """One line of a batch file."""

    batch: int  # number within the stage
    traces: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Which of so many shares of the batches is answered, from 1."""

    number: int
    of: int

    def has(self, batch: int) -> bool:
        return batch % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Answering:
    """Where answers are kept, and how far the stage has come."""

    folder: Path  # of the stage
    label: str
    total: int  # answers that progress counts up to; of a share: found out from the layout
    first: int = 0  # number of the first batch
    before: int = 0  # answers that the stage had before
    share: Share | None = None  # None: all of them

    @property
    def file(self) -> Path:
        """Where the batches are appended; every share has a file of its own."""
        return self.folder / (f"batches-{self.share.number}.jsonl" if self.share else "batches.jsonl")


@dataclass(frozen=True, slots=True)
class Answered:
    """What one arm answered to some questions, in no particular order."""

    traces: tuple[Trace, ...]
    batches: int  # of the whole layout, other shares' included


def answer_all(
    place: Answering, arm: BuiltArm, requests: Sequence[Request], prepared: Sequence[Prepared], progress: Progress
) -> Answered:
    """Answer these questions in batches of like length; those on disk are not asked again."""
    prompts = [p.prompt for p in prepared]
    layout = dict(enumerate(arm.generator.layout(prompts, arm.decoding) if prompts else [], start=place.first))
    mine = {n: indices for n, indices in layout.items() if place.share is None or place.share.has(n)}
    _mend(place.file)
    before = stored_batches(place.folder)
    traces = [trace for number in mine for trace in before.get(number, ())]
    missing = [number for number in mine if number not in before]
    total = place.total if place.share is None else sum(map(len, mine.values()))
    progress(place.label, place.before + len(traces), total)
    with place.file.open("a", encoding="utf-8", newline="") as out:
        stream = arm.generator.stream(prompts, arm.decoding, [mine[number] for number in missing])
        for number, (indices, generations) in zip(missing, stream, strict=True):
            pairs = zip(indices, generations, strict=True)
            batch = Batch(number, tuple(_trace(requests[i], arm, prepared[i], text) for i, text in pairs))
            out.write(row_line(batch))
            out.flush()
            traces += batch.traces
            progress(place.label, place.before + len(traces), total)
    return Answered(tuple(traces), len(layout))


def _trace(request: Request, arm: BuiltArm, prepared: Prepared, generation: Generation) -> Trace:
    return Trace(request.id, arm.arm.name, arm.read(prepared, generation), None, request.probe)


def _mend(path: Path) -> None:
    """Drop a line that a crash cut off, so that the file can be appended to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = path.read_bytes() if path.exists() else b""
    if (whole := _whole_lines(data)) != data:
        write_atomic(path, whole.decode("utf-8", "replace"))


def _whole_lines(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def stored_batches(folder: Path) -> dict[int, tuple[Trace, ...]]:
    """Batches in any of a stage's files, some of which other jobs may be writing: nothing is mended."""
    batches: dict[int, tuple[Trace, ...]] = {}
    for path in sorted(folder.glob("batches*.jsonl")):
        lines = enumerate(lines_of(_whole_lines(path.read_bytes())), start=1)
        rows = [_batch(line, f"{path}:{number}") for number, line in lines]
        batches |= {row.batch: row.traces for row in rows if row is not None}
    return batches


def _batch(line: bytes, where: str) -> Batch | None:
    """The batch of a line; one that cannot be read is answered again, and that is said."""
    try:
        return decode(line, Batch, where)
    except InputError:
        tell(f"{where}: a batch of answers that cannot be read; it is asked again")
        return None


def stored_traces(folder: Path) -> dict[str, Trace]:
    """Every answer of a stage by the id of its question."""
    return {trace.case_id: trace for traces in stored_batches(folder).values() for trace in traces}


def trimmed(traces: Sequence[Trace]) -> int:
    """Passages that did not fit the prompts, over all of these."""
    answers = [trace.answer for trace in traces if trace.answer is not None]
    return sum(len(answer.retrieved) - len(answer.hits) for answer in answers)
