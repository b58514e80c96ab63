"""Stories of scenes."""

from __future__ import annotations

from random import Random

from recipes.pocket import scenes, stories


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
