"""Names of documents in another form find the one document that is meant, or none."""

from __future__ import annotations

import unicodedata

import pytest

from harness.evidence.names import Names, with_known_names
from harness.types import Case, Evidence

KNOWN = Names(["guides/Berth rules.md", "fees.html", "a/open.md", "b/open.md", "Gebühren.pdf", "v1.2/notes"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fees.html", "fees.html"),
        ("docs/fees.html", "fees.html"),
        ("FEES.HTML", "fees.html"),
        ("fees.pdf", "fees.html"),
        ("fees", "fees.html"),
        ("./fees.html#prices", "fees.html"),
        ("https://example.org/help/fees.html?lang=en", "fees.html"),
        ("berth%20rules.md", "guides/Berth rules.md"),
        ("guides\\Berth rules.md", "guides/Berth rules.md"),
        (unicodedata.normalize("NFD", "Gebühren.pdf"), "Gebühren.pdf"),
        ("x/b/open.md", "b/open.md"),
        ("open.md", None),
        ("closed.md", None),
        ("notes", "v1.2/notes"),
    ],
)
def test_a_name_in_another_form(written: str, meant: str | None) -> None:
    assert KNOWN.of(written) == meant


def test_what_several_could_mean_is_named() -> None:
    assert KNOWN.candidates("open.txt") == ("a/open.md", "b/open.md")


def test_cases_get_the_names_of_the_corpus() -> None:
    case = Case(
        "x", "?", ("y",), evidence=(Evidence("Fees.html", "9"), Evidence(id="fees"), Evidence(id="fees.html#3"))
    )
    (named,) = with_known_names([case], KNOWN)
    assert named.evidence == (Evidence("fees.html", "9"), Evidence(id="fees.html"), Evidence(id="fees.html#3"))
