"""Text of others loses nothing and does nothing."""

from __future__ import annotations

from harness.characters import clean, printable
from harness.report.escape import script_json
from tests.make import SCRIPT


def test_control_characters_are_shown_and_surrogates_replaced() -> None:
    assert clean("a\x00b\x07\n\tc\r\n") == "a␀b␇\n\tc\n"
    assert clean("x\ud800y") == "x\ufffdy"
    assert clean("a\x9b2Jb\x85c") == "a\\x9b2Jb␤c"
    assert clean("\u202ea") == "\u202ea", "the page isolates it"
    assert printable("\u202ea\u2066b") == "[U+202E]a[U+2066]b"


def test_json_in_a_script_element_cannot_end_it() -> None:
    text = script_json({"a": SCRIPT + "<!-- & \u2028", "b": "\x00"})
    assert "<" not in text
    assert "&" not in text
    assert "\u2028" not in text
