"""Tuning by the harness beside TRL's `SFTTrainer` as it comes, on the same rows, in one run, on one thread.

    python -m benchmarks.tuning_speed [--model smollm2] [--scenario scenarios/helpdesk] [--rows 16] [--book closed_book]
        [--batch 8] [--repeats 1]

The same rows in tokens, order, loss on the answers, epochs, rank, layers, rate, batch and seed, from the same untrained
adapter. `defaults` is TRL with whatever else its SFTConfig sets (bf16 mixed precision, activations recomputed);
`fp32` is TRL with both switched off, whose arithmetic is ours: its losses have to be the same. Ours is the trainer that
`harness tune` makes. Processor seconds of training alone, models loaded before; ratios, losses of every step.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks.machine import matrix_rate, timed
from harness.files.paths import find_scenario
from harness.generation.load import LoadedModel, load_model
from harness.golden.load import load_examples
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario, Tuning
from harness.tuning.examples import TrainingRows, build_rows
from harness.tuning.kinds import with_adapter
from harness.tuning.tokens import Encoded, encode_all
from harness.tuning.trainer import make_trainer


@dataclass(frozen=True)
class Bench:
    """What every arm trains: the same rows on the same base."""

    base: LoadedModel
    rows: list[Encoded]
    settings: Tuning
    seed: int

    def ours(self, work: Path) -> Any:
        model = with_adapter(self.base, self.settings, self.seed)
        return make_trainer(model, self.base.tokenizer, (self.rows, []), self.settings, work, self.seed, None)

    def theirs(self, work: Path, **others: object) -> Any:
        from datasets import Dataset
        from transformers import PrinterCallback
        from trl import SFTConfig, SFTTrainer

        s = self.settings
        arguments = SFTConfig(
            output_dir=str(work), num_train_epochs=s.epochs, learning_rate=s.learning_rate,
            lr_scheduler_type=s.scheduler, warmup_steps=s.warmup, max_length=s.max_length,
            per_device_train_batch_size=s.batch, seed=self.seed, data_seed=self.seed, use_cpu=True, report_to="none",
            disable_tqdm=True, **others,
        )  # fmt: skip
        trainer = SFTTrainer(
            model=with_adapter(self.base, s, self.seed), args=arguments, processing_class=self.base.tokenizer,
            train_dataset=Dataset.from_list([asdict(row) for row in self.rows]),
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        return trainer


def main() -> None:
    options = _options()
    from datasets import disable_progress_bars

    disable_progress_bars()
    bench = _bench(options)
    tokens, answers = (sum(len(row.input_ids) for row in bench.rows),
                       sum(label != -100 for row in bench.rows for label in row.labels))  # fmt: skip
    print(f"{options.model}, {len(bench.rows)} rows ({options.book}), {tokens:,} tokens, {answers:,} of answers, "
          f"rank {bench.settings.rank} on {','.join(bench.settings.targets)}, batch {options.batch}")  # fmt: skip
    print(f"the machine multiplies at {matrix_rate(bench.base.model):.0f} GFLOP/s in fp32")
    makers: dict[str, Callable[[Path], Any]] = {
        "ours": bench.ours,
        "TRL's defaults": bench.theirs,
        "TRL in fp32": lambda work: bench.theirs(work, bf16=False, gradient_checkpointing=False),
    }
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    losses: dict[str, float] = {}
    for _ in range(options.repeats):
        for name, make in makers.items():  # in turns, so that what else the machine does falls on each
            with tempfile.TemporaryDirectory() as work:
                trainer = make(Path(work))
                taken, done = timed(trainer.train)
            seconds[name].append(taken)
            losses[name] = float(done.training_loss)
            print(f"  {name}: {taken:.1f} s, mean loss {losses[name]:.5f}", flush=True)
    ours = statistics.median(seconds["ours"])
    for name in list(makers)[1:]:
        theirs = statistics.median(seconds[name])
        print(f"{name}: {theirs:.1f} s, ours {ours:.1f}, ratio {theirs / ours:.2f}; "
              f"losses differ by {abs(losses[name] - losses['ours']):.1e}")  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--book", choices=("closed_book", "open_book"), default="closed_book")
    parser.add_argument("--batch", type=int, default=8)  # both TRL's default and the scenario's
    parser.add_argument("--repeats", type=int, default=1)
    return parser.parse_args()


def _bench(options: argparse.Namespace) -> Bench:
    scenario = load_scenario(find_scenario(options.scenario))
    settings = replace(scenario.tuning, batch=options.batch, epochs=1.0)
    base = load_model(options.model)
    fitting, _ = encode_all(base, _rows(scenario, options), settings)
    return Bench(base, [row for row, _ in fitting][: options.rows], settings, scenario.seed)


def _rows(scenario: Scenario, options: argparse.Namespace) -> TrainingRows:
    """The rows that a run would train on, passages found by its own retriever."""
    assert scenario.examples is not None
    assert scenario.corpus is not None
    open_book = options.book == "open_book"
    own = [e for e in load_examples(scenario.examples, scenario.answer.system) if e.use in (options.book, "both")]
    with tempfile.TemporaryDirectory() as folder:
        retriever = None
        if open_book:
            index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, Path(folder))
            retriever = HybridRetriever(index, scenario.retrieval)
        return build_rows(
            own[: options.rows],
            arm_open_book=open_book,
            retriever=retriever,
            answer_format=scenario.answer,
            seed=scenario.seed,
        )


if __name__ == "__main__":
    main()
