"""The tokenizer: byte-level BPE, every digit its own token glued to a space before it, and a tiny chat template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from recipes.pocket import conversations, general, values

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VOCABULARY = 1536
SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
# The blank before an answer makes its first word the token that the passages hold: copying needs no respelling.
TEMPLATE = (
    "{%- for m in messages %}{%- if m['role'] == 'assistant' %}{{- '<|assistant|>' }}"
    "{%- generation %}{{- ' ' + m['content'] + '<|end|>' }}{%- endgeneration %}"
    "{%- else %}{{- '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"
)


def sample_texts(seed: int, rows: int) -> Iterator[str]:
    """Generated text that the vocabulary is learned from."""
    rng = Random(seed)
    for _ in range(rows):
        yield "\n".join(m["content"] for m in conversations.conversation(rng, rng.randint(1, 4), 3))
    for fact in general.facts():
        for form in (*fact.relation.statements, *fact.relation.questions):
            yield fact.fill(form)
        yield general.multiple_choice(fact.fill(fact.relation.questions[0]), general.options(rng, fact)[0]) + " A"
    for table in values.lexicon().values():
        if isinstance(table, list):
            yield " ".join(word.split("|")[0] for word in table)


def train(folder: Path, seed: int = 1, rows: int = 12000) -> PreTrainedTokenizerFast:
    """Learns the tokenizer and writes it to `folder`."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast as Fast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(" ?[0-9]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    core.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])  # takes that blank off again
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    core.train_from_iterator(sample_texts(seed, rows), trainer)
    fast: PreTrainedTokenizerFast = Fast(
        tokenizer_object=core,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        padding_side="left",
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    return fast
