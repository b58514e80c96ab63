"""A merged model held against the adapter that it was made of: the same logits, and the same answers.

    check = check_merged("smollm2", Path("adapters/3f2a"), Path("merged"))
    check.answers, check.equal, check.most      # 8, 8, 2.9e-06

A merge that rounds (half precision, four bits), or that meets another base, shows here before anybody serves it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import InputError
from harness.generation.full_weights import is_full
from harness.generation.local import LocalGenerator, load_generator, unmerged
from harness.process.cores import cores
from harness.prompts import render
from harness.tuning.examples import general_replay
from harness.types import Decoding, Prompt

PROMPTS = 8
DECODING = Decoding(max_new_tokens=24)
TOLERANCE = 1e-3  # of a logit in single precision; 3e-6 is what a rank of 16 on SmolLM2 leaves


@dataclass(frozen=True, slots=True)
class MergeCheck:
    """What a merged model and its parts say to the same prompts."""

    answers: int
    equal: int  # of these, the same text
    most: float  # the largest difference of a logit

    @property
    def says(self) -> str:
        return f"checked: {self.equal} of {self.answers} answers equal, logits differ by at most {self.most:.1e}"


def check_merged(base: str, adapter: Path, merged: Path) -> MergeCheck:
    """The merged model beside base and adapter, on general prompts of the package's own.

    Raises InputError where an answer differs, or a logit by more than rounding: the folder is not what it says.
    """
    generator = load_generator(base, threads=cores())
    parts = generator.with_adapter(adapter) if is_full(adapter) else unmerged(generator, adapter)
    check = compare_generators(parts, load_generator(str(merged), threads=cores()))
    exact = str(generator.loaded.model.dtype) == "torch.float32"
    if exact and (check.equal < check.answers or check.most > TOLERANCE):
        raise InputError(f"{merged}: does not answer as its parts do ({check.says}); do not serve it, and say so to us")
    return check


def compare_generators(parts: LocalGenerator, merged: LocalGenerator) -> MergeCheck:
    """Two generators on the same prompts, both decoded by the library."""
    prompts: list[Prompt] = [render(example.user, "") for example in general_replay()[:PROMPTS]]
    texts = [
        [reply if isinstance(reply, str) else getattr(reply, "text", None) for reply in g.generate(prompts, DECODING)]
        for g in (replace(one, library_decoding=True, _encoded={}) for one in (parts, merged))
    ]
    equal = sum(a == b for a, b in zip(*texts, strict=True))
    return MergeCheck(len(prompts), equal, max(_difference(parts, merged, prompt) for prompt in prompts))


def _difference(parts: LocalGenerator, merged: LocalGenerator, prompt: Prompt) -> float:
    import torch

    with torch.inference_mode():
        logits = []
        for generator in (parts, merged):
            model = generator.loaded.model
            ids = torch.tensor([generator.encode(prompt)], device=model.device)
            logits.append(model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float().cpu())
    return float((logits[0] - logits[1]).abs().max())
