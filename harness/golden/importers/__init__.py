"""Public data sets -> passages and golden cases. One module a format; `IMPORTERS` is the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.golden.imported import Imported
from harness.golden.importers.beir import read_beir
from harness.golden.importers.docs import read_docs
from harness.golden.importers.records import read_csv, read_json_lines
from harness.golden.importers.squad import read_squad

IMPORTERS: Mapping[str, Callable[[Path], Imported]] = {
    "squad": read_squad,  # SQuAD 1.1 and 2.0: a JSON file, or a folder with one
    "beir": read_beir,  # a folder with corpus.jsonl, queries.jsonl, qrels/*.tsv
    "docs": read_docs,  # a folder with a JSON list of chunks and one of questions with their correct chunks
    "csv": read_csv,  # one question a row
    "jsonl": read_json_lines,  # one question an object: our own keys, or those of ragas and deepeval data sets
    "ragas": read_json_lines,
    "deepeval": read_json_lines,
}
