"""A continual cycle end to end, its times, and that nothing is lost when it is killed at random moments.

    python -m benchmarks.refresh_cycle [--work FOLDER] [--kills 5] [--seed 7] [--model pocket]

A small scenario is run; then a page and an example come in, and `harness refresh` is called: once undisturbed, and
once more on the folder as it was before, as a process that gets SIGKILL at moments drawn over the time that the first
one took, and is called again each time. At the end both have the same versions: the same adapters by content, trained
on as many examples, the same pages and verdicts, the first one untouched. A further call says that nothing is new.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from harness.tuning.adapters import content_id
from harness.tuning.versions import adapter_of_version, read_versions

PAGE = "# Dogwood plan\n\nThe Dogwood plan costs 44 euros. The Dogwood plan has 90 GB of storage.\n"
NEW = {
    "prompt": {"user": "Tell me the price of Dogwood."},
    "output": {"status": "ok", "answer": "44 euros", "citations": []},
    "evidence": [{"doc": "dogwood.md", "quote": "The Dogwood plan"}],
    "use": "open_book",
}
REFRESH = ("refresh", "scenarios/plans", "--workers", "1", "--json")


def call(home: Path, *words: str) -> subprocess.Popen[str]:
    """The tool in a folder of its own: its caches, runs and versions lie there."""
    kept = {key: value for key, value in os.environ.items() if key not in ("HARNESS_CACHE", "HARNESS_REPORTS")}
    command = [sys.executable, "-m", "harness", *words]
    return subprocess.Popen(command, cwd=home, env=kept, text=True, stdout=subprocess.PIPE, start_new_session=True)


def finish(home: Path, *words: str) -> tuple[float, str]:
    """Seconds, and what it printed. SystemExit where it failed."""
    start = time.perf_counter()
    process = call(home, *words)
    out, _ = process.communicate()
    if process.returncode not in (0, 2):
        raise SystemExit(f"harness {' '.join(words)} ended with {process.returncode}")
    return time.perf_counter() - start, out


def prepare(home: Path, model: str | None) -> None:
    """A scenario that was run once, and has a new page and a new example since."""
    from tests.make.small import write_small

    scenario = write_small(home / "scenarios" / "plans")
    file = scenario / "scenario.yaml"
    text = file.read_text().replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[rag, hybrid]")
    text = text.replace("safety: {limit: 4}", "safety: {prompts: none}") + "latency: {questions: 0}\n"
    file.write_text(text if model is None else text.replace("generator: model", f"generator: {model}"))
    seconds, _ = finish(home, "run", "scenarios/plans", "--workers", "1")
    print(f"the run before: {seconds:.1f} s", flush=True)
    (scenario / "corpus" / "dogwood.md").write_text(PAGE)
    with (scenario / "train.jsonl").open("a") as out:
        out.write(json.dumps(NEW) + "\n")


def disturb(home: Path, seconds: float, kills: int, seed: int) -> None:
    """Call a refresh so many times and kill it at random moments."""
    draw = random.Random(seed)
    for number in range(1, kills + 1):
        moment = draw.uniform(0.2, 0.95) * seconds
        process = call(home, *REFRESH)
        try:
            process.wait(moment)
            print(f"kill {number}: it was done before {moment:.1f} s", flush=True)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            versions = len(list((home / "adapters").rglob("version.json")))
            print(f"kill {number}: after {moment:.1f} s, with {versions} versions published", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("refresh-cycle"))
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--model", default=None, help="a built-in model; default: a random one of test size")
    options = parser.parse_args()
    home, calm, before = (options.work.resolve() / name for name in ("home", "calm", "before"))
    for folder in (home, calm, before):
        shutil.rmtree(folder, ignore_errors=True)
    home.mkdir(parents=True)
    prepare(home, options.model)
    shutil.copytree(home, before)
    seconds, out = finish(home, *REFRESH)
    print(f"an undisturbed cycle: {seconds:.1f} s: {json.loads(out)}", flush=True)
    home.rename(calm)
    before.rename(home)  # at the same place, for an index belongs to where its pages lie
    disturb(home, seconds, options.kills, options.seed)
    again, _ = finish(home, *REFRESH)
    print(f"the call that ends it: {again:.1f} s", flush=True)
    _, said = finish(home, *REFRESH)
    print(f"one more call: {said.strip() or 'nothing on standard output, exit 2'}", flush=True)
    homes = [folder / "adapters" / "plans" / "hybrid" for folder in (calm, home)]
    rows = [
        [(v.number, v.adapter, v.examples_trained, sorted(v.documents), v.verdict) for v in read_versions(home)]
        for home in homes
    ]
    whole = all(content_id(adapter_of_version(home, v)) == v.adapter for home in homes for v in read_versions(home))
    print(f"same versions, adapters and verdicts: {rows[0] == rows[1]}; every adapter is what its id says: {whole}")
    print(*rows, sep="\n")
    if rows[0] != rows[1] or not whole:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
