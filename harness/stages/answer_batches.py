"""Answers batch by batch: each batch is on disk as soon as it is answered, so that a killed run loses one at most.

The layout of the batches depends on nothing but the prompts, so that a resumed run forms the same ones, whatever the
number of workers. A question that failed is an error in its batch; the next run asks it again, and it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.arms import BuiltArm, Prepared
from harness.engine.inputs import Request
from harness.engine.progress import Progress
from harness.errors import EnvironmentFailure, InputError, one_line
from harness.generation.reply_memory import EarlierReply, ReplyMemory
from harness.notices import tell
from harness.process.clock import now
from harness.record.codec import decode, lines_of, row_line, write_atomic
from harness.types import Decoding, Failure, Generation, Prompt, Reply, Trace

HOPELESS = 20  # questions without a single answer, after which an arm is not asked any further


@dataclass(frozen=True, slots=True)
class Batch:
    """One line of a batch file. A batch some of whose questions were asked again has several; later ones count."""

    batch: int  # number within the stage
    traces: tuple[Trace, ...]
    asked: str = ""  # ISO date and time of its last answer, UTC
    oldest: str = ""  # of its first one, which an earlier run may have had
    served: tuple[str, ...] = ()  # what a server called its model
    again: tuple[str, ...] = ()  # ids whose error may pass
    estimated: tuple[str, ...] = ()  # ids of answers whose tokens a server did not count
    earlier: tuple[str, ...] = ()  # ids of answers of earlier runs: the same prompt to the same model


@dataclass(frozen=True, slots=True)
class Share:
    """One of so many shares of the batches, from 1."""

    number: int
    of: int

    def has(self, batch: int) -> bool:
        return batch % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Answering:
    """The place of a stage's answers, and how far it has come."""

    folder: Path  # of the stage
    label: str
    total: int  # answers that progress counts up to; a share counts up to its own
    first: int = 0  # number of the first batch
    before: int = 0  # answers that the stage had before
    share: Share | None = None  # None: all of them
    memory: ReplyMemory | None = None  # replies of earlier runs; None: every question is asked

    @property
    def file(self) -> Path:
        """The file to which batches are appended; every share has a file of its own."""
        return self.folder / (f"batches-{self.share.number}.jsonl" if self.share else "batches.jsonl")


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers of one arm to some questions, in no particular order."""

    traces: tuple[Trace, ...]
    batches: int  # of the whole layout, other shares' included


def answer_all(
    place: Answering, arm: BuiltArm, requests: Sequence[Request], prepared: Sequence[Prepared], progress: Progress
) -> Answered:
    """Answer these questions in batches of a layout; those that are answered on disk are not asked again.

    Raises:
        EnvironmentFailure, InputError: none of the first questions could be answered. What was answered is on disk.
    """
    prompts = [p.prompt for p in prepared]
    layout = dict(enumerate(arm.generator.layout(prompts, arm.decoding) if prompts else [], start=place.first))
    mine = {n: indices for n, indices in layout.items() if place.share is None or place.share.has(n)}
    _mend(place.file)
    before = {n: batch for n, batch in stored_batches(place.folder).items() if n in mine}
    missing = {n: todo for n in mine if (todo := _open_questions(mine[n], before.get(n), requests))}
    traces = [trace for batch in before.values() for trace in batch.traces if trace.case_id not in batch.again]
    total = place.total if place.share is None else sum(map(len, mine.values()))
    progress(place.label, place.before + len(traces), total)
    last: Batch | None = None
    with place.file.open("a", encoding="utf-8", newline="") as out:
        for batch in _replies(arm, requests, prepared, missing, place.memory):
            if last is not None:  # not before the generator went on: what it says of everybody comes first
                _check_hope(place, traces, last)
            out.write(row_line(batch))
            out.flush()
            traces += batch.traces
            progress(place.label, place.before + len(traces), total)
            last = batch
    if last is not None:
        _check_hope(place, traces, last, whole=True)
    return Answered(tuple(traces), len(layout))


def _open_questions(indices: Sequence[int], before: Batch | None, requests: Sequence[Request]) -> list[int]:
    """The questions of a batch that are not answered yet, or whose error may pass."""
    return [i for i in indices if before is None or requests[i].id in before.again]


def _replies(
    arm: BuiltArm,
    requests: Sequence[Request],
    prepared: Sequence[Prepared],
    missing: Mapping[int, Sequence[int]],
    memory: ReplyMemory | None,
) -> Iterator[Batch]:
    """The batches of `missing` (number -> questions), as they are answered; what was answered before is not asked."""
    prompts = [one.prompt for one in prepared]
    earlier = {i: old for todo in missing.values() for i in todo if (old := _earlier(memory, prompts[i], arm.decoding))}
    new = {n: ask for n, todo in missing.items() if (ask := [i for i in todo if i not in earlier])}
    stream = arm.generator.stream(prompts, arm.decoding, list(new.values())) if new else iter(())
    for number, todo in missing.items():
        replies: dict[int, Reply] = {i: earlier[i].reply for i in todo if i in earlier}
        if number in new:
            replies.update(zip(*next(stream), strict=True))
        rows = [(requests[i], prepared[i], replies[i]) for i in todo]
        again = [request.id for request, _, reply in rows if isinstance(reply, Failure) and reply.again]
        texts = {request.id: reply for request, _, reply in rows if not isinstance(reply, Failure)}
        times = [*(earlier[i].asked for i in todo if i in earlier), *([now()] if number in new else [])]
        yield Batch(
            number,
            tuple(_trace(request, arm, one, reply) for request, one, reply in rows),
            max(times),
            min(times),
            tuple(sorted({text.served for text in texts.values() if text.served})),
            tuple(again),
            tuple(name for name, text in texts.items() if text.estimated),
            tuple(requests[i].id for i in todo if i in earlier),
        )
        if memory is not None:  # the batch is on disk by now
            for i in new.get(number, ()):
                if isinstance(reply := replies[i], Generation):
                    memory.keep(prompts[i], arm.decoding, reply)
    next(stream, None)  # what it has to say at its end, of everybody


def _earlier(memory: ReplyMemory | None, prompt: Prompt, decoding: Decoding) -> EarlierReply | None:
    return None if memory is None else memory.find(prompt, decoding)


def _trace(request: Request, arm: BuiltArm, prepared: Prepared, reply: Reply) -> Trace:
    if isinstance(reply, Failure):
        return Trace(request.id, arm.arm.name, None, reply.reason, request.probe)
    return Trace(request.id, arm.arm.name, arm.read(prepared, reply), None, request.probe)


def _check_hope(place: Answering, traces: Sequence[Trace], batch: Batch, *, whole: bool = False) -> None:
    """Refuse to go on where nothing at all is answered; one answer among many errors is hope enough."""
    if any(trace.answer is not None for trace in traces) or not traces or (len(traces) < HOPELESS and not whole):
        return
    first = one_line(traces[0].error or "")
    text = f"{place.label}: none of {len(traces)} questions was answered; the first of them: {first}"
    raise EnvironmentFailure(text) if batch.again else InputError(text)


def _mend(path: Path) -> None:
    """Drop a line that a crash cut off, so that the file can be appended to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = path.read_bytes() if path.exists() else b""
    if (whole := _whole_lines(data)) != data:
        write_atomic(path, whole.decode("utf-8", "replace"))


def _whole_lines(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def stored_batches(folder: Path) -> dict[int, Batch]:
    """Batches in any of a stage's files, some of which other jobs may be writing: nothing is mended."""
    batches: dict[int, Batch] = {}
    for path in sorted(folder.glob("batches*.jsonl")):
        for number, line in enumerate(lines_of(_whole_lines(path.read_bytes())), start=1):
            if (row := _batch(line, f"{path}:{number}")) is not None:
                batches[row.batch] = _merged(batches.get(row.batch), row)
    return batches


def _batch(line: bytes, where: str) -> Batch | None:
    """The batch of a line; one that cannot be read is answered again, and that is said."""
    try:
        return decode(line, Batch, where)
    except InputError:
        tell(f"{where}: a batch of answers that cannot be read; it is asked again")
        return None


def _merged(old: Batch | None, new: Batch) -> Batch:
    """A batch with what was asked again of it: an answer stands in place of an error, never the other way round."""
    if old is None:
        return new
    traces = {trace.case_id: trace for trace in old.traces}
    for trace in new.traces:
        if trace.answer is not None or traces.get(trace.case_id, trace).answer is None:
            traces[trace.case_id] = trace
    errors = {name for name, trace in traces.items() if trace.error is not None}
    return replace(
        new,
        traces=tuple(traces.values()),
        asked=max(old.asked, new.asked),
        oldest=min(old.oldest or old.asked, new.oldest or new.asked),
        served=tuple(sorted({*old.served, *new.served})),
        again=tuple(sorted(errors & {*old.again, *new.again})),
        estimated=tuple(sorted({*old.estimated, *new.estimated})),
        earlier=tuple(sorted({*old.earlier, *new.earlier})),
    )


def stored_traces(folder: Path) -> dict[str, Trace]:
    """Every answer of a stage by the id of its question."""
    return {trace.case_id: trace for batch in stored_batches(folder).values() for trace in batch.traces}


def trimmed(traces: Iterable[Trace]) -> int:
    """Passages that did not fit the prompts, over all of these."""
    answers = [trace.answer for trace in traces if trace.answer is not None]
    return sum(len(answer.retrieved) - len(answer.hits) for answer in answers)
