"""The material of a new scenario: documents, questions with answers, a model; read before anything is written.

gather(Sources(questions=Path("faq.csv"), docs=Path("handbook")), Models())   # OwnMaterial, or one InputError
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.documents.corpus import Corpus, files_of, load_documents
from harness.errors import InputError
from harness.files.input_file import legible, real
from harness.golden.against_corpus import against_corpus, with_answers_alone
from harness.golden.clusters import case_clusters
from harness.golden.imported import Imported, with_splits
from harness.golden.importers.formats import import_data
from harness.golden.importers.tables import Source
from harness.record.sections import SkippedFile
from harness.references import references
from harness.scenario.settings import Models
from harness.types import Case, Document, Passage

SEED = 7
DEV_FROM = 100  # questions; with fewer, each is needed for the verdict
DEV_SHARE = 0.25
SUFFIXES: Mapping[str, str] = {".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx"}  # others: jsonl


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the material lies, as the user names it."""

    questions: Path
    docs: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # our field -> the user's column
    sheet: str | None = None  # of a workbook


@dataclass(frozen=True, slots=True)
class OwnMaterial:
    """What a scenario is made of."""

    sources: Sources
    imported: Imported  # every case with an answer, or unanswerable; its evidence stands in the corpus
    corpus: Corpus
    files: tuple[tuple[Path, str], ...]  # of the corpus, each with its name in it
    models: Models

    @property
    def tested(self) -> tuple[Case, ...]:
        return tuple(case for case in self.imported.cases if case.split == "test")

    @property
    def has_pages(self) -> bool:
        return bool(self.corpus.documents or self.corpus.passages or self.imported.passages)

    @property
    def groups(self) -> int:
        """Independent groups of documents among the test cases."""
        pages: list[Document | Passage] = [*self.corpus.documents, *self.corpus.passages, *self.imported.passages]
        return len(set(case_clusters(self.tested, pages).values()))

    @property
    def with_evidence(self) -> int:
        """Test cases that name where their answer stands."""
        return sum(bool(case.evidence) for case in self.tested)

    @property
    def answerable(self) -> int:
        return sum(case.kind != "unanswerable" for case in self.tested)

    @property
    def sentences(self) -> str:
        """What is to be said of answers that are sentences; empty where there is nothing."""
        return references(self.tested).says


def gather(sources: Sources, models: Models) -> OwnMaterial:
    """Read and check all of it.

    Raises:
        InputError: a file or folder is missing or cannot be read, no column is a question, or none has an answer.
    """
    corpus = _documents(sources)
    suffix = sources.questions.name.lower().removesuffix(".gz")
    name = SUFFIXES.get(Path(suffix).suffix, "jsonl")
    imported = with_answers_alone(import_data(name, Source(sources.questions, sources.sheet, sources.columns)))
    if sources.docs is not None:
        imported = against_corpus(imported, corpus)
    imported = _with_splits(imported, corpus)
    files = files_of(sources.docs, corpus) if sources.docs is not None else ()
    material = OwnMaterial(sources, imported, corpus, files, models)
    if not material.tested:
        raise InputError(f"{sources.questions}: no question is of split 'test', and verdicts read no other")
    return material


def _documents(sources: Sources) -> Corpus:
    """The documents; the file of questions is none of them, for it holds the answers."""
    if sources.docs is None:
        return Corpus(())
    corpus = load_documents(sources.docs)
    home, file = real(sources.docs), real(sources.questions)
    if file == home or not file.is_relative_to(home):
        return corpus
    name = file.relative_to(home).as_posix()
    documents = tuple(row for row in corpus.documents if row.id != name and not row.id.startswith(f"{name}/"))
    if not documents and not corpus.passages:
        raise InputError(f"{legible(sources.docs)}: no readable document in it beside the file of questions")
    skipped = SkippedFile(name, "the file of questions, which holds the answers: not a document")
    return replace(corpus, documents=documents, skipped=(*corpus.skipped, skipped))


def _with_splits(imported: Imported, corpus: Corpus) -> Imported:
    """A quarter of many questions is for choosing settings; of few, none is."""
    share = DEV_SHARE if len(imported.cases) >= DEV_FROM else 0.0
    own = imported.passages
    whole = replace(imported, passages=own or corpus.passages)
    return replace(with_splits(whole, share, SEED), passages=own)
