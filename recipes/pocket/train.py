"""The training loop: data-parallel processes of one thread, a curriculum by mastery, a schedule that ends by the clock.

Schedule: warm-up, constant, and a linear decay to a hundredth over the last quarter; writing the file `decay` in the
output folder, with the tokens it shall last, starts it at once. The curriculum goes from one to six passages: it
moves on when the smoothed share of right answers on rows of the present level is over MASTERED, or to the number in
the file `level`. The file `stop` ends the run after a save; `--resume` goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from harness.process.malloc import KEEP_FREED
from recipes.pocket import batching, encoding, export, induction, lean, optim, rows, tokenizer

# Share of answers right to the last token, greedily, at which a level counts as mastered. A mean loss says little: a
# sentence copied from the wrong place costs its first tokens only (at 0.3 nats a token half of the answers were wrong).
MASTERED = 0.85
CERTAIN = 0.693  # a token of less loss, nats, has more than half of the probability: greedy decoding takes it
LEVELS = 6
WARMUP = 100
POINT, NUMBERED, REPEAT = 0.5, 0.03, 0.5  # weights of the attention losses, per query position
DECIDE = 6.0  # the same where an answer or a repetition begins: there it is decided what is said
STARTED, NAMED = 0.1, 0.3
FORMED = 0.8  # smoothed loss of copied tokens under which copying counts as formed, nats


@dataclass(frozen=True)
class Plan:
    """What one training run is asked to do."""

    out: str
    tokens: float
    seed: int = 7
    processes: int = 2
    batch: int = 1024  # padded tokens of one micro-batch
    micro: int = 6  # micro-batches of one step, taken from a shared counter, so that a slow process delays nobody
    muon_rate: float = 0.02
    adam_rate: float = 3e-3
    decay_share: float = 0.25
    rate: float = 1.0  # scales both learning rates
    compile: bool = True
    start: str = ""  # a model directory to begin with, level 4, instead of fresh weights


@dataclass(frozen=True)
class State:
    """Where the run stands; saved with the weights."""

    step: int = 0
    tokens: int = 0
    level: int = 1
    exact: float = 0.0  # smoothed share of answers without a wrong token, rows of the present level
    copy_loss: float = 3.0  # smoothed, repeated tokens of copy rows
    formed_from: int = 1  # tokens when copying had formed; 0: not yet (1: planted, see induction.py)
    decay_from: int = 0  # tokens when the decay began; 0: not yet
    level_from: int = 0
    seconds: float = 0.0


def rate_factor(state: State, plan: Plan) -> float:
    """The learning rate's factor at this state."""
    warm = plan.rate * min(1.0, (state.step + 1) / WARMUP)
    if not state.decay_from:
        return warm
    left = 1.0 - (state.tokens - state.decay_from) / decay_length(state, plan)
    return max(0.01, left) * warm


def decay_length(state: State, plan: Plan) -> float:
    """Tokens over which the rate falls."""
    path = Path(plan.out) / "decay"
    asked = path.read_text().strip() if path.exists() else ""
    return float(asked) if asked else plan.tokens * plan.decay_share


def mixture(state: State, plan: Plan) -> rows.Mixture:
    """The row shares at this state: copying fades out, single questions and long rows come in with the decay."""
    formed = state.formed_from > 0
    if state.decay_from:
        return rows.Mixture(copy=0.02, formed=formed, general=0.18, closed=0.02, single=0.3, unstated=0.24, long=0.01)
    settled = formed and state.tokens - state.formed_from > 300_000
    copy = 0.02 if settled else 0.15 if formed else 0.6
    return rows.Mixture(
        copy=copy,
        formed=formed,
        general=0.12 if settled else 0.05,
        closed=0.02,
        single=0.15,
        unstated=0.06,
        long=0.01 if state.level >= 4 else 0.0,
    )


def advance(state: State, exact: float | None) -> State:
    """The state after one step's share of right answers on rows of the present level; moves up when mastered."""
    if exact is None:
        return state
    smoothed = 0.97 * state.exact + 0.03 * exact
    if smoothed > MASTERED and state.level < LEVELS and state.tokens - state.level_from > 150_000:
        return replace(state, level=state.level + 1, exact=smoothed - 0.1, level_from=state.tokens)
    return replace(state, exact=smoothed)


def stream(plan: Plan, encoder: encoding.Encoder, current: list[State]) -> Iterator[list[list[encoding.Row]]]:
    """Endless steps of `plan.micro` micro-batches, the same in every process; the mixture follows the state."""
    waiting: list[list[encoding.Row]] = []
    while True:
        state = current[0]
        while len(waiting) < plan.micro:
            rng = Random(f"{plan.seed}/{state.step}/{len(waiting)}")
            waiting += rows.batches(rng, encoder, mixture(state, plan), state.level, plan.batch)
        yield waiting[: plan.micro]
        waiting = waiting[plan.micro :]


class Worker:
    """One process of the run."""

    def __init__(self, plan: Plan, rank: int, tickets: Any) -> None:
        import torch
        from transformers import AutoTokenizer, LlamaForCausalLM

        torch.set_num_threads(1)
        self.plan, self.rank, self.tickets = plan, rank, tickets
        self.taken = 0
        self.out = Path(plan.out)
        self.encoder = encoding.Encoder(AutoTokenizer.from_pretrained(self.out))
        self.model = lean.new_model(plan.seed)
        induction.plant(self.model, plan.seed)
        if plan.start:
            begun = LlamaForCausalLM.from_pretrained(plan.start, dtype=torch.float32)
            self.model.load_state_dict(begun.state_dict())
        self.hidden, self.rest = optim.split_parameters(self.model)
        self.muon = optim.Muon(self.hidden, rank, plan.processes)
        self.adam = torch.optim.AdamW(self.rest, lr=plan.adam_rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.rope = lean.rope_tables(2048, 64)
        self.forward = lean.compiled() if plan.compile else lean.Pass()
        self.state = State(level=4 if plan.start else 1)
        self._resume()

    def _resume(self) -> None:
        import torch

        path = self.out / f"optimiser-{self.rank}.pt"
        if not path.exists():
            return
        saved = torch.load(path, weights_only=True)
        self.model.load_state_dict(torch.load(self.out / "weights.pt", weights_only=True))
        self.muon.load(saved["muon"])
        self.adam.load_state_dict(saved["adam"])
        self.state = State(**json.loads((self.out / "state.json").read_text()))

    def save(self) -> None:
        """Writes weights, optimiser and state so that a cut leaves the last complete set."""
        import torch

        files: list[tuple[str, Any]] = [
            (f"optimiser-{self.rank}.pt", {"muon": self.muon.state(), "adam": self.adam.state_dict()})
        ]
        if self.rank == 0:
            files.append(("weights.pt", self.model.state_dict()))
        for name, content in files:
            torch.save(content, self.out / (name + ".new"))
            os.replace(self.out / (name + ".new"), self.out / name)
        if self.rank == 0:
            (self.out / "state.json").write_text(json.dumps(asdict(self.state)))

    def _take(self) -> Iterator[int]:
        """Indices of this step's micro-batches that fall to this process."""
        end = self.taken + self.plan.micro
        while True:
            with self.tickets.get_lock():
                ticket = self.tickets.value
                if ticket >= end:
                    break
                self.tickets.value = ticket + 1
            yield ticket - self.taken
        self.taken = end

    def step(self, micro: list[list[encoding.Row]]) -> dict[str, float]:
        """One optimiser step over all processes; returns the sums that make its log line."""
        import torch
        import torch.distributed as dist

        sums = torch.zeros(10)
        for index in self._take():
            sums += self._learn(micro[index], Random(f"{self.plan.seed}/{self.state.step}/{index}/kept"))
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in (*self.hidden, *self.rest)]
        flat = torch.cat([sums, *(g.reshape(-1) for g in grads)])
        if self.plan.processes > 1:
            dist.all_reduce(flat)
        sums = flat[: len(sums)].clone()
        flat /= sums[0]
        offset = len(sums)
        for p in (*self.hidden, *self.rest):
            p.grad = flat[offset : offset + p.numel()].view_as(p)
            offset += p.numel()
        self._update()
        return {
            **{
                name: float(sums[i] / sums[i + 1]) if sums[i + 1] > 0 else -1.0
                for name, i in (("exact_now", 1), ("copied_loss", 3), ("decide_loss", 5), ("begin_loss", 7))
            },
            "tokens": float(sums[9]),
        }

    def _learn(self, batch: list[encoding.Row], draw: Random) -> Any:
        """Adds the gradients of one micro-batch; returns its sums for the log."""
        import torch

        ids, targets, weights = batching.pack(batch, draw)
        parameters = lean.parameters_of(self.model)
        kept, real = batching.positions(weights)
        layout = lean.layout(self.rope, ids.shape[1], batching.blocks(batch, ids.shape[1]))
        hidden, (locate, number, copy, start, name, words) = self.forward.hidden(parameters, ids, kept, layout)
        weights, targets = weights.gather(1, kept) * real, targets.gather(1, kept)
        losses = lean.token_losses(parameters, hidden.flatten(0, 1), targets.flatten()).view(weights.shape)
        loss = (losses * weights).sum()
        located, copied, decided, begun, runs = torch.zeros(()), torch.zeros(()), 0.0, 0.0, 0
        for i, row in enumerate(batch):
            mask = None if layout.mask is None else layout.mask[i]
            if row.pointers:
                every = lean.attention_loss(locate[0][i], locate[1][i], list(row.pointers), mask)
                firsts = every[_firsts(row)]
                located = located + POINT * every.sum() + (DECIDE - POINT) * firsts.sum()
                decided += float(firsts.detach().sum())
            if row.copies:
                used = kept[i, : int(real[i].sum())]
                each = lean.copy_loss(copy[0][i], copy[1][i], used, list(row.copies), mask)
                begins = each[_begins(row)]
                copied = copied + REPEAT * each.sum() + (DECIDE - REPEAT) * begins.sum()
                begun += float(begins.detach().sum())
                runs += len(begins)
            named = (name, row.mentions, NAMED), (name, row.abouts, POINT)
            for head, spans, weight in (*named, (words, row.bags, NAMED), (words, row.words, POINT)):
                if spans:
                    loss = loss + weight * lean.even_loss(head[0][i], head[1][i], list(spans), mask).sum()
            if row.starts:
                loss = loss + STARTED * lean.attention_loss(start[0][i], start[1][i], list(row.starts), mask).sum()
            if row.headers:
                loss = loss + NUMBERED * lean.attention_loss(number[0][i], number[1][i], list(row.headers), mask).sum()
        (loss + located + copied).backward()
        again = torch.tensor([row.passages == rows.COPY_MARK for row in batch])[:, None] & (weights == 1.0)
        told = [
            *self._right(batch, kept, losses.detach()),
            float(losses.detach()[again].sum()),
            float(again.sum()),
            decided,
            float(sum(len(row.pointers) for row in batch)),
            begun,
            float(runs),
            float(sum(len(row.ids) for row in batch)),
        ]
        return torch.cat([weights.sum()[None], torch.tensor(told)])

    def _right(self, batch: list[encoding.Row], kept: Any, losses: Any) -> tuple[float, float]:
        """(answers without a wrong token, answers) of the rows of the present level."""
        right = asked = 0
        for i, row in enumerate(batch):
            for span in row.pointers if row.passages == self.state.level else ():
                # a refusal is pointed with its first token only, which decides it
                inside = (kept[i] >= span.queries[0]) & (kept[i] < span.queries[1])
                right += bool((losses[i][inside] < CERTAIN).all())
                asked += 1
        return float(right), float(asked)

    def _update(self) -> None:
        import torch

        factor = rate_factor(self.state, self.plan)
        torch.nn.utils.clip_grad_norm_(self.rest, 1.0)
        self.muon.step(self.plan.muon_rate * factor, 0.05)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.adam_rate * factor
        self.adam.step()
        for p in (*self.hidden, *self.rest):
            p.grad = None


def _firsts(row: encoding.Row) -> list[int]:
    """Where, among the queries of a row's pointers one after the other, each pointer begins."""
    firsts, at = [], 0
    for span in row.pointers:
        firsts.append(at)
        at += span.queries[1] - span.queries[0]
    return firsts


def _begins(row: encoding.Row) -> list[int]:
    """Which of a row's pairs begin a repetition."""
    known = set(row.copies)
    return [i for i, (left, right) in enumerate(row.copies) if (left - 1, right - 1) not in known]


def work(rank: int, plan: Plan, port: int, tickets: Any) -> None:
    """The body of one process."""
    import torch.distributed as dist

    if hasattr(os, "setsid") and plan.processes > 1:
        os.setsid()  # Linux shares the CPU out by session first: in one session, two processes get the share of one
    if plan.processes > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=plan.processes)
    worker = Worker(plan, rank, tickets)
    holder = [worker.state]
    started = time.time()
    before, log = worker.state.seconds, worker.out / "train.jsonl"
    for micro in stream(plan, worker.encoder, holder):
        seen = worker.step(micro)
        worker.state = next_state(worker.state, plan, seen, before + time.time() - started)
        holder[0] = worker.state
        if rank == 0 and worker.state.step % 20 == 0:
            with log.open("a", encoding="utf-8") as file:
                file.write(
                    json.dumps({**asdict(worker.state), **{k: round(v, 4) for k, v in seen.items() if k != "tokens"}})
                    + "\n"
                )
        asked = worker.state.step % 20 == 0 and (worker.out / "stop").exists()
        done = asked or worker.state.tokens >= end_of(worker.state, plan)
        if done or worker.state.step % 100 == 0:
            worker.save()
        if done:
            return


def end_of(state: State, plan: Plan) -> float:
    """Tokens at which the run ends."""
    return state.decay_from + decay_length(state, plan) if state.decay_from else float("inf")


def next_state(state: State, plan: Plan, seen: dict[str, float], seconds: float) -> State:
    """The state after a step."""
    tokens = state.tokens + int(seen["tokens"])
    begin = tokens >= plan.tokens * (1 - plan.decay_share) or (
        state.step % 20 == 0 and (Path(plan.out) / "decay").exists()
    )
    copied = seen["copied_loss"]
    copy_loss = state.copy_loss if copied < 0 else 0.95 * state.copy_loss + 0.05 * copied
    moved = replace(
        state,
        copy_loss=copy_loss,
        formed_from=state.formed_from or (tokens if copy_loss < FORMED else 0),
        step=state.step + 1,
        tokens=tokens,
        seconds=round(seconds, 1),
        decay_from=state.decay_from or (tokens if begin else 0),
    )
    asked = Path(plan.out) / "level"
    if state.step % 20 == 0 and asked.exists() and int(asked.read_text()) > moved.level:
        moved = replace(moved, level=int(asked.read_text()), level_from=tokens)
    return advance(moved, seen["exact_now"] if seen["exact_now"] >= 0 else None)


def run(plan: Plan, resume: bool) -> None:
    """Trains into `plan.out`; with `resume`, goes on from the checkpoint there."""
    import torch.multiprocessing as mp

    out = Path(plan.out)
    out.mkdir(parents=True, exist_ok=True)
    if not resume:
        for stale in out.glob("optimiser-*.pt"):
            stale.unlink()
    if plan.start:
        for name in export.TOKENIZER_FILES:
            shutil.copy(Path(plan.start) / name, out / name)
    elif not (out / "tokenizer.json").exists():
        tokenizer.train(out)
    os.environ.update(KEEP_FREED)
    port = 29000 + os.getpid() % 2000
    tickets = mp.get_context("spawn").Value("q", 0)
    mp.spawn(work, args=(plan, port, tickets), nprocs=plan.processes)  # type: ignore[attr-defined, no-untyped-call]
