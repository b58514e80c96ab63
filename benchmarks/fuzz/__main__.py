"""Spoilt inputs, each in a fork of a warm process: exit codes counted, every finding with the line that replays it.

    python -m benchmarks.fuzz --inputs 5000 --seed 1
    python -m benchmarks.fuzz --inputs 5000 --seed 1 --state seed1.json    # stopped, it goes on where it was
    python -m benchmarks.fuzz --seed 1 --only 4711        # one input again, with all that it printed

A finding is a traceback, exit code 70, an exit code that is not documented, a message that is more than its lines, more
than 20 seconds, a death by signal, or a write outside of cache, reports, temp and what the command named.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import typer

from benchmarks.fuzz.sandbox import SECONDS, Outcome, run_forked
from benchmarks.fuzz.servers import fuzzed_server
from benchmarks.fuzz.targets import PORT, build, draw

DOCUMENTED = frozenset({0, 1, 2, 3, 4})
NO_GO = ("gate",)  # the command for which 1 and 3 mean something


@dataclass(frozen=True, slots=True)
class Shot:
    """One input, and what came of it."""

    number: int
    target: str
    note: str
    arguments: tuple[str, ...]
    outcome: Outcome

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(_faults(self.arguments, self.outcome))


def _faults(arguments: tuple[str, ...], outcome: Outcome) -> Iterator[str]:
    line = " ".join(arguments)
    if outcome.seconds > SECONDS:
        yield f"over {SECONDS} s"
    elif outcome.code < 0:
        yield f"killed by signal {-outcome.code}"
    if "Traceback (most recent call last)" in outcome.err or outcome.code == 70:
        yield "traceback"
    elif outcome.code not in DOCUMENTED and outcome.code >= 0:
        yield f"exit code {outcome.code}"
    elif outcome.code in (1, 3) and not any(name in line for name in NO_GO):
        yield f"exit code {outcome.code}, which is a verdict"
    if outcome.code == 2 and not _is_message(outcome.err):
        yield "exit code 2 without a message"
    yield from (f"wrote {path}" for path in outcome.writes if not _is_named(path, line))


def _is_message(err: str) -> bool:
    """Lines that begin with the program's name, or a usage; nothing invisible in them."""
    lines = [line for line in err.split("\n") if line.startswith(("harness: ", "Usage: ", "Error: "))]
    return bool(lines) and all(line.isprintable() and len(line) < 4000 for line in lines)


def _is_named(write: str, line: str) -> bool:
    """`golden split` writes the file that it is given, `advise` keeps answers beside the caller; others name theirs."""
    whole = write.partition(" ")[2]
    if whole.endswith("/work") or any(word.startswith(whole) for word in line.split() if word.startswith("/")):
        return True  # the caller's own folder, made sure of; or a folder above what was named
    path = whole.partition("/work/")[2]
    named = any(
        word and (path.startswith((word, f".{word}")) or f"{word}/".startswith(f"{path}/"))  # or a folder above it
        for word in line.split()
    )
    beside = re.fullmatch(r"(.*?)\.([^/]+)\.[0-9a-f]{8}", path)  # written beside what is named, and moved there
    named = named or (beside is not None and beside[1] + beside[2] in line.split())
    named = named or ("split" in line and (path == "small" or "golden.jsonl" in path))  # it rewrites what it is given
    return named or ("advise" in line and path.startswith(".harness-advise")) or "__pycache__" in path


def shoot(pristine: Path, seed: int, number: int, kind: str | None = None) -> Shot:
    """One input of a seed."""
    rng = random.Random(f"{seed}:{number}")
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as home:
        folder = Path(home) / "work"
        shutil.copytree(pristine, folder, copy_function=os.link)
        target = draw(rng, kind)
        note, arguments = target.make(folder, rng)
        return Shot(number, target.name, note, tuple(arguments), run_forked(arguments, folder))


def warm_up() -> None:
    """Import what the commands would import, so that a fork costs milliseconds."""
    import importlib
    import pkgutil

    import harness

    for module in pkgutil.walk_packages(harness.__path__, "harness."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in (
        "huggingface_hub",
        "jinja2.sandbox",
        "jsonschema",
        "lxml.html",
        "numpy",
        "openpyxl",
        "peft",
        "pyarrow.parquet",
        "rich",
        "scipy.stats",
        "tokenizers",
        "torch",
        "transformers",
        "yaml",
    ):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from harness.cli import main as module

    built = typer.main.get_command(module.make_app())  # a seventh of a second, which every fork would take again
    module.make_app = lambda: built  # type: ignore[assignment,return-value]


WARM = (
    "gate one", "diff one two", "advise --answers answers.yaml", "run small --dry-run",
    "golden import csv tables/t.csv out/i", "examples import chat tables/chat.jsonl out/e.jsonl",
    "adapters show adapter", "golden export ragas small out/x.jsonl", "schema scenario", "index small --status",
)  # fmt: skip


def try_out(pristine: Path) -> None:
    """Give a few commands in a copy, here, so that forks find what the first call of each makes."""
    from harness.cli.main import main as command

    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="fuzz-warm-") as scratch, contextlib.ExitStack() as quiet:
        shutil.copytree(pristine, Path(scratch) / "work")
        os.chdir(Path(scratch) / "work")
        os.environ |= {"HARNESS_CACHE": "cache", "HARNESS_REPORTS": "reports"}
        quiet.enter_context(contextlib.redirect_stdout(io.StringIO()))
        quiet.enter_context(contextlib.redirect_stderr(io.StringIO()))
        for line in WARM:
            with contextlib.suppress(SystemExit):
                command(line.split())
        os.chdir(home)
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page of the parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after these")
    parser.add_argument("--state", type=Path, help="a file in which this seed is kept, so that it can be gone on with")
    parser.add_argument("--kind", help="inputs of this target only")
    parser.add_argument("--only", type=int, help="one input of the seed, with what it printed")
    parser.add_argument("--pristine", type=Path, help="a folder made by an earlier call, or to be made")
    options = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    sys.dont_write_bytecode = True
    warm_up()
    with tempfile.TemporaryDirectory(prefix="fuzz-pristine-") as made:
        pristine = options.pristine or Path(made) / "pristine"
        if not pristine.exists():
            build(pristine)
        try_out(pristine)
        with fuzzed_server() as port:
            os.environ[PORT] = str(port)
            if options.only is not None:
                _show(shoot(pristine, options.seed, options.only, options.kind))
                return 0
            return _report(pristine, options)


def _show(shot: Shot) -> None:
    print(f"{shot.target}: {shot.note}\nharness {' '.join(map(ascii, shot.arguments))}")
    print(f"exit {shot.outcome.code} after {shot.outcome.seconds:.1f} s; {', '.join(shot.faults) or 'no finding'}")
    print(f"--- standard error\n{shot.outcome.err}\n--- standard output\n{shot.outcome.out[:3000]}")


@dataclass(slots=True)
class Tally:
    """What came of the inputs so far; kept in a file, so that a seed can be stopped and gone on with."""

    done: int = 0  # inputs, counted from the first of the seed
    seconds: float = 0.0
    longest: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)  # "target: exit code" ->
    findings: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)  # number, what was spoilt, faults

    @classmethod
    def read(cls, file: Path | None) -> Tally:
        """As an earlier call left it; a new one where there is none."""
        if file is None or not file.is_file():
            return cls()
        row = json.loads(file.read_text(encoding="utf-8"))
        findings = [(number, note, tuple(faults)) for number, note, faults in row["findings"]]
        return cls(row["done"], row["seconds"], row["longest"], Counter(row["codes"]), findings)

    def write(self, file: Path | None) -> None:
        if file is not None:
            beside = file.with_suffix(".new")
            values = {row.name: getattr(self, row.name) for row in fields(self)}  # asdict would spoil a Counter
            beside.write_text(json.dumps(values), encoding="utf-8")
            beside.replace(file)

    def add(self, shot: Shot) -> None:
        self.done, self.longest = shot.number + 1, max(self.longest, shot.outcome.seconds)
        self.codes[f"{shot.target}: {shot.outcome.code}"] += 1
        if shot.faults:
            self.findings.append((shot.number, f"{shot.target} ({shot.note})", shot.faults))


def _report(pristine: Path, options: argparse.Namespace) -> int:
    tally, start = Tally.read(options.state), time.monotonic()
    earlier = tally.seconds
    for number in range(tally.done, options.inputs):
        if time.monotonic() - start > 60 * options.minutes:
            break
        shot = shoot(pristine, options.seed, number, options.kind)
        if any(fault.startswith("over") for fault in shot.faults):  # on a busy machine the clock of the wall may do it
            shot = shoot(pristine, options.seed, number, options.kind)
        tally.add(shot)
        tally.seconds = earlier + time.monotonic() - start
        if tally.done % 100 == 0:
            print(f"{tally.done} inputs", file=sys.stderr, flush=True)
            tally.write(options.state)
        if shot.faults:
            faults, last = "; ".join(shot.faults)[:200], shot.outcome.err.strip().split("\n")[-1][:200]
            print(f"  --seed {options.seed} --only {number}: {shot.target} ({shot.note}): {faults}: {last}", flush=True)
    tally.write(options.state)
    _show_tally(tally, options.seed)
    return 1 if tally.findings else 0


KINDS = ("traceback", "over", "wrote", "killed", "exit code")  # of findings, by the first words


def _show_tally(tally: Tally, seed: int) -> None:
    by_code, by_target = Counter[int](), dict[str, Counter[int]]()
    for name, count in tally.codes.items():
        target, _, code = name.rpartition(": ")
        by_code[int(code)] += count
        by_target.setdefault(target, Counter())[int(code)] += count
    print(f"seed {seed}: {tally.done} inputs in {tally.seconds:.0f} s, longest {tally.longest:.1f} s")
    print("exit codes: " + _counts(by_code))
    for target, counts in sorted(by_target.items()):
        print(f"  {target:<14} {_counts(counts)}")
    faults = [fault for _, _, row in tally.findings for fault in row]
    kinds = {kind: sum(fault.startswith(kind) for fault in faults) for kind in KINDS}
    named = {"over": f"over {SECONDS} s", "wrote": "writes outside", "exit code": "exit codes that are not right"}
    print(", ".join(f"{named.get(kind, kind)}: {count}" for kind, count in kinds.items()))


def _counts(counts: Counter[int]) -> str:
    return ", ".join(f"{code}: {count}" for code, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
