"""Training rows follow the chat template, and their spans lead to what an answer is taken from."""

from __future__ import annotations

from random import Random

from recipes.pocket import conversations, encoding
from recipes.pocket.tests.conftest import MESSAGES


def test_training_rows_are_the_chat_template(tokenizer):
    row = encoding.Encoder(tokenizer).chat(MESSAGES, 1)
    assert list(row.ids) == tokenizer.apply_chat_template(MESSAGES, return_dict=True)["input_ids"]
    weighted = [i for i, w in zip(row.ids, row.weights, strict=True) if w == encoding.ANSWER_WEIGHT]
    assert tokenizer.decode(weighted) == "12 euros<|end|>"


def test_prompt_tokens_are_a_prefix_of_the_conversation(tokenizer):
    prompt = tokenizer.apply_chat_template(MESSAGES[:2], add_generation_prompt=True, return_dict=True)["input_ids"]
    whole = tokenizer.apply_chat_template(MESSAGES, return_dict=True)["input_ids"]
    assert whole[: len(prompt)] == prompt


def test_digits_are_single_tokens_with_their_space(tokenizer):
    pieces = tokenizer.convert_ids_to_tokens(tokenizer.encode("room 305", add_special_tokens=False))
    assert pieces[-3:] == ["Ġ3", "0", "5"]


def test_answers_begin_with_the_passages_token_and_decode_without_its_blank(tokenizer):
    whole = tokenizer.apply_chat_template(MESSAGES, return_dict=True)["input_ids"]
    start = whole.index(tokenizer.convert_tokens_to_ids("<|assistant|>")) + 1
    assert tokenizer.convert_ids_to_tokens(whole[start]) == "Ġ1"
    assert tokenizer.decode(whole[start:], skip_special_tokens=True) == "12 euros"


def test_pointers_lead_to_the_sentence_with_the_answer_and_numbers_to_the_id(tokenizer):
    encoder, seen = encoding.Encoder(tokenizer), 0
    for seed in range(60):
        messages = conversations.conversation(Random(seed), 3, 4)
        row = encoder.chat(messages, 3)
        replies = [m for m in messages if m["role"] == "assistant" and (m.get("evidence") or not m["value"])]
        for span, reply in zip(row.pointers, replies, strict=True):
            if not reply["value"]:
                assert span.keys == (0, 1)
                assert tokenizer.decode(row.ids[span.queries[0]]) == "<|assistant|>"
                continue
            assert reply["value"].lower() in tokenizer.decode(row.ids[slice(*span.keys)]).lower()
            assert tokenizer.decode(row.ids[span.queries[0]]) == "<|assistant|>"
            seen += 1
        numbers = [tokenizer.decode(row.ids[slice(*h.keys)]) for h in row.headers]
        shown = int(numbers[-1])
        assert numbers[-shown:] == [str(i) for i in range(1, shown + 1)]
        assert shown >= 3
    assert seen > 60


def test_names_words_and_sentence_begins_are_pointed_to(tokenizer):
    encoder, named = encoding.Encoder(tokenizer), 0
    for seed in range(40):
        messages = conversations.forked(Random(seed), 3, 8, 0.2)
        row = encoder.chat(messages, 3, forked=True)
        text = {at: tokenizer.decode(row.ids[slice(*at)]) for s in row.words for at in [s.keys]}
        for span in row.abouts:
            question = next(s.keys for s in row.words if s.queries == span.queries)
            assert tokenizer.decode(row.ids[slice(*span.keys)]).strip().lower() in text[question].lower()
            assert row.blocks[span.queries[0]] == row.blocks[span.keys[0]] > 0
            named += 1
        for span in row.mentions:
            assert span.keys[0] <= span.queries[0]  # a name is looked at once it was read
            assert row.blocks[span.queries[1] - 1] == 0
        for span in row.starts:
            assert span.keys == (span.queries[0], span.queries[0] + 1)
        assert all(row.ids[left + 1] == row.ids[right] for left, right in row.copies)
    assert named > 60
