"""The recipe: rows follow the chat template, the training pass is Llama's, tested questions stay held out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from random import Random

import pytest

from harness.generation.pocket import GENERAL_DIR, REPLAY_PATH, pocket_dir
from recipes.pocket import (
    building,
    conversations,
    facts,
    pages,
    rows,
    scenes,
    stories,
    train,
    tuning,
    values,
    worlds,
)

MESSAGES = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "[S1] A\nThe price is 12 euros.\n\nQuestion: What is the price?"},
    {"role": "assistant", "content": "12 euros"},
]


@pytest.fixture(scope="module")
def tokenizer():
    transformers = pytest.importorskip("transformers")
    if not (pocket_dir() / "tokenizer.json").exists():
        pytest.skip("the model directory has no tokenizer yet")
    return transformers.AutoTokenizer.from_pretrained(pocket_dir())


def test_training_rows_are_the_chat_template(tokenizer):
    row = rows.Encoder(tokenizer).chat(MESSAGES, 1)
    assert list(row.ids) == tokenizer.apply_chat_template(MESSAGES, return_dict=True)["input_ids"]
    weighted = [i for i, w in zip(row.ids, row.weights, strict=True) if w == rows.ANSWER_WEIGHT]
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

    encoder, model, tables = rows.Encoder(tokenizer), lean.new_model(3).eval(), lean.rope_tables(2048, 64)
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
    spans = [rows.Span((20, 25), (4, 9)), rows.Span((30, 40), (2, 3))]
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


def test_planted_heads_copy_before_any_training():
    torch = pytest.importorskip("torch")
    from recipes.pocket import induction, lean

    model = lean.new_model(1)
    induction.plant(model, 1)
    block = torch.randperm(1000, generator=torch.Generator().manual_seed(2))[:40] + 100
    ids = torch.cat([block, block])[None]
    layout = lean.layout(lean.rope_tables(80, 64), 80)
    with torch.no_grad():
        weights, every = lean.parameters_of(model), torch.arange(80)[None]
        guesses = lean.scores(weights, lean.Pass().hidden(weights, ids, every, layout)[0]).argmax(-1)[0]
    assert (guesses[40:79] == ids[0, 41:]).float().mean() > 0.8


def test_orthogonalise_flattens_singular_values():
    torch = pytest.importorskip("torch")
    from recipes.pocket import optim

    values_ = torch.linalg.svdvals(
        optim.orthogonalise(torch.randn(3, 32, 80, generator=torch.Generator().manual_seed(5)))
    )
    assert values_.min() > 0.4
    assert values_.max() < 1.3


def test_curriculum_moves_on_only_when_mastered():
    state = train.State(exact=train.MASTERED - 0.01, tokens=900_000, level=2)
    mastered = replace(state, exact=train.MASTERED + 0.01)
    assert train.advance(state, 0.6).level == 2
    assert train.advance(mastered, 0.9).level == 3
    assert train.advance(replace(mastered, level=train.LEVELS), 0.9).level == train.LEVELS


def test_rate_falls_to_a_hundredth_and_never_to_zero(tmp_path):
    plan = train.Plan(out=str(tmp_path), tokens=1000)
    state = train.State(step=500, tokens=1000, decay_from=750)
    assert train.rate_factor(replace(state, decay_from=0), plan) == 1.0
    assert train.rate_factor(replace(state, tokens=875), plan) == pytest.approx(0.5)
    assert train.rate_factor(state, plan) == 0.01


def test_worlds_are_seeded_and_answers_stand_on_the_named_page():
    for seed in range(200):
        world = building.build_world(Random(seed), 4)
        assert world == building.build_world(Random(seed), 4)
        for index, fact in world.current:
            page = world.pages[index]
            assert fact.value.lower() in (page.title + "\n" + page.text).lower()


def test_stories_tell_every_scene_and_answers_stand_in_their_sentence():
    for seed in range(200):
        told = stories.build(Random(seed), 3)
        assert told == stories.build(Random(seed), 3)
        for index, scene, sentence in told.scenes:
            assert sentence in told.pages[index].text
            for part in scenes.askable(scene):
                assert scene.parts[part].lower() in sentence.lower()
                assert scenes.question(Random(seed), scene, part).endswith("?")


def test_two_scenes_of_a_story_never_answer_the_same_question():
    for seed in range(100):
        told = [scene for _, scene, _ in stories.build(Random(seed), 4).scenes if scene.verb]
        for form in ("object", "agent"):
            keys = [(scene.verb.base, scene.parts[form]) for scene in told]
            assert len(keys) == len(set(keys))


def test_pointers_lead_to_the_sentence_with_the_answer_and_numbers_to_the_id(tokenizer):
    encoder, seen = rows.Encoder(tokenizer), 0
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


def test_an_entity_in_pieces_is_one_page_whose_questions_have_one_answer():
    versions = 0
    for seed in range(60):
        world = building.build_pieces(Random(seed), 4)
        assert len(world.pages) == 4
        assert len({page.title for page in world.pages}) == 1
        assert len({fact.entity.name for page in world.pages for fact in page.facts}) == 1
        keys = [fact.key for _, fact in world.current]
        assert len(keys) == len(set(keys))
        assert not set(keys) & {fact.key for fact in world.unstated}
        versions += any("Updated: " in page.text or "Last change: " in page.text for page in world.pages)
    assert 5 < versions < 40


def test_names_words_and_sentence_begins_are_pointed_to(tokenizer):
    encoder, named = rows.Encoder(tokenizer), 0
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


def test_current_facts_never_contradict_and_unstated_facts_are_not_stated():
    for seed in range(200):
        world = building.build_world(Random(seed), 5)
        keys = [fact.key for _, fact in world.current]
        assert len(keys) == len(set(keys))
        assert not {fact.key for fact in world.unstated} & set(keys)


def test_newest_version_wins():
    rng = Random(1)
    fact = worlds.new_fact(rng, worlds.attributes()["product"][0], worlds.new_entity(rng, "product"))
    newer = worlds.revalue(rng, fact)
    stated = [(0, fact, "2020-01-01"), (1, newer, "2021-01-01")]
    assert building._current(stated) == ((1, newer),)
    assert building._current([(0, fact, ""), (1, newer, "")]) == ()


def test_every_layout_states_every_value():
    rng = Random(4)
    entity = worlds.new_entity(rng, "site")
    stated = tuple(worlds.new_fact(rng, a, entity) for a in worlds.attributes()["site"][:4])
    for layout, _ in pages.LAYOUTS:
        assert all(f.value.lower() in layout(rng, stated).lower() for f in stated), layout.__name__


def test_tested_questions_never_occur_in_training_text():
    tested = {row[0] for _, test in facts.mmlu_rows().values() for row in test}
    trained = {f.fill(form) for f in facts.facts() for form in (*f.relation.questions, *f.relation.statements)}
    assert len(tested) >= 600
    assert not tested & trained


def test_general_files_have_mmlus_layout_and_disjoint_replay():
    subjects = sorted(path.stem for path in (GENERAL_DIR / "test").glob("*.csv"))
    assert len(subjects) >= 8
    replay = {json.loads(line)["prompt"]["user"].split("\n")[0] for line in REPLAY_PATH.read_text().splitlines()}
    held = {f.fill(q) for f in facts.facts(replay=True) for q in f.relation.questions}
    assert replay <= held
    for subject in subjects:
        for part, least in (("dev", 5), ("test", 20)):
            with (GENERAL_DIR / part / f"{subject}.csv").open(encoding="utf-8", newline="") as file:
                found = list(csv.reader(file))
            assert len(found) >= least
            for row in found:
                assert len(row) == 6
                assert row[5] in "ABCD"
                assert len(set(row[1:5])) == 4


def test_handwritten_questions_are_answerable_and_enough():
    lines = [json.loads(x) for x in (values.HERE / "handwritten.jsonl").read_text().splitlines()]
    assert len(lines) >= 150
    assert len({row["id"] for row in lines}) == len(lines)
    for row in lines:
        text = " ".join(p["title"] + " " + p["text"] for p in row["passages"]).lower()
        assert any(a.lower() in text for a in row["accept"]), row["id"]


def test_house_answers_of_the_tuning_are_valid():
    for row in tuning.examples(replace(tuning.GENTLE, examples=60, replay=6)):
        text = row["completion"][0]["content"]
        assert tuning.valid(text) or row["prompt"][-1]["content"].startswith("Question: ")
