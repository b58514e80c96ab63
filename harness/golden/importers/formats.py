"""People's data sets -> passages and golden cases. FORMATS is the table: what each format reads and refuses.

A name says which format a file is in; `csv`, `jsonl` and `xlsx` look at the columns, by the rows of SHAPES in order,
and the import says what it took them for. Nothing is guessed in silence: what was recognised, what each column was read
as and what was not read are remarks of the import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from harness.errors import InputError
from harness.files.input_file import is_dir, is_file, legible
from harness.golden.imported import Imported
from harness.golden.importers.autorag import autorag_corpus, is_autorag, read_autorag
from harness.golden.importers.beir import read_beir
from harness.golden.importers.cells import structured
from harness.golden.importers.choices import (
    is_classification,
    is_multiple_choice,
    read_classification,
    read_multiple_choice,
)
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.docs import read_docs
from harness.golden.importers.dpr import is_dpr, read_dpr
from harness.golden.importers.files import one_file
from harness.golden.importers.hotpot import is_hotpot, read_hotpot
from harness.golden.importers.langsmith import is_langsmith, read_langsmith
from harness.golden.importers.openai_evals import is_openai_evals, read_openai_evals
from harness.golden.importers.promptfoo import is_promptfoo, read_promptfoo
from harness.golden.importers.records import read_records
from harness.golden.importers.squad import is_flat_squad, read_flat_squad, read_squad
from harness.golden.importers.tables import Source, Table, read_table
from harness.golden.importers.trulens import is_trulens, read_trulens


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """One format that an import can be told."""

    title: str
    read: Callable[[Source], Imported]
    reads: str  # for a person: files and columns
    refuses: str  # what is an error, or left out and named


@dataclass(frozen=True, slots=True)
class RowShape:
    """Rows that are recognised by their columns."""

    title: str
    fits: Callable[[Table], bool]
    by: str  # the columns it is recognised by
    read: Callable[[Table, str], Imported]


# In this order: the first that fits is taken.
SHAPES: Mapping[str, RowShape] = {
    "promptfoo": RowShape("promptfoo tests", is_promptfoo, "__expected..., or vars", read_promptfoo),
    "autorag": RowShape("AutoRAG questions", is_autorag, "retrieval_gt", read_autorag),
    "squad": RowShape("SQuAD rows of the hub", is_flat_squad, "question, context, answers {text}", read_flat_squad),
    "hotpotqa": RowShape("HotpotQA", is_hotpot, "question, answer, supporting_facts, context", read_hotpot),
    "dpr": RowShape("open-domain questions (DPR, NQ)", is_dpr, "question, ctxs or positive_ctxs", read_dpr),
    "trulens": RowShape(
        "TruLens ground truth", is_trulens, "query, expected_response or expected_chunks", read_trulens
    ),
    "openai": RowShape("OpenAI evals", is_openai_evals, "input and ideal, or item", read_openai_evals),
    "langsmith": RowShape("LangSmith examples", is_langsmith, "inputs and outputs, nested or flat", read_langsmith),
    "choice": RowShape("multiple choice", is_multiple_choice, "question, answer, choices", read_multiple_choice),
    "classification": RowShape("classified texts", is_classification, "text, one of label...", read_classification),
}


def import_data(name: str, source: Source) -> Imported:
    """Cases and passages of a source in the format `name`. InputError: unknown format, or a source not in it."""
    if name not in FORMATS:
        raise InputError(f"format '{name}' is not known; expected one of: {', '.join(FORMATS)}")
    try:
        return FORMATS[name].read(source)
    except (KeyError, TypeError, AttributeError, IndexError) as error:  # a value of another shape than the format has
        what = f"{type(error).__name__}: {legible(str(error))}"
        raise InputError(
            f"{source.path}: a row is not as {FORMATS[name].title} has it ({what}); export it again"
        ) from error


def _recognised(table: Table) -> Imported:
    """A table by its columns: the first of SHAPES that fits, else one question a row under known names."""
    for shape in SHAPES.values():
        if shape.fits(table):
            return shape.read(table, f"{shape.title} (by {shape.by}), {table.kind}")
    return read_records(table, f"one question a row, {table.kind}")


def _csv(source: Source) -> Imported:
    file = one_file(source.path, "*.csv", "*.tsv")
    if file.name.lower().endswith((".xlsx", ".xlsm")) and is_file(file):
        raise InputError(
            f"{file}: this is a workbook (.xlsx), not CSV; import it with the format xlsx, or export its sheet as CSV"
        )
    return _recognised(read_table(replace(source, path=file)))


def _rows(source: Source) -> Imported:
    return _recognised(read_table(source))


def _by_name(name: str) -> Callable[[Source], Imported]:
    """Reading of a shape that the user names, whether or not its columns show it."""
    return lambda source: _read_as(name, read_table(source))


def _read_as(name: str, table: Table) -> Imported:
    return SHAPES[name].read(table, f"{SHAPES[name].title}, {table.kind}")


def _ragas(source: Source) -> Imported:
    table = read_table(source)
    return read_records(table, f"ragas, {table.kind}", system_answer=True)


def _deepeval(source: Source) -> Imported:
    table = read_table(source)
    if "turns" in table.columns or {"scenario", "expected_outcome"} <= set(table.columns):
        raise InputError(f"{table.file}: conversational goldens; expected goldens with 'input' and 'expected_output'")
    return read_records(_with_own_fields(table), f"deepeval goldens, {table.kind}", divided=True)


def _with_own_fields(table: Table) -> Table:
    """The table with the fields that our export writes into `additional_metadata`; other metadata stays there."""
    rows = []
    for where, row in table.rows:
        metadata = structured(row.get("additional_metadata"))
        ours = metadata if isinstance(metadata, Mapping) and {"kind", "category", "split"} <= set(metadata) else {}
        rows.append((where, {**row, **{name: value for name, value in ours.items() if name in ALIASES}}))
    columns = tuple(dict.fromkeys(name for _, row in rows for name in row))
    return replace(table, rows=tuple(rows), columns=columns)


def _squad(source: Source) -> Imported:
    """A `data` list is the classic shape; rows are the hub's."""
    file = one_file(source.path, "dev*.json")
    if file.name.lower().removesuffix(".gz").endswith(".json"):
        try:
            return read_squad(file)
        except InputError as error:
            if "not a SQuAD file" not in str(error):
                raise
            try:
                table = read_table(replace(source, path=file))
            except InputError:
                raise error from None
            if not is_flat_squad(table):
                raise
            return _read_as("squad", table)
    return _read_as("squad", read_table(replace(source, path=file)))


def _autorag(source: Source) -> Imported:
    """A qa file, or a folder with `qa.*` and `corpus.*`."""
    if not is_dir(source.path):
        return _read_as("autorag", read_table(source))
    qa, corpus = (one_file(source.path, f"{name}.parquet", f"{name}.jsonl", f"{name}.csv") for name in ("qa", "corpus"))
    table = read_table(replace(source, path=qa))
    passages = autorag_corpus(read_table(Source(corpus)))
    return read_autorag(table, f"AutoRAG, {table.kind}", passages)


COLUMNS = "one question a row; the shapes of SHAPES by their columns"
FORMATS: Mapping[str, ImportFormat] = {
    "csv": ImportFormat("CSV, any separator", _csv, COLUMNS, "no question or answer column; a workbook"),
    "jsonl": ImportFormat("JSONL, JSON, Parquet, YAML", _rows, COLUMNS, "no question or answer column"),
    "xlsx": ImportFormat(
        "Excel (extra 'documents')", _rows, f"one sheet (--sheet): {COLUMNS}", "several sheets, none named",
    ),
    "ragas": ImportFormat(
        "ragas 0.1 to 0.4", _ragas,
        "question|user_input, ground_truth|ground_truths|reference, contexts|reference_contexts, reference_context_ids",
        "not read: answer, response, retrieved_contexts (a system's own); left out: conversations",
    ),
    "deepeval": ImportFormat(
        "deepeval goldens", _deepeval, "input, expected_output, context, name, source_file (snake or camel case)",
        "not read: actual_output, retrieval_context (a system's own); refused: conversational goldens",
    ),
    "promptfoo": ImportFormat(
        "promptfoo", _by_name("promptfoo"), "__expected... columns; YAML tests: vars, assert, metadata, defaultTest",
        "not read: assertions that name no answer (code, rubrics, not-...)",
    ),
    "langsmith": ImportFormat(
        "LangSmith", _by_name("langsmith"),
        "inputs, outputs (objects or flat columns), reference_outputs, metadata.dataset_split; MLflow's expectations",
        "not read: outputs beside a reference (a system's own); left out: conversations",
    ),
    "openai": ImportFormat(
        "OpenAI evals", _by_name("openai"), "input (text or messages), ideal; item", "left out: conversations"
    ),
    "autorag": ImportFormat(
        "AutoRAG", _autorag, "qid, query, retrieval_gt, generation_gt; a folder with corpus.* beside qa.*",
        "said: alternatives in retrieval_gt count each as evidence",
    ),
    "trulens": ImportFormat(
        "TruLens", _by_name("trulens"), "query, query_id, expected_response, expected_chunks", "refused: response alone"
    ),
    "squad": ImportFormat(
        "SQuAD 1.1, 2.0", _squad, "data[].paragraphs[].qas[], title or not; the hub's rows", "a file without any answer"
    ),
    "hotpotqa": ImportFormat(
        "HotpotQA", _by_name("hotpotqa"), "question, answer, supporting_facts, context (classic and hub)", "other rows"
    ),
    "dpr": ImportFormat(
        "DPR, NQ", _by_name("dpr"), "question, answers, ctxs (isgold), positive_ctxs, negative_ctxs", "other rows"
    ),
    "choice": ImportFormat(
        "multiple choice", _by_name("choice"), "question, choices|choice0...|A..., answer",
        "an answer that is no choice",
    ),
    "classification": ImportFormat(
        "classification", _by_name("classification"), "text, label|category|intent|class", "other rows"
    ),
    "beir": ImportFormat(
        "BEIR", lambda source: read_beir(source.path), "corpus.jsonl, queries.jsonl, qrels/*.tsv", "other folders"
    ),
    "docs": ImportFormat(
        "documentation questions", lambda source: read_docs(source.path),
        "a folder with a JSON list of chunks and one of questions with their correct chunks", "other folders",
    ),
}  # fmt: skip
