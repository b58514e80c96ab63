"""The training pass is that of transformers' Llama, forked questions and attention losses included."""

from __future__ import annotations

from random import Random

import pytest

from recipes.pocket import conversations, encoding


def test_training_pass_equals_transformers():
    torch = pytest.importorskip("torch")
    from recipes.pocket import lean

    model = lean.new_model(3).eval()
    ids = torch.randint(5, lean.SHAPE["vocab_size"], (2, 40), generator=torch.Generator().manual_seed(1))
    layout = lean.layout(lean.rope_tables(2048, 64), 40)
    kept = torch.tensor([[3, 17, 39], [0, 5, 12]])
    with torch.no_grad():
        weights, expected = lean.parameters_of(model), model(input_ids=ids).logits
        hidden, _ = lean.Pass().hidden(weights, ids, kept, layout)
        torch.testing.assert_close(lean.scores(weights, hidden), expected[torch.tensor([[0], [1]]), kept])


def test_forked_questions_are_learned_as_if_each_were_the_only_one(tokenizer):
    torch = pytest.importorskip("torch")
    from recipes.pocket import batching, lean

    encoder, model, tables = encoding.Encoder(tokenizer), lean.new_model(3).eval(), lean.rope_tables(2048, 64)
    messages = conversations.forked(Random(5), 3, 8, 0.2)
    row = encoder.chat(messages, 3, forked=True)
    asked = [i for i, m in enumerate(messages) if m["role"] == "user"]
    start = messages[asked[0]]["content"].rindex("Question: ")
    length = len(row.ids)
    with torch.no_grad():
        weights, ids = lean.parameters_of(model), torch.tensor([row.ids])
        layout = lean.layout(tables, length, batching.blocks([row], length))
        hidden, _ = lean.Pass().hidden(weights, ids, torch.arange(length)[None], layout)
        assert len(asked) == max(row.blocks) > 3
        for block, at in enumerate(asked, 1):
            said = messages[at]["content"]
            question = said[said.rindex("Question: ") :]
            shown = {"role": "user", "content": messages[asked[0]]["content"][:start] + question}
            one = encoder.chat([*messages[: asked[0]], shown, messages[at + 1]], 3)
            own = [i for i, number in enumerate(row.blocks) if number in (0, block)]
            assert one.ids == tuple(row.ids[i] for i in own)
            assert sum(a != row.weights[i] for a, i in zip(one.weights, own, strict=True)) == (block > 1)
            alone, _ = lean.Pass().hidden(
                weights, ids[:, own], torch.arange(len(own))[None], lean.layout(tables, len(own))
            )
            torch.testing.assert_close(hidden[:, own], alone)


def test_attention_losses_are_those_of_the_models_own_attention():
    torch = pytest.importorskip("torch")
    from recipes.pocket import lean

    model = lean.new_model(3).eval()
    model.set_attn_implementation("eager")
    ids = torch.randint(5, lean.SHAPE["vocab_size"], (1, 40), generator=torch.Generator().manual_seed(1))
    spans = [encoding.Span((20, 25), (4, 9)), encoding.Span((30, 40), (2, 3))]
    with torch.no_grad():
        layers = model(input_ids=ids, output_attentions=True).attentions
        kept = torch.tensor([[7, 20, 33]])
        layout = lean.layout(lean.rope_tables(40, 64), 40)
        _, (locate, _, copy, *_) = lean.Pass().hidden(lean.parameters_of(model), ids, kept, layout)
        located = lean.attention_loss(locate[0][0], locate[1][0], spans)
        copied = lean.copy_loss(copy[0][0], copy[1][0], kept[0], [(20, 3), (33, 30)])
    seen = layers[lean.LOCATE[0]][0, lean.LOCATE[1]]
    torch.testing.assert_close(
        located, -torch.stack([seen[q, slice(*s.keys)].sum().log() for s in spans for q in range(*s.queries)])
    )
    seen = layers[lean.COPY[0]][0, lean.COPY[1]]
    torch.testing.assert_close(copied, -torch.stack([seen[20, 3].log(), seen[33, 30].log()]))
