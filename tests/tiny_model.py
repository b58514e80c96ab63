"""A random Llama with pocket's shape in miniature: the same tokenizer kind, chat template and file layout.

Tests that must not depend on trained weights build it in a temporary folder; `shape="pocket"` gives the real size
for measurements.
"""

from __future__ import annotations

from pathlib import Path

from harness.types import Message, Prompt

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}<|assistant|>{% generation %}{{ message['content'] + '<|end|>' }}"
    "{% endgeneration %}"
    "{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
SHAPES = {
    "tiny": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
    "pocket": {"hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": 5, "num_attention_heads": 4},
}
TEXT = (
    "the orchid plan costs nine euros a month and storage is twelve gigabytes question answer status citations "
    "refunds are paid within days to the card that was used opening hours of the Lisbon desk are from to on weekdays "
    "what is who owns when does how many passages title page updated staff office printer badge travel policy"
)
WORDS = TEXT.split()


def build(folder: Path, *, seed: int = 0, shape: str = "tiny", context: int = 2048, vocabulary: int = 400) -> Path:
    """Write config, weights (safetensors), tokenizer and chat template into `folder`; returns it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = build_tokenizer(vocabulary)
    size = SHAPES[shape]
    # A wide initializer_range makes answers depend on the prompt.
    config = LlamaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=context, tie_word_embeddings=True,
        num_key_value_heads=size["num_attention_heads"], bos_token_id=None, eos_token_id=1, pad_token_id=0,
        initializer_range=0.4, **size,
    )  # fmt: skip
    torch.manual_seed(seed)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def build_tokenizer(vocabulary: int):  # type: ignore[no-untyped-def]
    """A byte-level BPE tokenizer with pocket's special tokens, trained on a few words."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    inner.train_from_iterator([TEXT], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<|pad|>", eos_token="<|end|>", padding_side="left", model_max_length=2048
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def prompt(question: str, *, system: str = "answer the question", passages: int = 0) -> Prompt:
    """A prompt in the project's layout, with `passages` filler passages before the question."""
    shown = [f"[S{i}] page {i}\n{' '.join(WORDS[i : i + 30])}" for i in range(1, passages + 1)]
    return (
        Message("system", system),
        Message("user", "\n\n".join([*shown, f"Question: {question}"])),
    )
