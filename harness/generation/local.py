"""A generator on this machine: any transformers causal LM, with or without a PEFT adapter.

    base = load_generator("smollm2")
    tuned = base.with_adapter(Path("adapters/3f2a..."))     # the base is neither loaded again nor changed
    tuned.generate([prompt], Decoding(max_new_tokens=64))

Every arm is served by the same numeric path, adapters merged: on a CPU products in fp32 or bf16, all else in fp32.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, InputError
from harness.generation import decode, library_decode
from harness.generation.batches import plan, plan_alike
from harness.generation.chat_template import answer_texts, chat, end_tokens, template_ids, thought_marks
from harness.generation.constrained import Guides, guides_of
from harness.generation.load import LoadedModel, Quantization, load_model
from harness.generation.merge import adapter_name, beside, check_base, merge
from harness.process.cores import cores
from harness.scenario.settings import Precision
from harness.types import Decoding, Failure, Generation, Prompt, Reply

if TYPE_CHECKING:
    import torch

MAX_BATCH = 32
# Key-value cache of one batch. Two batches are in flight on a small CPU model: see `threads`.
CACHE_BYTES = {"cpu": 384 << 20, "cuda": 8 << 30}
# Up to this size one core a batch and several batches at once are faster than several cores on one batch.
SMALL_MODEL_PARAMETERS = 200_000_000

PlannedBatch = tuple[list[int], list[Reply]]


@dataclass(frozen=True)
class LocalGenerator:
    """A model on this machine as an arm uses it (`ArmGenerator`)."""

    loaded: LoadedModel
    adapter: str | None = None  # content id or folder name of the merged adapter
    threads: int = 1  # CPU threads in all
    precision: Precision = "float32"  # of the products of `decode.greedy`: float32 or bfloat16
    library_decoding: bool = False  # force transformers' generate (for comparison)
    _encoded: dict[tuple[Prompt, ...], list[list[int]]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.loaded.name if self.adapter is None else f"{self.loaded.name} + {self.adapter}"

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together."""
        return self.loaded.context

    def count(self, prompt: Prompt) -> int:
        """Tokens of the rendered prompt with the start of the answer."""
        return len(self.encode(prompt))

    def encode(self, prompt: Prompt) -> list[int]:
        """Token ids of `prompt` through the model's own chat template."""
        return template_ids(self.loaded.tokenizer, chat(self.loaded.tokenizer, prompt), add_generation_prompt=True)

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Reply]:
        """One Reply a prompt, in order; a prompt that does not fit the model's context has a Failure.

        Batches are laid out by `layout`.
        """
        answers: dict[int, Reply] = {}
        for indices, generations in self.stream(prompts, decoding):
            answers.update(zip(indices, generations, strict=True))
        return [answers[index] for index in range(len(prompts))]

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """The batches that `stream` forms of these prompts; the same for the same prompts."""
        return self.layout_of(self._rows(prompts), decoding)

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[PlannedBatch]:
        """Yield (indices, generations) of each batch, in the order of `batches` (default: `layout`).

        A caller that resumes passes the batches of the full layout that are still missing.
        """
        rows = self._rows(prompts)
        self._encoded.clear()
        order = self.layout_of(rows, decoding) if batches is None else batches
        workers = self.workers if decoding.temperature == 0 else 1  # sampling draws from one seeded stream
        with ThreadPoolExecutor(workers, initializer=self._claim_threads) as pool:
            prefix = pool.submit(self._prefix, rows, decoding).result() if order else None
            futures = [pool.submit(self._answer, [rows[i] for i in batch], decoding, prefix) for batch in order]
            try:
                for batch, future in zip(order, futures, strict=True):
                    yield list(batch), future.result()
            finally:
                for future in futures:
                    future.cancel()

    def _rows(self, prompts: Sequence[Prompt]) -> list[list[int]]:
        """Token ids of each prompt; kept from `layout` to the `stream` that follows it, for one set of prompts."""
        key = tuple(prompts)
        if key not in self._encoded:
            self._encoded.clear()
            self._encoded[key] = [self.encode(prompt) for prompt in key]
        return self._encoded[key]

    @property
    def workers(self) -> int:
        """Batches in flight."""
        small = self.loaded.model.num_parameters() <= SMALL_MODEL_PARAMETERS
        return self.threads if small and self._device == "cpu" else 1

    def with_adapter(self, path: Path) -> LocalGenerator:
        """A generator with the adapter in `path` merged into a copy of the base; tokenizer shared, base untouched.

        Raises InputError for a folder that is no adapter, or one that was trained on another base.
        """
        if self.adapter is not None:
            raise InputError(f"{self.name} already carries an adapter; add adapters to the base generator")
        model = merge(self.loaded, path)
        return replace(self, loaded=replace(self.loaded, model=model), adapter=adapter_name(path), _encoded={})

    @property
    def _device(self) -> str:
        return str(self.loaded.model.device.type)

    def _claim_threads(self) -> None:
        import torch

        torch.set_num_threads(max(1, self.threads // self.workers))

    def layout_of(self, rows: Sequence[list[int]], decoding: Decoding) -> list[list[int]]:
        """The batches of prompts that are token ids already."""
        config = self.loaded.model.config
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        token_bytes = 2 * config.num_hidden_layers * heads * size * self.loaded.model.dtype.itemsize
        budget = max(1, CACHE_BYTES[self._device] // token_bytes)
        if self._own(decoding):
            return plan_alike(rows, decoding.max_new_tokens - decode.known_tokens(rows), MAX_BATCH, budget)
        return plan([len(row) + decoding.max_new_tokens for row in rows], MAX_BATCH, budget)

    @property
    def _products(self) -> torch.dtype | None:
        import torch

        return torch.bfloat16 if self.precision == "bfloat16" else None

    def _own(self, decoding: Decoding) -> bool:
        """Whether `decode.greedy` serves these answers; else transformers' own `generate`."""
        greedy = decoding.temperature == 0 and self._device == "cpu" and not self.library_decoding
        return greedy and decode.serves(self.loaded.model)

    def _prefix(self, rows: list[list[int]], decoding: Decoding) -> decode.Prefix | None:
        fitting = [row for row in rows if _too_long(len(row), decoding, self.context) is None]
        return decode.prefix_of(self.loaded.model, fitting, self._products) if self._own(decoding) else None

    def _answer(self, rows: list[list[int]], decoding: Decoding, prefix: decode.Prefix | None) -> list[Reply]:
        """A Failure for each row that does not fit the context, and the answers of the others."""
        failures = [_too_long(len(row), decoding, self.context) for row in rows]
        fitting = [row for row, failure in zip(rows, failures, strict=True) if failure is None]
        answers = iter(self._answer_fitting(fitting, decoding, prefix) if fitting else ())
        return [next(answers) if failure is None else failure for failure in failures]

    def _answer_fitting(
        self, rows: list[list[int]], decoding: Decoding, prefix: decode.Prefix | None
    ) -> list[Generation]:
        start = time.perf_counter()
        first: list[float] = []

        def mark() -> None:
            first.append(time.perf_counter() - start)

        try:
            decoded = self._decode(rows, decoding, prefix, mark)
        except MemoryError as error:
            raise EnvironmentFailure(
                f"{self.name}: out of memory at {len(rows)} prompts of {len(rows[0])} tokens"
            ) from error
        texts = answer_texts(self.loaded.tokenizer, rows, [out.tokens for out in decoded], self._marks)
        share = (time.perf_counter() - start) / len(rows)
        return [
            Generation(
                text=text, prompt_tokens=len(row), completion_tokens=len(out.tokens), seconds=share,
                first_token_seconds=first[0] if len(rows) == 1 and first else None,
                finish="stop" if out.stopped else "length",
            )
            for row, out, text in zip(rows, decoded, texts, strict=True)
        ]  # fmt: skip

    @cached_property
    def _marks(self) -> frozenset[int]:
        return thought_marks(self.loaded.tokenizer)

    def _decode(
        self, rows: list[list[int]], decoding: Decoding, prefix: decode.Prefix | None, on_first: Callable[[], None]
    ) -> list[decode.DecodedRow]:
        model = self.loaded.model
        ends = end_tokens(model, self.loaded.tokenizer)
        guides = self._guides(len(rows), decoding, ends)
        if self._own(decoding):
            return decode.greedy(
                model, rows, max_new_tokens=decoding.max_new_tokens, end_tokens=ends, on_first=on_first, prefix=prefix,
                kind=self._products, guides=guides,
            )  # fmt: skip
        return library_decode.generate(
            model, rows, decoding, (ends, self.loaded.tokenizer.pad_token_id), on_first, guides
        )

    def _guides(self, rows: int, decoding: Decoding, ends: Sequence[int]) -> Guides | None:
        """What holds each row to the demanded schema; None where none is demanded."""
        if decoding.schema is None:
            return None
        width = int(self.loaded.model.get_input_embeddings().weight.shape[0])
        return guides_of(self.loaded.tokenizer, decoding.schema, ends, width, rows)


def load_generator(
    model: str,
    *,
    adapter: Path | None = None,
    quantization: Quantization = "none",
    threads: int | None = None,
    thinking: bool | None = None,
    precision: Precision = "float32",
) -> LocalGenerator:
    """Load a base model ("smollm2", a Hugging Face id or a directory), optionally with an adapter merged in.

    `threads`: CPU threads in all; default: those this process may use. `precision`:
    `products_of` chooses it. `thinking`, and errors: see `load_model`.
    """
    model_here = load_model(model, quantization, thinking)
    base = LocalGenerator(model_here, threads=max(1, cores() if threads is None else threads), precision=precision)
    return base if adapter is None else base.with_adapter(adapter)


def unmerged(base: LocalGenerator, path: Path) -> LocalGenerator:
    """A generator whose adapter stays beside the weights, as servers of many adapters keep it.

    Raises InputError as `with_adapter` does.
    """
    check_base(base.loaded, path)
    tuned = replace(base.loaded, model=beside(base.loaded, path).eval())
    return replace(base, loaded=tuned, adapter=adapter_name(path), library_decoding=True, _encoded={})


def _too_long(length: int, decoding: Decoding, context: int) -> Failure | None:
    if length + decoding.max_new_tokens <= context:
        return None
    reason = f"{length} tokens and {decoding.max_new_tokens} new ones exceed the model's context of {context}"
    return Failure(f"{reason}; shorten the question, or lower answer.max_new_tokens", again=False)
