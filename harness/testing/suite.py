"""What a test session is about: a stored run, a scenario, or a data set with a callable that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from harness.errors import InputError

Ask = Callable[[str], object]  # one question in; one text, or an awaitable of one, out
KEYS = ("run", "scenario", "data", "answer", "format", "gates", "arm", "baseline")
ONE_OF = ("run", "scenario", "data")


@dataclass(frozen=True, slots=True)
class Suite:
    """One of `run`, `scenario` and `data`, with what is to be tested of it."""

    run: str | None = None  # a folder, an id, `latest`
    scenario: str | None = None  # a folder or an id
    data: str | None = None  # a file, from the folder of pytest's settings
    answer: str | Ask | None = None  # what answers the questions of `data`: `module:function`, or the callable itself
    format: str | None = None  # of `data`
    gates: tuple[tuple[str, str], ...] = ()  # of `data`: name and threshold, as a scenario writes them
    arm: str | None = None  # under test; None: the scenario's candidate
    baseline: str | None = None  # a run, or an arm of the same run

    @property
    def title(self) -> str:
        """The suite as a message names it."""
        return str(self.run or self.scenario or self.data)

    @property
    def names_a_run(self) -> bool:
        """Whether it says what is tested at all."""
        return any((self.run, self.scenario, self.data))


@dataclass(frozen=True, slots=True)
class Manner:
    """The manner of a session: what holds for all of its suites."""

    root: Path  # folder that relative paths are meant from
    fresh: bool = False  # ask a server again
    open_gates: Literal["fail", "warn"] = "fail"  # what a gate that is not proven does
    concurrency: int = 1  # questions that a callable is asked at the same time
    summary: Path | None = None  # a file for a Markdown summary


def read_suite(settings: Mapping[str, object], where: str, base: Suite | None = None) -> Suite:
    """The suite of some settings; those that name no run of their own add to `base`.

    Raises:
        InputError: an unknown key, two things to test at once, a data set without a callable.
    """
    unknown = sorted(settings.keys() - set(KEYS))
    if unknown:
        raise InputError(f"{where}: unknown: {', '.join(unknown)}; known: {', '.join(KEYS)}")
    values = {key: value for key, value in settings.items() if value not in (None, "", (), [], {})}
    if "gates" in values:
        values["gates"] = _gates(values["gates"], where)
    sources = [key for key in ONE_OF if key in values]
    if len(sources) > 1:
        raise InputError(f"{where}: {' and '.join(sources)} are both given; name one thing to test")
    start = Suite() if sources or base is None else base
    if base is not None:  # what is compared with, and which arm, may be said once for all
        start = replace(start, answer=start.answer or base.answer, arm=base.arm, baseline=base.baseline)
    texts = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
    suite = replace(start, **texts)  # type: ignore[arg-type]
    if suite.data is not None and suite.answer is None:
        raise InputError(f"{where}: data {suite.data} has nothing that answers it; give answer=module:function")
    return suite


def _gates(value: object, where: str) -> tuple[tuple[str, str], ...]:
    """Gates as a mapping, or as lines `name: threshold`."""
    if isinstance(value, Mapping):
        return tuple((str(name), str(threshold)) for name, threshold in value.items())
    rows = [str(line).replace(">=", ":").replace("<=", ":").partition(":") for line in cast(Sequence[object], value)]
    if bad := next((name for name, sign, _ in rows if not sign), None):
        raise InputError(f"{where}: gates: found '{bad}', expected a line like task_success: 70")
    return tuple((name.strip(), threshold.strip()) for name, _, threshold in rows)


def read_manner(settings: Mapping[str, object], root: Path) -> Manner:
    """What holds for every suite of a session. InputError: a word or a number that is none."""
    word, number = settings.get("not_proven") or "fail", settings.get("concurrency") or "1"
    if word not in ("fail", "warn"):
        raise InputError(f"harness_not_proven: found '{word}', expected fail or warn")
    if not str(number).isdecimal() or not 1 <= int(str(number)) <= 256:
        raise InputError(f"harness_concurrency: found '{number}', expected a number from 1 to 256")
    summary = settings.get("summary")
    return Manner(
        root=root,
        fresh=bool(settings.get("fresh")),
        open_gates="warn" if word == "warn" else "fail",
        concurrency=int(str(number)),
        summary=None if summary is None else root / str(summary),
    )
