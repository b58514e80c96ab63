"""What a tokenizer's chat template makes of messages, and how the tokens of an answer become its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.generation.load import SWITCHED
from harness.structured import is_thought_mark, opened_thought
from harness.types import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TAIL = 8  # tokens at the end of a prompt in which a thought may be opened


def template_ids(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[dict[str, str]], *, add_generation_prompt: bool = False
) -> list[int]:
    """Token ids of messages through the model's chat template, told whether to think as when it was loaded."""
    options = getattr(tokenizer, SWITCHED, {})
    return list(
        tokenizer.apply_chat_template(
            messages, return_dict=True, add_generation_prompt=add_generation_prompt, **options
        )["input_ids"]
    )  # fmt: skip


def chat(tokenizer: PreTrainedTokenizerBase, prompt: Sequence[Message]) -> list[dict[str, str]]:
    """`prompt` as chat messages; the system message moves into the first user turn where the template knows none."""
    messages = [{"role": message.role, "content": message.content} for message in prompt]
    if messages and messages[0]["role"] == "system" and not _knows_system(tokenizer):
        system, first, *rest = messages
        return [{"role": first["role"], "content": f"{system['content']}\n\n{first['content']}"}, *rest]
    return messages


def _knows_system(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the template has a system role; one without either raises (Gemma, Mistral) or drops the message."""
    cached = tokenizer.init_kwargs.get("_harness_knows_system")
    if cached is None:
        from jinja2 import TemplateError

        marker = "8b1f-system"
        turns = [{"role": "system", "content": marker}, {"role": "user", "content": "?"}]
        try:
            cached = marker in tokenizer.apply_chat_template(turns, tokenize=False)
        except TemplateError:
            cached = False
        tokenizer.init_kwargs["_harness_knows_system"] = cached
    return bool(cached)


def end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Every token that ends an answer: the tokenizer's and those of the model's generation settings."""
    configured = model.generation_config.eos_token_id
    ends = configured if isinstance(configured, list) else [configured]
    return sorted({token for token in (*ends, tokenizer.eos_token_id) if token is not None})


def answer_texts(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
    marks: frozenset[int],
) -> list[str]:
    """The texts of answers, with the marks of their thoughts, those that the prompts open among them.

    Args:
        prompts: token ids of each prompt.
        answers: token ids of each answer.
        marks: `thought_marks` of the tokenizer.
    """
    texts = []
    for prompt, tokens in zip(prompts, answers, strict=True):
        if marks.isdisjoint(tokens):
            text = tokenizer.decode(tokens, skip_special_tokens=True)
        else:
            others = special_tokens(tokenizer) - marks
            text = tokenizer.decode([token for token in tokens if token not in others])
        texts.append(opened_thought(tokenizer.decode(prompt[-TAIL:])) + str(text))
    return texts


def thought_marks(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Special tokens that mark thoughts: with them left out, thoughts would be taken for the answer."""
    return frozenset(i for i in special_tokens(tokenizer) if is_thought_mark(tokenizer.convert_ids_to_tokens(i)))


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """The tokens that decoding leaves out: the named special tokens, and those that were added as such."""
    added = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    return added | set(tokenizer.all_special_ids)
