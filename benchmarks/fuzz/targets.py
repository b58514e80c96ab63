"""What is spoilt, and what is then asked of it: a row a kind of input.

A target gets a fresh copy of the pristine folder (`build`), spoils something in it by its seed and returns a command
line. Outputs go to `out/`.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzz.mutate import NONSENSE, replace, spoil

Rng = random.Random
Make = Callable[[Path, Rng], tuple[str, list[str]]]  # folder -> what was spoilt, the arguments of `harness`


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    weight: int
    make: Make


def files(*patterns: str, commands: Sequence[str]) -> Make:
    """Spoil one or two files that a pattern fits, then give one of the commands."""

    def make(folder: Path, rng: Rng) -> tuple[str, list[str]]:
        pattern = rng.choice(patterns)
        fitting = sorted(path for path in folder.glob(pattern) if path.is_file())
        notes = [spoil(path, rng) for path in rng.sample(fitting, min(len(fitting), rng.choice((1, 1, 1, 2))))]
        return "; ".join(notes), rng.choice(commands).split()

    return make


IMPORTS = {
    "csv": "t.csv",
    "jsonl": "t.jsonl",
    "ragas": "ragas.jsonl",
    "deepeval": "deepeval.json",
    "promptfoo": "tests.yaml",
    "langsmith": "langsmith.jsonl",
    "openai": "evals.jsonl",
    "autorag": "autorag.jsonl",
    "trulens": "trulens.jsonl",
    "squad": "squad.json",
    "hotpotqa": "hotpot.json",
    "dpr": "dpr.json",
    "choice": "choice.csv",
    "classification": "labels.csv",
    "beir": "beir",
    "docs": "docs",
}
EXAMPLES = {
    "alpaca": "alpaca.jsonl",
    "chat": "chat.jsonl",
    "sharegpt": "sharegpt.jsonl",
    "completion": "completion.jsonl",
    "preference": "preference.jsonl",
}


def imported(folder: Path, rng: Rng) -> tuple[str, list[str]]:
    """A table of another tool."""
    group, formats = rng.choice((("golden", IMPORTS), ("examples", EXAMPLES)))
    name = rng.choice(sorted(formats))
    place = folder / "tables" / formats[name]
    inside = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
    note = spoil(rng.choice(inside), rng)
    if rng.random() < 0.1:
        name = rng.choice(sorted(formats))
    out = "out/imported" if group == "golden" else "out/examples.jsonl"
    return note, [group, "import", name, str(place.relative_to(folder)), out]


WORDS = [
    "run",
    "init",
    "advise",
    "index",
    "retrieval",
    "tune",
    "ask",
    "score",
    "gate",
    "diff",
    "report",
    "schema",
    "golden",
    "examples",
    "adapters",
    "check",
    "import",
    "export",
    "split",
    "list",
    "show",
    "merge",
    "small",
    "one",
    "two",
    "latest",
    "reports",
    "out",
    "--json",
    "--html",
    "--dry-run",
    "--limit",
    "--arms",
    "--case",
    "--drills",
    "--try-fix",
    "--resume",
    "--workers",
    "--allow-code",
    "--answers",
    "--scenario",
    "--save",
    "--init",
    "--check",
    "--k",
    "--split",
    "--compare",
    "--per-query",
    "--strict",
    "--status",
    "--snapshot",
    "--restore",
    "--policy",
    "--arm",
    "--junit",
    "--markdown",
    "--seed",
    "--dev",
    "--since",
    "--column",
    "--sheet",
    "--from",
    "--base",
    "--help",
    "--version",
]
ODD = (
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
    "nan",
    "../..",
    "/",
    "/dev/zero",
    "/dev/full",
    "/proc/self/mem",
    "a\x00b",
    "\udcff",
    "\ud83d",
    "x" * 5000,
    "a/" * 300,
    "small/scenario.yaml",
    "small/golden.jsonl",
    "small/model",
    "pipe",
    "circle",
    "out/x.html",
    "out",
    "one/record.json",
    "q\u2028q",
    "\x1b[2J",
    "%s",
    "$(id)",
    "~",
    "*",
    "=",
    "a=b",
    "@x",
    "https://127.0.0.1:9/",
)
LINES = (
    "run small --dry-run",
    "run small --dry-run --arms rag --limit 2",
    "advise --answers answers.yaml --html out/x.html",
    "gate one",
    "diff one two --html out/d.html",
    "report one --html out/r.html --junit out/j.xml --markdown out/m.md",
    "schema scenario",
    "golden check small",
    "golden export ragas small out/x.jsonl",
    "golden split small/golden.jsonl",
    "adapters list",
    "adapters show adapter",
    "init out/new --from helpdesk",
    "index small --status",
    "score one",
    "golden import csv tables/t.csv out/i",
    "examples import chat tables/chat.jsonl out/e.jsonl",
    "retrieval small --k 1,3",
    "advise --scenario small --json",
    "advise --check reports",
    "golden formats",
    "adapters merge adapter out/merged",
)
# what would start real work: the fuzzer asks for answers about inputs, not for hours of computing
BUSY = ({"run"}, {"tune"}, {"index"}, {"retrieval"}, {"ask"})


def command_line(folder: Path, rng: Rng) -> tuple[str, list[str]]:
    """Words of the command line in a wrong order, left out, doubled, or of no meaning."""
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to("circle")
    line = rng.choice(LINES).split()
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(line) + 1)
        action = rng.random()
        if action < 0.45 and place < len(line):
            line[place] = rng.choice(ODD)
        elif action < 0.65:
            line.insert(place, rng.choice(ODD))
        elif action < 0.85:
            line.insert(place, rng.choice(WORDS))
        elif place < len(line):
            del line[place]
    if any(words & set(line) for words in BUSY) and "--dry-run" not in line and "--status" not in line:
        line.append("--dry-run" if "run" in line else "--help")
    return "words", line


def output(folder: Path, rng: Rng) -> tuple[str, list[str]]:
    """A place to write to that cannot be, or that holds something already."""
    os.mkfifo(folder / "out" / "pipe")
    (folder / "out" / "circle").symlink_to("circle")
    (folder / "out" / "full").mkdir()
    (folder / "out" / "full" / "x").write_text("x")
    place = rng.choice(
        (
            "out",
            "out/full",
            "out/full/x/y.html",
            "out/pipe",
            "out/circle",
            "out/circle/x",
            "out/none/deep/er.jsonl",
            "out/" + "n" * 300,
            "out/" + "d/" * 2500 + "x",
            "out/new",
            "out/é\u2028.html",
            "out/x.yaml",
            "/dev/full",
            "/proc/none/x",
            "out/full/x",
            "out/.",
        )
    )
    command = rng.choice(
        (
            "advise --answers answers.yaml --html {}",
            "advise --answers answers.yaml --save {}",
            "advise --answers answers.yaml --init {}",
            "diff one two --html {}",
            "report one --html {}",
            "report one --junit {}",
            "report one --markdown {}",
            "init {}",
            "golden import csv tables/t.csv {}",
            "golden export ragas small {}",
            "examples import chat tables/chat.jsonl {}",
            "index small --snapshot {}",
            "index small --restore {}",
        )
    )
    return f"output {place[:30]}", [word.replace("{}", place) for word in command.split()]


def folders(folder: Path, rng: Rng) -> tuple[str, list[str]]:
    """A whole folder of a run, model, adapter or corpus taken away, emptied or replaced."""
    import shutil

    name = rng.choice(
        ("small/corpus", "small/model", "reports/one", "adapter", "small/items", "small/items/test", "small")
    )
    target = folder / name
    shutil.rmtree(target)
    action = rng.choice(("gone", "empty", "file", "circle", "proc"))
    if action == "empty":
        target.mkdir()
    elif action == "file":
        target.write_text("x")
    elif action == "circle":
        target.symlink_to(target.name)
    elif action == "proc":
        target.symlink_to("/proc/self")
    command = rng.choice(
        ("run small --dry-run", "gate one", "report one --html out/x.html", "adapters show adapter", "diff one two")
    )
    return f"{name} {action}", command.split()


PORT = "HARNESS_FUZZ_PORT"  # environment variable with the port of the server that misbehaves (servers.py)
SERVED = """\
title: Served
golden: golden.jsonl
models: {{generator: m, base_url: "http://127.0.0.1:{port}/{seed}/v1", timeout: 2, retries: 0, concurrency: 2}}
answer: {{max_new_tokens: 8}}
arms: [baseline]
candidate: baseline
latency: {{questions: 0}}
safety: {{prompts: none}}
forgetting: {{tasks: none}}
"""


def served(folder: Path, rng: Rng) -> tuple[str, list[str]]:
    """A server that misbehaves by a seed."""
    seed = rng.randrange(10**9)
    text = SERVED.format(port=os.environ[PORT], seed=seed)
    replace(folder / "small" / "scenario.yaml", text.encode())
    return f"server {seed}", ["run", "small", "--limit", "1", "--workers", "1"]


DRY = ("run small --dry-run", "run small --dry-run", "run small --dry-run --drills --json")
TARGETS: tuple[Target, ...] = (
    Target(
        "scenario", 22, files("small/scenario.yaml", commands=(*DRY, "advise --scenario small", "index small --status"))
    ),
    Target(
        "data",
        16,
        files(
            "small/*.jsonl",
            "small/schema.json",
            "small/system.md",
            "small/items/*/*.csv",
            commands=(
                *DRY,
                "golden export ragas small out/x.jsonl",
                "golden export promptfoo small out/x.yaml",
                "golden split small/golden.jsonl --corpus small/corpus",
            ),
        ),
    ),
    Target("documents", 6, files("small/corpus/*", commands=DRY)),
    Target("model", 8, files("small/model/*", commands=DRY)),
    Target(
        "run",
        18,
        files(
            "reports/one/*.json*",
            commands=(
                "gate one",
                "gate one --json",
                "report one --html out/x.html --junit out/j.xml --markdown out/m.md",
                "diff one two",
                "diff one two --html out/d.html",
                "advise --check reports",
                "score one",
            ),
        ),
    ),
    Target(
        "adapter",
        8,
        files(
            "adapter/*",
            commands=(
                "adapters show adapter",
                "adapters show adapter",
                "adapters show adapter --json",
                "adapters merge adapter out/m --base small/model",
            ),
        ),
    ),
    Target("import", 14, imported),
    Target(
        "answers",
        6,
        files(
            "answers.yaml",
            commands=(
                "advise --answers answers.yaml",
                "advise --answers answers.yaml --json",
                "advise --answers answers.yaml --html out/x.html",
            ),
        ),
    ),
    Target("command line", 10, command_line),
    Target("output", 5, output),
    Target("folders", 3, folders),
    Target("server", 6, served),
)


def draw(rng: Rng, kind: str | None = None) -> Target:
    target = rng.choices(TARGETS, [target.weight for target in TARGETS])[0]
    return target if kind is None else next(target for target in TARGETS if target.name == kind)


# --- the pristine folder ------------------------------------------------------------------------------------------


def build(folder: Path) -> Path:
    """A scenario with its model, two stored runs, an adapter, answers, and a table of every format."""
    from tests.make.small import write_small

    folder.mkdir(parents=True)
    for name in ("cache", "tmp", "out", "reports"):
        (folder / name).mkdir()
    write_small(folder / "small")
    _runs(folder)
    _adapter(folder)
    (folder / "answers.yaml").write_text(
        "title: T\nanswers: {1: yes, 2: no, 3: unsure, 4: yes, 5: no, 6: yes, 7: no, 8: yes, 9: no}\n"
        "facts: {labelled_examples: 640, latency_budget_ms: 900, model_billions: 1.5, citation_duty: yes}\n"
    )
    _tables(folder / "tables")
    _charts(folder)
    return folder


def _charts(folder: Path) -> None:
    """Draw the pages once, elsewhere: their charts are cached, and what draws them does not survive a fork."""
    homes = {"HARNESS_CACHE": "cache", "HARNESS_REPORTS": "reports"}
    for line in ("report one --html tmp/r.html", "diff one two --html tmp/d.html"):
        subprocess.run(
            [sys.executable, "-m", "harness", *line.split()], cwd=folder, env={**os.environ, **homes}, check=True
        )
    for page in (folder / "tmp").glob("*.html"):
        page.unlink()


def _runs(folder: Path) -> None:
    """A made-up run of the small scenario, twice: enough for whatever reads a stored run."""
    from dataclasses import replace as changed

    from harness.files.hashing import file_hash
    from harness.record.files import save_run
    from harness.record.sections import ScenarioSection
    from harness.scenario.load import load_scenario
    from tests import make

    home = Path.cwd()
    os.chdir(folder)
    try:
        scenario = load_scenario(Path("small"))
        for name in ("one", "two"):
            stored = make.run(Path("reports") / name)
            hashes = changed(
                stored.record.hashes,
                golden=file_hash(Path("small/golden.jsonl")),
                corpus=file_hash(Path("small/corpus")),
            )
            record = changed(
                stored.record, scenario=ScenarioSection("small", "Small", scenario.hash, "small"), hashes=hashes
            )
            save_run(changed(stored, record=record))
    finally:
        os.chdir(home)


def _adapter(folder: Path) -> None:
    """An untrained adapter of the small model, with a record that fits it."""
    from dataclasses import replace as changed

    from harness.generation.load import load_model
    from harness.scenario.settings import Tuning
    from harness.tuning.adapters import content_id, write_record
    from tests.make import parts

    loaded = load_model(str(folder / "small" / "model"))
    from harness.tuning.kinds import with_adapter

    settings = Tuning(rank=2, alpha=4)
    with_adapter(loaded, settings, 7).save_pretrained(str(folder / "adapter"), save_embedding_layers=False)
    record = parts.adapter("tune", settings=settings)
    record = changed(
        record, id=content_id(folder / "adapter"), base=changed(record.base, name="small/model", hash=loaded.base_hash)
    )
    write_record(folder / "adapter", record)
    for file in (folder / "adapter").glob("README.md"):
        file.unlink()


def _tables(folder: Path) -> None:
    folder.mkdir()
    (folder / "beir" / "qrels").mkdir(parents=True)
    (folder / "docs").mkdir()
    for name, text in TABLES.items():
        replace(folder / name, text.encode())


def _rows(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


_Q, _A, _P = "What does Amber cost?", "12 euros", "The Amber plan costs 12 euros."
TABLES = {
    "t.csv": f"id,question,accept,evidence\n1,{_Q},{_A},{_P}\n2,Who?,Ann|Bea,\n",
    "t.jsonl": _rows({"question": _Q, "answer": _A}, {"question": "Who?", "answer": ["Ann"]}),
    "ragas.jsonl": _rows({"user_input": _Q, "reference": _A, "reference_contexts": [_P], "retrieved_contexts": [_P]}),
    "deepeval.json": json.dumps([{"input": _Q, "expected_output": _A, "context": [_P]}]),
    "tests.yaml": f"tests:\n  - vars: {{q: {_Q}}}\n    assert: [{{type: icontains, value: {_A}}}]\n",
    "langsmith.jsonl": _rows({"inputs": {"question": _Q}, "outputs": {"answer": _A}}),
    "evals.jsonl": _rows({"input": [{"role": "user", "content": _Q}], "ideal": _A}),
    "autorag.jsonl": _rows({"qid": "1", "query": _Q, "generation_gt": [_A], "retrieval_gt": [["d1"]]}),
    "trulens.jsonl": _rows({"query": _Q, "expected_response": _A, "expected_chunks": [{"text": _P}]}),
    "squad.json": json.dumps(
        {
            "version": "2.0",
            "data": [
                {
                    "title": "Amber",
                    "paragraphs": [
                        {
                            "context": _P,
                            "qas": [
                                {
                                    "id": "1",
                                    "question": _Q,
                                    "answers": [{"text": _A, "answer_start": 21}],
                                    "is_impossible": False,
                                }
                            ],
                        }
                    ],
                }
            ],
        }
    ),
    "hotpot.json": json.dumps(
        [{"_id": "1", "question": _Q, "answer": _A, "supporting_facts": [["Amber", 0]], "context": [["Amber", [_P]]]}]
    ),
    "dpr.json": json.dumps(
        [{"question": _Q, "answers": [_A], "positive_ctxs": [{"title": "Amber", "text": _P}], "ctxs": []}]
    ),
    "choice.csv": f"question,A,B,C,D,answer\n{_Q},{_A},1,2,3,A\n",
    "labels.csv": "text,label\nIt broke,fault\nThanks,praise\n",
    "beir/corpus.jsonl": _rows({"_id": "d1", "title": "Amber", "text": _P}),
    "beir/queries.jsonl": _rows({"_id": "q1", "text": _Q}),
    "beir/qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
    "docs/chunks.json": json.dumps([{"chunk_link": "d1#a", "chunk_heading": "Amber", "text": _P}]),
    "docs/questions.json": json.dumps([{"id": "1", "question": _Q, "correct_answer": _A, "correct_chunks": ["d1#a"]}]),
    "alpaca.jsonl": _rows({"instruction": _Q, "input": "", "output": _A}),
    "chat.jsonl": _rows(
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": _Q},
                {"role": "assistant", "content": _A},
            ]
        }
    ),
    "sharegpt.jsonl": _rows({"conversations": [{"from": "human", "value": _Q}, {"from": "gpt", "value": _A}]}),
    "completion.jsonl": _rows({"prompt": _Q, "completion": _A}),
    "preference.jsonl": _rows({"prompt": _Q, "chosen": _A, "rejected": "13 euros"}),
}
__all__ = ["NONSENSE", "TARGETS", "Target", "build", "draw"]
