"""The scripted generator says that it is a test double and stops at the limit."""

from __future__ import annotations

from harness.generation.doubles import ScriptedGenerator
from harness.types import Decoding, Message

QUESTION = (Message("system", "be brief"), Message("user", "x"))


def test_the_double_says_that_it_is_one_and_stops_at_the_limit():
    double = ScriptedGenerator(lambda prompt: "one two three")
    assert double.test_double is True
    (cut,) = double.generate([QUESTION], Decoding(max_new_tokens=2))
    assert (cut.text, cut.finish, cut.completion_tokens) == ("one two", "length", 2)
    assert double.count(QUESTION) == 3
