"""Stories: pages of free sentences, some sharing words on purpose, and questions that they leave open.

One story of two pages holds `(0, Scene(...), "Mia Brooks bought 12 lamps in Oslo.")`, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from recipes.pocket import scenes, values
from recipes.pocket.pages import Page
from recipes.pocket.scenes import Scene

TITLES = (
    "Minutes of the {inv} club",
    "News from {inv}",
    "Notes of {weekday}",
    "Notice to all",
    "House rules",
    "What happened in {month}",
    "Diary of {A}",
    "{inv} bulletin",
    "Handover of the night shift",
    "How we work",
    "Letter to the neighbours",
    "Report {d}",
    "Travel notes",
    "Good to know",
    "Safety",
    "About the {o}",
    "The {o}",
)
FILLERS = (
    "The meeting was short.",
    "Everybody was pleased.",
    "More about this soon.",
    "There was cake afterwards.",
    "Questions go to the office.",
    "That is all for now.",
    "It was a long day.",
    "Thank you for reading.",
)


@dataclass(frozen=True)
class Story:
    """Pages, and their scenes with the page's index and the sentence that tells each."""

    pages: tuple[Page, ...]
    scenes: tuple[tuple[int, Scene, str], ...]


def build(rng: Random, count: int) -> Story:
    """A story of `count` pages of one to six sentences each."""
    taken: set[object] = set()
    told: list[tuple[int, Scene, str]] = []
    pages = []
    for index in range(count):
        sentences = []
        for _ in range(rng.randint(2, 6)):
            scene = scenes.rivals(rng, rng.choice(told)[1]) if told and rng.random() < 0.5 else scenes.new_scene(rng)
            if taken & _marks(scene):
                continue
            taken |= _marks(scene)
            sentence = scenes.tell(rng, scene)
            told.append((index, scene, sentence))
            sentences.append(sentence)
        if not sentences:  # every draw repeated a sentence told before
            sentences.append(rng.choice(FILLERS))
        pages.append(Page(scenes.capital(scenes.fill(rng, rng.choice(TITLES))), _layout(rng, sentences), ()))
    return Story(tuple(pages), tuple(told))


def _marks(scene: Scene) -> set[object]:
    """What no other scene of the story may share, so that a question has one answer."""
    p = scene.parts
    if scene.verb is None:
        return {
            (scene.sort, p.get("condition") or p.get("name") or p["object"]),
            (scene.sort, p.get("meaning"), p.get("place")),
        }
    return {
        (scene.verb.base, p["object"]),
        (scene.verb.base, p["agent"]),
        ("what", p["object"].split()[-1], p["agent"]),
    }


def _layout(rng: Random, sentences: list[str]) -> str:
    form = rng.random()
    if form < 0.2:
        return "\n".join(f"- {s}" for s in sentences)
    if form < 0.28:
        return "\n".join(f"{i}. {s}" for i, s in enumerate(sentences, 1))
    if form < 0.36:
        return "\n".join(f"{values.iso_date(rng)}: {s}" for s in sentences)
    if rng.random() < 0.25:
        sentences = [*sentences, rng.choice(FILLERS)]
    return "\n".join(sentences) if form < 0.42 else " ".join(sentences)


def missing(rng: Random, told: Story, scene: Scene) -> str | None:
    """A question near a scene that no page answers, about a part it leaves open or another object; None: not found."""
    if scene.sort != "action":
        other = scenes.new_scene(rng)
        if other.sort == "action" or any(_marks(other) & _marks(s) for _, s, _ in told.scenes):
            return None
        return scenes.question(rng, other, rng.choice(scenes.askable(other)))
    open_parts = [part for part in scenes.PARTS if part not in scene.parts]
    if open_parts and rng.random() < 0.5:
        return scenes.question(rng, scene, rng.choice(open_parts))
    changed = rng.choice(("object", "agent"))
    drawn = f"the {scenes.thing(rng)}" if changed == "object" else scenes.agent(rng)[0]
    other = replace(scene, parts={**scene.parts, changed: drawn})
    if any(_marks(other) & _marks(s) for _, s, _ in told.scenes if s is not scene) or drawn == scene.parts[changed]:
        return None
    parts = [part for part in scenes.askable(scene) if part != changed]
    return (
        scenes.question(rng, other, rng.choice(parts)) if changed == "object" else scenes.question(rng, other, "object")
    )
