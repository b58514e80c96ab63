"""The document formats: a suffix, what reads it, and for kinds that nothing here reads, what to export them as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.documents.epub import read_epub
from harness.documents.html import read_html
from harness.documents.mail import read_mail, read_saved_page
from harness.documents.markdown import read_markdown
from harness.documents.markup import read_markup
from harness.documents.notebook import read_notebook
from harness.documents.objects import read_json
from harness.documents.open_text import read_open_text
from harness.documents.pdf import read_pdf
from harness.documents.plain import read_code, read_plain
from harness.documents.results import Reader
from harness.documents.rich_text import read_rich_text
from harness.documents.rows import read_rows
from harness.documents.slides import read_slides
from harness.documents.word import read_word
from harness.documents.workbook import read_workbook

MAX_TEXT = 20_000_000  # bytes; a larger text is a dump, not a document: it would drown the rest of the corpus
MAX_BINARY = 200_000_000  # bytes of a file that holds pictures beside its text


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """One kind of document."""

    title: str
    suffixes: tuple[str, ...]
    read: Reader
    max_bytes: int = MAX_TEXT


_CODE = ".py .js .jsx .ts .tsx .java .go .rs .c .h .cpp .hpp .cs .rb .php .sh .sql .kt .swift"
CODE_SUFFIXES = frozenset(_CODE.split())

KINDS: tuple[DocumentFormat, ...] = (
    DocumentFormat("Markdown", (".md", ".markdown", ".mdx", ".qmd", ".rmd"), read_markdown),
    DocumentFormat("plain text", (".txt", ".text", ".rst", ".adoc", ".asciidoc", ".org", ".log"), read_plain),
    DocumentFormat("HTML", (".html", ".htm", ".xhtml", ".shtml", ".aspx"), read_html),
    DocumentFormat("PDF", (".pdf",), read_pdf, MAX_BINARY),
    DocumentFormat("Word", (".docx", ".docm", ".dotx"), read_word, MAX_BINARY),
    DocumentFormat("OpenDocument", (".odt", ".ott"), read_open_text, MAX_BINARY),
    DocumentFormat("rich text", (".rtf",), read_rich_text),
    DocumentFormat("PowerPoint", (".pptx", ".pptm", ".ppsx"), read_slides, MAX_BINARY),
    DocumentFormat("CSV", (".csv", ".tsv", ".tab"), read_rows),
    DocumentFormat("Excel", (".xlsx", ".xlsm"), read_workbook, MAX_BINARY),
    DocumentFormat("JSON", (".json",), read_json),
    DocumentFormat("notebook", (".ipynb",), read_notebook, MAX_BINARY),
    DocumentFormat("EPUB", (".epub",), read_epub, MAX_BINARY),
    DocumentFormat("mail", (".eml",), read_mail, MAX_BINARY),
    DocumentFormat("XML", (".xml", ".dita"), read_markup),
    DocumentFormat("saved page", (".mhtml", ".mht"), read_saved_page, MAX_BINARY),
)
FORMATS: Mapping[str, DocumentFormat] = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
CODE = DocumentFormat("source code", tuple(sorted(CODE_SUFFIXES)), read_code)

# Kinds that people keep beside their documents and that nothing here reads -> what to do.
EXPORT_AS: Mapping[str, str] = {
    **dict.fromkeys((".doc", ".dot", ".wps", ".wpd", ".pages"), "save it as .docx or PDF"),
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers"), "save it as .xlsx or CSV"),
    **dict.fromkeys((".ppt", ".odp", ".key"), "export it as PDF"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".heic"), "run it through OCR"),
    **dict.fromkeys((".zip", ".tar", ".gz", ".7z", ".rar"), "unpack it"),
    **dict.fromkeys((".msg", ".pst", ".mbox"), "save each mail as .eml"),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".ini", ".tex"), "save it as .txt"),
    **dict.fromkeys((".db", ".sqlite", ".parquet", ".mdb"), "export its tables as CSV"),
    **dict.fromkeys((".mobi", ".azw3", ".chm", ".djvu"), "convert it to EPUB or PDF"),
    **dict.fromkeys((".mp3", ".wav", ".mp4", ".mov", ".m4a"), "write down what is said in it"),
    "": "give it an ending, such as .txt",
}


def format_of(suffix: str) -> DocumentFormat | None:
    """The format of files with this suffix; None where nothing reads them."""
    lower = suffix.lower()
    return FORMATS.get(lower) or (CODE if lower in CODE_SUFFIXES else None)
