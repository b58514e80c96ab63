"""Text of others loses nothing and does nothing."""

from __future__ import annotations

from harness.report.escape import clean, script_json
from tests.make import SCRIPT


def test_control_characters_are_shown_and_surrogates_replaced() -> None:
    assert clean("a\x00b\x07\n\tc\r\n") == "a␀b␇\n\tc\n"
    assert clean("x\ud800y") == "x?y"


def test_json_in_a_script_element_cannot_end_it() -> None:
    text = script_json({"a": SCRIPT + "<!-- & \u2028", "b": "\x00"})
    assert "<" not in text
    assert "&" not in text
    assert "\u2028" not in text
