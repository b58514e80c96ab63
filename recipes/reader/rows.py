"""Rows: materials and forms put together as conversations, in the harness' own prompt layout or in others' wording.

`Conversation(system, passages, turns)`: `passages` is the user message up to the question, `turns` (question, answer).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from harness.prompts import user_message
from harness.types import Passage
from recipes.pocket import general, instructions
from recipes.reader import forms, materials
from recipes.reader.packing import Branch, Encoded

ALSO_PLAIN = 0.3  # share of conversations in JSON that are asked in a few words as well
GENERAL = 0.04  # share of conversations that are general questions without passages
OTHER_LAYOUTS = 0.12  # share of rows whose passages are laid out in others' wording
WITHOUT_IDS = frozenset({"few", "value", "sentence", "bullet", "framed", "bare"})
JSON = frozenset({"json", "schema"})


@dataclass(frozen=True)
class Conversation:
    """One beginning and its turns; each turn follows the beginning directly."""

    system: str
    turns: tuple[tuple[str, str], ...]  # (user message, answer)


def user_turn(rng: Random, form: str, material: materials.Material) -> tuple[str, str]:
    """What stands before and after the question in the user message."""
    pages = material.world.pages
    if form in WITHOUT_IDS and pages and rng.random() < OTHER_LAYOUTS:
        shown = [
            rng.choice(("{t}\n{x}", "# {t}\n{x}", "{x}")).replace("{t}", p.title).replace("{x}", p.text) for p in pages
        ]
        between = rng.choice(("\n\n", "\n---\n", "\n\n\n"))
        opening = rng.choice(("Context:\n", "Passages:\n\n", "Here is what I found:\n\n", "", "<context>\n"))
        asked = rng.choice(("\n\nQuestion: ", "\n\nQ: ", "\n\n", "\n\nNow answer: ", "\n\nMy question is this. "))
        close = "\n</context>" if opening == "<context>\n" else ""
        return opening + between.join(shown) + close + asked, rng.choice(("", "", "\nAnswer:"))
    passages = [Passage(f"p{i}", p.title, p.title, p.text) for i, p in enumerate(pages, 1)]
    return user_message("|", passages).removesuffix("|"), ""


def reading(rng: Random) -> tuple[Conversation, ...]:
    """Questions about one to six pages under one form; twins, and at times the same in plain words and in JSON."""
    drawn = []
    form = forms.draw(rng)
    for material in materials.group(rng):
        drawn.append(conversation(rng, form, material))
        if form.name in JSON and rng.random() < ALSO_PLAIN:
            drawn.append(conversation(rng, forms.few_words(rng), material))
    return tuple(drawn)


def conversation(rng: Random, form: instructions.Instruction, material: materials.Material) -> Conversation:
    """The questions of a material under a form."""
    before, after = user_turn(rng, form.name, material)
    rendered = ((before + ask.question + after, _answer(ask, form)) for ask in material.asked)
    return Conversation(form.system, tuple(rendered))


def _answer(ask: Any, form: instructions.Instruction) -> str:
    return (
        ask.outcome.value or ""
        if ask.question.endswith("\nAnswer:") and form.name in WITHOUT_IDS
        else form.render(ask.outcome)
    )


def knowledge(rng: Random) -> Conversation:
    """General questions of the replay facts (never of the test), without passages, against unlearning."""
    turns = []
    for fact in rng.sample(general.facts(replay=True), 6):
        question = fact.fill(rng.choice(fact.relation.questions))
        sentence = fact.fill(rng.choice(fact.relation.statements)) + "."
        turns.append((question, sentence))
    system = rng.choice(("", "You are a helpful assistant.", "Answer the question.", "Answer in one sentence."))
    return Conversation(system, tuple(turns))


def group(rng: Random) -> tuple[Conversation, ...]:
    """One conversation, or some that belong together."""
    return (knowledge(rng),) if rng.random() < GENERAL else reading(rng)


def draw(rng: Random) -> Conversation:
    """The first conversation of a group."""
    return group(rng)[0]


def encode(tokenizer: Any, conversation: Conversation, most: int) -> Encoded | None:
    """The conversation in tokens, with as many turns as fit `most`; None where none does."""
    opening = [{"role": "system", "content": conversation.system}] if conversation.system else []
    whole: list[tuple[list[int], list[int]]] = []
    for user, answer in conversation.turns:
        messages = [*opening, {"role": "user", "content": user}]
        prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
        whole.append(
            (list(prompt), [*tokenizer(answer, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id])
        )
    if not whole:
        return None
    shared = _common([prompt for prompt, _ in whole]) if len(whole) > 1 else 0
    branches, room = [], most - shared
    for prompt, answer_ids in whole:
        branch = Branch(tuple(prompt[shared:]), tuple(answer_ids))
        room -= len(branch.question) + len(branch.answer)
        if room >= 0:
            branches.append(branch)
    return Encoded(tuple(whole[0][0][:shared]), tuple(branches)) if branches else None


def _common(prompts: list[list[int]]) -> int:
    shortest = min(map(len, prompts))
    return next((at for at in range(shortest) if len({prompt[at] for prompt in prompts}) > 1), shortest - 1)


def stream(tokenizer: Any, seed: int, most: int) -> Iterator[Encoded]:
    """Endless conversations in tokens, by seed."""
    index = 0
    while True:
        for drawn in group(Random(f"reader/{seed}/{index}")):
            encoded = encode(tokenizer, drawn, most)
            if encoded is not None:
                yield encoded
        index += 1
