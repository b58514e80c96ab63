"""Real kinds of files are read; hostile or broken ones are named and left out."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from harness.documents.corpus import load_documents
from harness.errors import InputError
from harness.files.hashing import file_hash
from tests.documents.files import docx, pdf, run

HTML = """<html><head><title>Badges</title><meta name="date" content="2026-03-02T10:00"></head><body>
<script>alert("x")</script><nav>Home</nav><h1>Badges</h1><p>Open at 8&nbsp;am &amp; close at 6.</p>
<ul><li>Front desk</li><li>Garage</li></ul><table><tr><th>Room</th><th>Code</th></tr>
<tr><td>A</td><td>41</td></tr></table>
</body></html>"""


def _write(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def test_each_kind_is_read_with_title_and_date(tmp_path: Path) -> None:
    _write(
        tmp_path, "refunds.md", "---\ntitle: Refunds\nowner: billing\ndate: 2026-03-02\n---\n# Refunds\n\n14 days.\n"
    )
    _write(tmp_path, "notice.txt", "Lift out of order\n\nUpdated: 2026-04-05\nUse the stairs.\n")
    _write(tmp_path, "badges.html", HTML)
    _write(tmp_path, "tool.py", "def get_user(id):\n    return id\n")
    rows = "<w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>"
    table = rows.format(run("Level"), run("P2"))
    heading = f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>{run("Parking")}</w:p>'
    _write(tmp_path, "parking.docx", docx(heading + f"<w:p>{run('A place costs 40 EUR.')}</w:p>" + table))
    _write(tmp_path, "terms.pdf", pdf("Payment is due in 30 days."))
    reading = load_documents(tmp_path)
    documents = {d.id: d for d in reading.documents}
    assert not reading.skipped
    assert len(documents) == 6
    assert (documents["refunds.md"].title, documents["refunds.md"].timestamp) == ("Refunds", "2026-03-02")
    assert documents["refunds.md"].metadata["owner"] == "billing"
    assert "owner" not in documents["refunds.md"].text
    assert (documents["notice.txt"].title, documents["notice.txt"].timestamp) == ("Lift out of order", "2026-04-05")
    assert documents["badges.html"].text == (
        "# Badges\n\nOpen at 8\u00a0am & close at 6.\n\n- Front desk\n- Garage\n\nRoom | Code\nA | 41"
    )
    assert documents["badges.html"].timestamp == "2026-03-02"
    assert documents["tool.py"].title == "tool.py"
    assert "# Parking" in documents["parking.docx"].text
    assert "Level | P2" in documents["parking.docx"].text
    assert documents["terms.pdf"].text == "Payment is due in 30 days."


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 110_000_000)
    return buffer.getvalue()


def test_hostile_files_are_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    _write(corpus, "good.md", "# Good\n\nThis one is fine.")
    _write(corpus, "script.html", "<script>steal()</script><p>Visible words.</p>")
    _write(tmp_path, "secret.txt", "not yours")
    hostile = {
        "truncated.pdf": pdf("cut off")[:200],
        "line.txt": b"x" * 50_000_000,
        "image.md": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "nulls.txt": b"text\0with nulls",
        "empty.md": b"  \n",
        "bomb.docx": _bomb(),
        "latin.txt": "Größe".encode("latin-1") + "Größe".encode(),
        "data.bin": b"1234",
    }
    for name, content in hostile.items():
        _write(corpus, name, content)
    (corpus / "circle").symlink_to(corpus)
    (corpus / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (corpus / "nowhere.md").symlink_to(corpus / "missing.md")
    twice = [{"id": "p1", "text": "one"}, {"id": "p1", "text": "another"}, {"id": "p2"}, ["no"]]
    _write(corpus, "passages.jsonl", "\n".join(json.dumps(row) for row in twice) + "\n{broken\n")
    reading = load_documents(corpus)
    reasons = {s.file: s.reason for s in reading.skipped}
    assert {d.id for d in reading.documents} == {"good.md", "script.html"}
    assert next(d for d in reading.documents if d.id == "script.html").text == "Visible words."
    assert [p.text for p in reading.passages] == ["one"]
    assert set(reasons) == {*hostile, "circle", "outside.txt", "nowhere.md", "passages.jsonl: p1"} | {
        f"passages.jsonl:{line}" for line in (3, 4, 5)
    }
    assert "zip bomb" in reasons["bomb.docx"]
    assert "not UTF-8 at byte" in reasons["latin.txt"]
    assert "out of the corpus" in reasons["outside.txt"]
    assert "not followed" in reasons["circle"]
    with pytest.raises(InputError, match=r"15 unreadable, first .*--strict"):
        load_documents(corpus, strict=True)


def test_what_is_no_file_is_named_and_waits_for_nobody(tmp_path: Path) -> None:
    _write(tmp_path, "good.md", "# Good\n\nThis one is fine.")
    _write(tmp_path, "none.txt", b"")
    _write(tmp_path, "~$open.docx", b"lock")
    _write(tmp_path, ".hidden.md", "words")
    _write(tmp_path, "word.txt", docx("<w:p/>"))
    (tmp_path / "folder.md").mkdir()
    _write(tmp_path / "folder.md", "inside.md", "# Inside\n\nRead.")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "one.md").symlink_to(tmp_path / "two.md")
    (tmp_path / "two.md").symlink_to(tmp_path / "one.md")
    reading = load_documents(tmp_path)
    assert [d.id for d in reading.documents] == ["good.md", "folder.md/inside.md"]
    reasons = {s.file: s.reason for s in reading.skipped}
    assert {name: reason.split(";")[0].split(",")[0] for name, reason in reasons.items()} == {
        "none.txt": "empty: 0 bytes",
        "~$open.docx": "the lock of a document that is open in an office program",
        ".hidden.md": "hidden",
        "word.txt": "a zip archive or an office file under another name",
        "folder.md": "a folder with the name of a document",
        "pipe.md": "is a named pipe",
        "one.md": "is a link that leads in a circle",
        "two.md": "is a link that leads in a circle",
    }
    assert len(file_hash(tmp_path)) == 16


def test_a_file_that_may_not_be_read_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "good.md", "# Good\n\nThis one is fine.")
    _write(tmp_path, "closed.md", "secret")
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "closed.md")
    (skipped,) = load_documents(tmp_path).skipped
    assert skipped.reason == "may not be read (permission denied); put the document itself here"


def test_whatever_a_library_raises_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "good.md", "# Good\n\nThis one is fine.")
    _write(tmp_path, "deep.json", "[" * 100_000)
    _write(tmp_path, "torn.epub", b"PK\x03\x04torn")
    _write(tmp_path, "torn.xlsx", docx("<w:p/>"))
    reading = load_documents(tmp_path)
    assert [d.id for d in reading.documents] == ["good.md"]
    assert len(reading.skipped) == 3


def test_a_corpus_without_documents_says_what_it_expects(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such corpus"):
        load_documents(tmp_path / "missing")
    _write(tmp_path, "x.bin", b"1")
    with pytest.raises(InputError, match=r"no readable document; expected files of kind .*\.md"):
        load_documents(tmp_path)


def test_deep_html_is_read(tmp_path: Path) -> None:
    _write(tmp_path, "deep.html", "<div>" * 1000 + "bottom" + "</div>" * 1000)
    assert "bottom" in load_documents(tmp_path).documents[0].text


@pytest.mark.parametrize(("name", "package"), [("a.pdf", "pypdf"), ("a.docx", "mammoth")])
def test_a_reader_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.4")
    (tmp_path / "kept.md").write_text("# Kept", encoding="utf-8")
    monkeypatch.setitem(sys.modules, package, None)
    (skipped,) = load_documents(tmp_path).skipped
    assert "rag-or-tune-harness[documents]" in skipped.reason
