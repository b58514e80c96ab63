"""Each reader finds every word, and nothing that is no text of the document."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from harness.documents.corpus import Corpus, load_documents
from harness.documents.encoding import decode
from harness.documents.front_matter import split_front_matter
from harness.documents.html import read_html
from harness.documents.hyphens import join_divided
from harness.documents.results import Unreadable
from tests.documents.files import docx, paragraph, pdf, run


def read(folder: Path, name: str, content: bytes | str) -> Corpus:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "beside.md").write_text("# Beside\n\nA page that can be read.", encoding="utf-8")
    return load_documents(folder)


def text_of(folder: Path, name: str, content: bytes | str) -> str:
    corpus = read(folder, name, content)
    assert not corpus.skipped
    return next(document.text for document in corpus.documents if document.id.startswith(name))


# --- encodings ----------------------------------------------------------------------------------------------------

GERMAN = "Die Werft schließt um sechs. Für größere Schiffe gilt: 45 € je Nacht – Anmeldung nötig."
RUSSIAN = "Склад открыт с девяти до шести. Доставка по городу стоит триста рублей, самовывоз бесплатный."


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (GERMAN, "cp1252", "windows-1252"),
        (GERMAN.replace("€", "EUR").replace("–", "-"), "latin-1", "windows-1252"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        ("倉庫は九時から六時まで開いています。配達料は三百円です。", "shift_jis", "Shift-JIS"),
        ("仓库九点到六点开放。市内送货费用为三百元，自取免费。", "gb18030", "GB18030"),
        (GERMAN, "utf-16", "UTF-16"),
        (GERMAN, "utf-16-le", "UTF-16 without its mark"),
        (GERMAN, "utf-16-be", "UTF-16 without its mark"),
    ],
)
def test_another_encoding_is_read_and_named(text: str, encoding: str, name: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.remarks == (f"read as {name}",)


def test_utf8_needs_no_word() -> None:
    assert decode(GERMAN.encode()).remarks == decode(GERMAN.encode("utf-8-sig")).remarks == ()
    assert decode(GERMAN.encode("utf-8-sig")).text == GERMAN


@pytest.mark.parametrize(
    "raw",
    [
        "größer".encode("latin-1") + b" " + "größer".encode(),  # two encodings in one file
        "Biletul este de zece lei pe oră.".encode("cp1250"),  # windows-1252 reads it as words too
        bytes(range(1, 256)),
        b"\0\1\2 binary",
        b"\x89PNG\r\n\x1a\n rest",
    ],
)
def test_what_is_not_certain_is_not_read(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r"UTF-8|binary|picture"):
        decode(raw)


def test_letters_that_were_spoilt_before_are_said() -> None:
    spoilt = "Für die Größe, übrig und für alle".encode().decode("latin-1").encode()
    assert "decoded wrongly before" in decode(spoilt).remarks[0]
    assert "letters were lost" in decode("Gr\ufffd\ufffde".encode()).remarks[0]


# --- front matter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        "---\ntitle: Moorings\ndate: 2026-02-03\n---\n",
        '+++\ntitle = "Moorings"\ndate = 2026-02-03\n+++\n',
        '{"title": "Moorings", "date": "2026-02-03"}\n',
        "---\ntitle: Moorings\ntags: [a, b]\nupdated: 2026-02-03\n...\n",
    ],
)
def test_front_matter_is_title_and_date_and_no_text(tmp_path: Path, block: str) -> None:
    (tmp_path / "a.md").write_text(f"{block}\nA buoy costs 9 crowns.\n", encoding="utf-8")
    (document,) = load_documents(tmp_path).documents
    assert (document.title, document.timestamp) == ("Moorings", "2026-02-03")
    assert document.text.strip() == "A buoy costs 9 crowns."


def test_front_matter_with_a_colon_is_read_line_by_line_and_said() -> None:
    front = split_front_matter("---\ntitle: Moorings: how to book\n---\nText.")
    assert (front.get("title"), front.body) == ("Moorings: how to book", "Text.")
    assert "no valid YAML" in front.remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        "---\nA rule above words.\n---\nMore.",
        "---\nNote: the shed is closed on Mondays.\n---\nMore.",
        "---\nStatus: the big crane is out of order.\n---\nMore.",
        '{"a": 1} is JSON in a sentence.',
        "---\n\nOnly a rule.",
    ],
)
def test_a_rule_is_no_front_matter(text: str) -> None:
    assert split_front_matter(text).body == text


# --- HTML ---------------------------------------------------------------------------------------------------------


def html(markup: str) -> str:
    return read_html(markup.encode()).text


def test_a_page_inside_a_form_is_read_and_its_fields_are_not() -> None:
    page = """<form id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="zz"><h1>Tariff</h1>
    <label for="q">Search</label><input id="q"><select><option>One</option></select><button>Go</button>
    <label>Fee</label> <span>14 crowns</span> <input readonly value="per night"><textarea>type here</textarea></form>"""
    assert html(page) == "# Tariff\n\nFee 14 crowns per night"


def test_a_declared_encoding_is_obeyed() -> None:
    russian = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Причал</p>'
    assert read_html(russian.encode("cp1251")).text == "Причал"
    xhtml = '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Überfahrt</p></body></html>'
    content = read_html(xhtml.encode("latin-1"))
    assert (content.text, content.remarks) == ("Überfahrt", ("read as windows-1252",))


def test_code_keeps_its_lines_and_its_hashes_are_no_headings() -> None:
    text = html("<h2>Set up</h2><pre># install\n  pip install x\n\nrun   it</pre><p>Done.</p>")
    assert text == "## Set up\n\n```\n# install\n  pip install x\n\nrun   it\n```\n\nDone."


def test_furniture_is_left_out_and_main_text_is_not() -> None:
    page = """<nav>Home</nav><div id="cookieBanner"><p>We use cookies</p></div>
    <ul class="menu"><li><a href="/">News</a></ul>
    <main><h1>Cookie policy</h1><div class="cookie-policy">One cookie is set.</div><div class="menu">Soup 4 crowns</div>
    <footer>Signed by the harbour master.</footer></main><footer>Imprint</footer><script>x()</script>"""
    text = html(page)
    for word in ("Home", "We use", "News", "Imprint", "x()"):
        assert word not in text
    for words in ("# Cookie policy", "One cookie is set.", "Soup 4 crowns", "Signed by the harbour master."):
        assert words in text
    assert html("<nav><p>All there is</p></nav>") == "All there is"


def test_rows_lists_terms_breaks_and_raised_numbers() -> None:
    text = html("""<table><tr><th>Boat</th><th>Price</th></tr><tr><td><p>Skiff</p><p>small</p></td><td>9</td></tr>
    </table>
    <ol start="3"><li><p>third</p></li><li>fourth</li></ol><dl><dt>Quay</dt><dd>North</dd></dl>one<br>two
    <p>10<sup>9</sup> and 12<sup><a href="#n">1</a></sup>, <del>20</del> 25, m<sup>2</sup></p>""")
    assert "Boat | Price\nSkiff small | 9" in text
    assert "3. third" in text
    assert "4. fourth" in text
    assert "Quay\nNorth" in text
    assert "one\ntwo" in text
    assert "10^9 and 12[1]" in text.replace(" [", "[")
    assert "~~20~~ 25, m2" in text


def test_a_question_that_is_a_button_stays_and_a_page_of_scripts_says_so() -> None:
    page = "<h3><button aria-expanded='false'>What is a berth?</button></h3><div hidden><p>A place.</p></div>"
    assert html(page) == "### What is a berth?\n\nA place."
    with pytest.raises(Unreadable, match="a script fills the page"):
        html("<div id='root'></div><script src='app.js'></script>")


# --- PDF ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("divided", "whole"),
    [
        ("The cancel-\nlation fee", "The cancellation fee"),
        ("Please check-\nin by nine", "Please check-in by nine"),
        ("a well-\nknown quay; well-known", "a well-known quay; well-known"),
        ("the har-\nbourmaster; harbourmaster", "the harbourmaster; harbourmaster"),
        ("short-\nand long-term", "short- and long-term"),
        ("the Wi-\nFi and COVID-\n19", "the Wi-Fi and COVID-19"),
        ("refund-\nable deposit", "refundable deposit"),
        ("die Gebüh-\nren", "die Gebühren"),
        ("soft\u00ad\nhyphen", "softhyphen"),
    ],
)
def test_words_divided_at_a_line_end_are_joined_and_compounds_keep_their_hyphen(divided: str, whole: str) -> None:
    assert join_divided(divided) == whole


def test_headers_and_page_numbers_do_not_stand_between_pages(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    pages = [
        ["Quay handbook", f"Text of sheet {word} goes", "on with a fee that is", f"Page {number} of 3"]
        for number, word in enumerate(("one", "two", "three"), start=1)
    ]
    text = text_of(tmp_path, "a.pdf", pdf(*pages))
    assert text.count("Quay handbook") == 1
    assert "Page 2" not in text
    assert text.index("sheet one") < text.index("sheet two") < text.index("sheet three")


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    corpus = read(tmp_path, "a.pdf", pdf("Words of the first page.", ""))
    assert [(r.file, r.remark) for r in corpus.remarks] == [
        ("a.pdf", "page 2 of 2 without text (scanned?); run it through OCR")
    ]
    (skipped,) = read(tmp_path, "a.pdf", pdf("", "")).skipped
    assert "without a text layer (2 pages" in skipped.reason


@pytest.mark.parametrize("algorithm", ["AES-128", "AES-256", "RC4-128"])
def test_an_encrypted_file_opens_without_a_password_and_is_named_with_one(tmp_path: Path, algorithm: str) -> None:
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("cryptography")

    def locked(password: str) -> bytes:
        writer, buffer = pypdf.PdfWriter(io.BytesIO(pdf("Berth nine is free."))), io.BytesIO()
        writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
        writer.write(buffer)
        return buffer.getvalue()

    assert "Berth nine is free." in text_of(tmp_path, "a.pdf", locked(""))
    (skipped,) = read(tmp_path, "a.pdf", locked("secret")).skipped
    assert skipped.reason == "needs a password; save a copy without one"


# --- Word ---------------------------------------------------------------------------------------------------------


def test_word_is_read_as_if_every_change_were_accepted(tmp_path: Path) -> None:
    pytest.importorskip("mammoth")
    body = "".join(
        (
            paragraph(run("The fee is "), f'<w:ins w:id="1">{run("31 crowns")}</w:ins>',
                      '<w:del w:id="2"><w:r><w:delText>20 crowns</w:delText></w:r></w:del>', run(" a night.")),
            f"<w:sdt><w:sdtContent>{paragraph(run('Block control.'))}</w:sdtContent></w:sdt>",
            paragraph(run("An "), f"<w:sdt><w:sdtContent>{run('inline control')}</w:sdtContent></w:sdt>", run(".")),
            paragraph('<w:fldSimple w:instr="REF x">' + run("Simple field") + "</w:fldSimple>"),
            paragraph('<w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden words</w:t></w:r>', run("Seen words")),
            paragraph('<w:r><w:pict><v:shape><v:textbox><w:txbxContent>' + paragraph(run("Words of a box."))
                      + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"),
            paragraph(run("Noted"), '<w:r><w:footnoteReference w:id="2"/></w:r>'),
            paragraph(run("Remarked"), '<w:r><w:commentReference w:id="0"/></w:r>'),
            f"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{paragraph(run('Both'))}</w:tc></w:tr>"
            f"<w:tr><w:tc>{paragraph(run('Left'))}</w:tc><w:tc><w:tbl><w:tr><w:tc>{paragraph(run('Inner'))}</w:tc>"
            f"</w:tr></w:tbl>{paragraph()}</w:tc></w:tr></w:tbl>",
        )
    )  # fmt: skip
    parts = {
        "header": paragraph(run("Head of the page")),
        "footer": paragraph(run("Page 3 of 9")) + paragraph(run("Foot of the page")),
        "footnotes": f'<w:footnote w:id="2">{paragraph(run("Words of a note."))}</w:footnote>',
        "comments": f'<w:comment w:id="0">{paragraph(run("Words of a comment."))}</w:comment>',
    }
    text = text_of(tmp_path, "a.docx", docx(body, parts))
    assert "The fee is 31 crowns a night." in text
    assert "Both\nLeft | Inner" in text
    for words in ("Block control.", "An inline control.", "Simple field", "Seen words", "Words of a box.",
                  "Words of a note.", "Head of the page", "Foot of the page"):  # fmt: skip
        assert text.count(words) == 1, words
    for words in ("20 crowns", "Hidden words", "Words of a comment", "Page 3"):
        assert words not in text


# --- data ---------------------------------------------------------------------------------------------------------


def test_a_row_is_a_record_with_the_names_of_its_columns(tmp_path: Path) -> None:
    text = text_of(tmp_path, "a.csv", 'plan;price;note\nBasic;12,50;\nTeam;40,00;"two\nlines"\n')
    assert text == "plan: Basic\nprice: 12,50\n\nplan: Team\nprice: 40,00\nnote: two\nlines"
    assert text_of(tmp_path, "a.csv", "1,2\n3,4\n") == "1 | 2\n3 | 4"


def test_a_workbook_is_its_sheets(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Berths"
    book.active.append(["berth", "fee"])
    book.active.append(["North", 12.5])
    book.save(buffer)
    assert text_of(tmp_path, "a.xlsx", buffer.getvalue()) == "# Berths\n\nberth: North\nfee: 12.5"


def test_records_of_json_are_documents_and_other_json_is_headed_text(tmp_path: Path) -> None:
    manual = {"s1": {"title": "Winch", "text": ["Winch", "Turn it left."], "html": ["<p>x</p>"]},
              "s2": {"title": "Pump", "text": ["Prime it."], "url": "https://example.org/p"}}  # fmt: skip
    corpus = read(tmp_path, "m.json", json.dumps(manual))
    documents = {document.id: document for document in corpus.documents}
    assert documents["m.json/s1"].title == "Winch"
    assert documents["m.json/s1"].text == "# Winch\n\nTurn it left."
    assert documents["m.json/s2"].metadata == {"url": "https://example.org/p"}
    assert [r.remark for r in corpus.remarks] == ["not read: html (beside text)"]
    nested = '{"fees": {"kayak": 3.10, "days": ["Mon", "Tue"]}, "open": true, "none": null}'
    assert text_of(tmp_path, "m.json", nested) == "open: true\n\n# fees\n\nkayak: 3.10\n\n## days\n\n- Mon\n- Tue"


def test_lines_of_json_without_ids_are_documents(tmp_path: Path) -> None:
    rows = '{"title": "Fog", "body": "Sound the horn."}\n{"title": "Ice", "body": "Stay in."}\n'
    corpus = read(tmp_path, "r.jsonl", rows)
    assert [d.title for d in corpus.documents] == ["Beside", "Fog", "Ice"]
    beir = read(tmp_path, "r.jsonl", '{"_id": 7, "title": "Fog", "text": "Sound the horn."}\n')
    assert [(p.id, p.text) for p in beir.passages] == [("7", "Sound the horn.")]


def test_a_notebook_is_its_words_and_code_without_pictures(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "High at nine."]},
        {"cell_type": "code", "source": "print(3)", "outputs": [
            {"output_type": "stream", "text": ["3\n"]},
            {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo"}}]},
    ]  # fmt: skip
    corpus = read(tmp_path, "a.ipynb", json.dumps({"cells": cells, "metadata": {"language_info": {"name": "python"}}}))
    (document,) = [d for d in corpus.documents if d.id == "a.ipynb"]
    assert document.title == "Tides"
    assert document.text == "# Tides\nHigh at nine.\n\n```python\nprint(3)\n```\n\n```\n3\n```"


def test_a_mail_is_its_text_and_its_attachments_are_named(tmp_path: Path) -> None:
    mail = (
        "Subject: Berth nine\nFrom: a@example.org\nDate: Tue, 03 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nIt is free.\n'
        '--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="plan.pdf"\n\nx\n--b--\n'
    )
    corpus = read(tmp_path, "a.eml", mail)
    (document,) = [d for d in corpus.documents if d.id == "a.eml"]
    assert (document.title, document.timestamp) == ("Berth nine", "2026-03-03")
    assert "It is free." in document.text
    assert "plan.pdf" in corpus.remarks[0].remark


@pytest.mark.parametrize(
    ("name", "way_out"),
    [("a.doc", "save it as .docx"), ("a.ppt", "export it as PDF"), ("a.png", "OCR"), ("a", "give it an ending")],
)
def test_a_kind_without_a_reader_is_named_with_the_way_out(tmp_path: Path, name: str, way_out: str) -> None:
    (skipped,) = read(tmp_path, name, b"bytes").skipped
    assert (skipped.file, way_out in skipped.reason) == (name, True)
