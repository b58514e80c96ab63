"""Names of documents in another form find the one document that is meant, or none."""

from __future__ import annotations

import unicodedata

import pytest

from harness.evidence.names import DocumentNames, with_known_names
from harness.types import Case, Evidence

KNOWN = DocumentNames(["guides/Berth rules.md", "fees.html", "a/open.md", "b/open.md", "Gebühren.pdf", "v1.2/notes"])


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


BESIDE = DocumentNames(
    ["fees.html", "old/Rates.md", "plan.md"], skipped=["fees.pdf", "rates.doc", "new/rates.md", "scan.pdf"]
)


@pytest.mark.parametrize(
    ("written", "document", "skipped"),
    [
        ("fees.html", "fees.html", None),
        ("fees.pdf", None, "fees.pdf"),
        ("FEES.pdf", None, "fees.pdf"),  # its extension is that of the skipped file: never the page beside it
        ("docs/fees.pdf#page=2", None, "fees.pdf"),
        ("scan", None, "scan.pdf"),
        ("scan.docx", None, "scan.pdf"),
        ("plan.pdf", "plan.md", None),
        ("rates.doc", None, "rates.doc"),
        ("old/rates.md", "old/Rates.md", None),
    ],
)
def test_the_name_of_a_skipped_file_means_no_other(written: str, document: str | None, skipped: str | None) -> None:
    assert (BESIDE.of(written), BESIDE.skipped_of(written)) == (document, skipped)


@pytest.mark.parametrize(
    ("written", "both"),
    [
        ("fees", ("fees.html", "fees.pdf")),
        ("fees.txt", ("fees.html", "fees.pdf")),
        ("rates.md", ("old/Rates.md", "new/rates.md")),
    ],
)
def test_a_name_that_a_document_and_a_skipped_file_share_is_neither(written: str, both: tuple[str, ...]) -> None:
    assert BESIDE.candidates(written) == both
    assert (BESIDE.of(written), BESIDE.skipped_of(written)) == (None, None)


def test_a_name_that_is_both_is_the_document() -> None:
    assert DocumentNames(["p1"], skipped=["p1"]).of("p1") == "p1"
