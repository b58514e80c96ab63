"""`python -m recipes.reader show | train | evaluate | export`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from typing import Any


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m recipes.reader", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="print some conversations of the training text")
    show.add_argument("--seed", type=int, default=0)
    show.add_argument("--count", type=int, default=3)
    train = commands.add_parser("train", help="train one stage")
    train.add_argument("--base", type=Path, required=True)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--tokens", type=int, required=True)
    train.add_argument("--start", type=Path)
    train.add_argument("--minutes", type=float)
    train.add_argument("--rate", type=float, default=4e-4)
    train.add_argument("--decay-from", type=float, default=1.0)
    train.add_argument("--warmup", type=int, default=12)
    train.add_argument("--packs", type=int, default=1, help="packs of one step")
    train.add_argument("--seed", type=int, default=1)
    evaluate = commands.add_parser("evaluate", help="measure models on the same items, each figure with its interval")
    evaluate.add_argument("--model", action="append", required=True, help="a built-in model or a folder")
    evaluate.add_argument("--adapter", type=Path, help="also each model with this adapter, beside it without")
    evaluate.add_argument("--only", action="append", help="one measure; default: all of the final measurement")
    evaluate.add_argument("--data", type=Path, default=Path("../shared/data"))
    evaluate.add_argument("--scale", type=float, default=1.0, help="share of each measure's items")
    evaluate.add_argument("--bf16", action="store_true", help="bf16 arithmetic, for a CPU that multiplies it")
    export = commands.add_parser("export", help="write a checkpoint as a PEFT adapter in bf16")
    export.add_argument("--checkpoint", type=Path, required=True)
    export.add_argument("--to", type=Path, required=True)
    options = vars(parser.parse_args(arguments))
    return {"show": _show, "train": _train, "evaluate": _evaluate, "export": _export}[options.pop("command")](options)


def _show(options: dict[str, object]) -> int:
    from recipes.reader import rows

    for index in range(int(str(options["count"]))):
        drawn = rows.draw(Random(f"show/{options['seed']}/{index}"))
        print(f"=== system\n{drawn.system}\n=== user\n{drawn.turns[0][0] if drawn.turns else ''}")
        for user, answer in drawn.turns:
            print(f"  {user.splitlines()[-1]} -> {answer!r}")
    return 0


def _train(options: dict[str, object]) -> int:
    import torch

    from recipes.reader.train import Plan, train

    torch.set_num_threads(1)
    print(train(Plan(**options)))  # type: ignore[arg-type]
    return 0


def _evaluate(options: dict[str, Any]) -> int:
    from recipes.reader import evaluate

    for model in options["model"]:
        names = options["only"] or evaluate.FINAL
        terms = (names, options["data"], options["scale"], options["bf16"])
        figures = evaluate.evaluate(model, *terms)
        print(evaluate.to_json(model, figures))
        if options["adapter"] is not None:
            tuned = evaluate.evaluate(model, *terms, options["adapter"])
            print(*evaluate.besides(tuned, figures), sep="\n")
    return 0


def _export(options: dict[str, Any]) -> int:
    from recipes.reader.export import export

    print(export(options["checkpoint"], options["to"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
