"""`python -m recipes.pocket train|export|general|evaluate`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from harness.generation.pocket import GENERAL_DIR, pocket_dir


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m recipes.pocket", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train from scratch, or go on from the checkpoint in --out")
    train.add_argument("--tokens", type=float, default=40e6)
    train.add_argument("--out", required=True)
    train.add_argument("--resume", action="store_true")
    train.add_argument("--start", default="", help="a model directory to begin with, such as the shipped one")
    train.add_argument("--seed", type=int, default=7)
    train.add_argument("--rate", type=float, default=1.0, help="scales the learning rates")
    train.add_argument("--processes", type=int, default=2)
    train.add_argument("--no-compile", action="store_true")
    export = commands.add_parser("export", help="write a checkpoint as a model directory")
    export.add_argument("--checkpoint", type=Path, required=True)
    export.add_argument("--to", type=Path, default=pocket_dir())
    commands.add_parser("general", help="write the general test set and the replay facts")
    evaluate = commands.add_parser("evaluate", help="measure a model directory")
    evaluate.add_argument("--model", type=Path, default=pocket_dir())
    evaluate.add_argument("--scale", type=float, default=1.0, help="share of the full number of questions")
    evaluate.add_argument("--only", choices=("abilities", "tuning", "speed"), help="one part")
    evaluate.add_argument("--json", action="store_true", help="the whole report as one JSON object")
    return root


def measure(model: Path, scale: float, only: str | None) -> dict[str, Any]:
    """The parts of the evaluation that were asked for."""
    from recipes.pocket import evaluate, speed, tuning

    report: dict[str, Any] = {}
    if only in (None, "abilities"):
        report["abilities"] = evaluate.abilities(*evaluate.load(model), scale)
    if only in (None, "tuning"):
        report["tuning"] = tuning.report(model, scale)
    if only in (None, "speed"):
        report["speed"] = speed.speed(model)
        report["determinism"] = speed.determinism(model)
    return report


def lines(report: dict[str, Any], prefix: str = "") -> list[str]:
    """One line for each figure: name, mean, interval, n."""
    texts: list[str] = []
    for name, value in report.items():
        label = f"{prefix}{name}"
        if isinstance(value, dict) and "n" in value:
            texts.append(f"{label}: {value['mean']:.1%} [{value['low']:.1%}, {value['high']:.1%}] n={value['n']}")
        elif isinstance(value, dict):
            texts += lines(value, f"{label} ")
        else:
            texts.append(f"{label}: {value}")
    return texts


def main(argv: list[str] | None = None) -> int:
    """Runs one command of the recipe."""
    args = parser().parse_args(argv)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if args.command == "train":
        from recipes.pocket.train import Plan, run

        os.environ.update({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})
        run(
            Plan(
                out=args.out,
                tokens=args.tokens,
                seed=args.seed,
                rate=args.rate,
                processes=args.processes,
                compile=not args.no_compile,
                start=args.start,
            ),
            args.resume,
        )
    elif args.command == "evaluate":
        report = measure(args.model, args.scale, args.only)
        print(json.dumps(report) if args.json else "\n".join(lines(report)))
    else:
        from recipes.pocket import export

        export.export(args.checkpoint, args.to) if args.command == "export" else export.write_general(GENERAL_DIR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
