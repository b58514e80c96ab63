"""`python -m harness.generation.pocket.recipe train|export|evaluate`."""

from __future__ import annotations

import argparse
import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Runs one command of the recipe."""
    parser = argparse.ArgumentParser(prog="pocket-recipe", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train from scratch or go on from a checkpoint")
    train.add_argument("--tokens", type=float, default=25e6)
    train.add_argument("--out", required=True)
    train.add_argument("--resume", action="store_true")
    train.add_argument("--seed", type=int, default=7)
    train.add_argument("--processes", type=int, default=2)
    train.add_argument("--no-compile", action="store_true")
    args = parser.parse_args(argv)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if args.command == "train":
        from harness.generation.pocket.recipe.train import Plan, run

        run(
            Plan(
                out=args.out, tokens=args.tokens, seed=args.seed, processes=args.processes, compile=not args.no_compile
            ),
            args.resume,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
