"""Published answers of five tuned commercial models joined as arms by file, and compared as if one were to be released.

    python -m benchmarks.finetunebench ../shared/data/finetunebench_people [--folder DIR]

FineTuneBench (arXiv 2411.05059): 150 facts about 25 made-up people, asked as trained, rephrased, one step on (second
hop, yes or no). For each way of asking a scenario is written: the questions as a golden set, clustered by person, and a
file of answers a model. Nothing is asked of anybody. The published shape is .99 right as trained, .65 rephrased, the
second hop at chance. Measured from the published answers (docs/compare.md): two of the five reach .99 as trained; .65
rephrased is nobody's (.89, .35, .19, 0, 0); on the second hop four intervals reach .50 and one lies above it.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import harness
from harness.report.text.compare import compare_text
from harness.stats.numbers import show_estimate

WAYS: Mapping[str, str] = {"original": "as trained", "rephrased": "rephrased", "secondary": "second hop"}
SUFFIX = "_response"
SETTINGS = """\
title: Facts about made-up people, {way}
golden: golden.jsonl
arms: [{arms}]
candidate: {first}
forgetting: {{tasks: none}}
"""


def write_scenario(rows: list[dict[str, str]], folder: Path, way: str) -> tuple[str, ...]:
    """A scenario of one way of asking; returns the names of its arms."""
    columns = [name for name in rows[0] if name.endswith(SUFFIX)]
    models = [column.removesuffix(SUFFIX) for column in columns]
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"{row['id']}-{place}" for place, row in enumerate(rows)]
    _write(folder / "golden.jsonl", (
        {"id": id, "question": row["prompt"], "accept": [row["answer"]], "source": row["id"], "split": "test",
         "verified_by": "published with FineTuneBench"}
        for id, row in zip(ids, rows, strict=True)
    ))  # fmt: skip
    for model, column in zip(models, columns, strict=True):
        _write(folder / f"{model}.jsonl", ({"id": id, "text": row[column]} for id, row in zip(ids, rows, strict=True)))
    entries = ", ".join(f"{{name: {model}, answers: {model}.jsonl}}" for model in models)
    (folder / "scenario.yaml").write_text(SETTINGS.format(way=way, arms=entries, first=models[0]), encoding="utf-8")
    return tuple(models)


def _write(file: Path, rows: Iterable[Mapping[str, object]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Published answers as arms by file.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--folder", type=Path, help="where the scenarios are written and stay; default: nowhere")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = options.folder or Path(temporary)
        for name, way in WAYS.items():
            with (options.data / f"responses_{name}.csv").open(encoding="utf-8", newline="") as stream:
                models = write_scenario(list(csv.DictReader(stream)), home / name, way)
            run = harness.run(home / name)
            print(f"\n=== {way}: task success")
            for model in models:
                print(f"  {model:<26} {show_estimate(run.record.estimate(model, 'task_success'))}")
            comparison = harness.compare(models, scenario=home / name)
            print("\n".join(compare_text(comparison).split("\n")[: len(models) + 2]))


if __name__ == "__main__":
    main()
