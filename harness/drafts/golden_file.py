"""The file of golden drafts beside a golden set: what stands in it, and what a new draw does to it.

Drafts that people accepted or mended leave it for the golden set (`harness golden review`). A new draw keeps what is
still drawn, adds what is new and takes out what is not: a page that changed, say. What people rejected is not offered
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.drafts.draft import Drafts, Neighbours, draft_case
from harness.files.hashing import content_hash
from harness.files.input_file import is_file, read_bytes
from harness.golden.imported import case_row
from harness.golden.load import load_cases
from harness.golden.verified import is_unread_draft
from harness.ratings.review import rejected_file
from harness.record.codec import read_rows, write_rows
from harness.types import Case, Evidence, Example

ENDING = ".drafts.jsonl"
DEV_SHARE = 0.25  # of the documents, by their name's hash: a document is asked about in one split alone


@dataclass(frozen=True, slots=True)
class DraftFile:
    """What a draw did to the file of drafts."""

    file: Path
    drafts: int  # in it now
    new: int
    stayed: int  # drawn before, unread still
    gone: int  # drawn before and not any more


def draft_file(golden: Path | None, folder: Path) -> Path:
    """Where the drafts of a golden set lie; where there is none yet, in the scenario's folder."""
    if golden is None:
        return folder / f"golden{ENDING}"
    return golden if golden.name.endswith(ENDING) else golden.with_name(f"{golden.stem}{ENDING}")


def golden_of(drafts: Path) -> Path | None:
    """The golden set that a file of drafts belongs to, whether it is there yet or not; None for any other file."""
    name = drafts.name
    return drafts.with_name(f"{name.removesuffix(ENDING)}.jsonl") if name.endswith(ENDING) else None


def write_draft_file(file: Path, drafts: Drafts, split: Callable[[str], str]) -> DraftFile:
    """Write the drafts as cases; rows of the file that people have read stay as they are.

    Args:
        split: of a document.
    """
    before = cases_in(file)
    read = [case for case in before if not is_unread_draft(case.verified_by)]
    unread = {case.id for case in before} - {case.id for case in read}
    new = [draft for draft in drafts.drafts if draft.id not in {case.id for case in read}]
    cases = [*read, *(draft_case(draft, split(draft.topic.docs[0])) for draft in new)]
    write_rows(file, map(case_row, cases))
    ids = {draft.id for draft in new}
    return DraftFile(file, len(cases), len(ids - unread), len(ids & unread), len(unread - ids))


def document_splits(golden: Path | None, file: Path, seed: int) -> Callable[[str], str]:
    """The split of a document: that of the cases about it, else drawn by its name, whatever else is in the corpus."""
    cases = [*cases_in(golden), *cases_in(file)]
    splits = {item.doc: case.split for case in cases for item in case.evidence if case.split != "train"}

    def split(doc: str) -> str:
        drawn_dev = int(content_hash([seed, "split", doc]), 16) / 16**16 < DEV_SHARE
        return splits.get(doc, "dev" if drawn_dev else "test")

    return split


def golden_neighbours(golden: Path | None, file: Path, examples: Sequence[Example]) -> Neighbours:
    """What a golden draft may not repeat: cases, drafts that people read, cases they rejected, training prompts and
    the quotes of open-book examples."""
    cases = [*cases_in(golden), *(case for case in cases_in(file) if not is_unread_draft(case.verified_by))]
    places = [(case.where, case.question) for case in cases]
    for place in {file, *((golden,) if golden else ())}:
        places += _rejections(rejected_file(place))
    training = [(example.where, example.user) for example in examples if not example.replay]
    own = [item for example in examples if example.use == "open_book" for item in example.evidence]
    return Neighbours(places, training, quotes_of(own))


def cases_in(file: Path | None) -> tuple[Case, ...]:
    """The cases of a file that need not be there, and that has none left where people have read all of its drafts."""
    if file is None or not is_file(file) or not read_bytes(file).strip():
        return ()
    return load_cases(file, answers_required=False)


def _rejections(file: Path) -> list[tuple[str, str]]:
    if not is_file(file):
        return []
    return [(f"{file}:{number}", row.question) for number, row in enumerate(read_rows(file, _Rejection), start=1)]


@dataclass(frozen=True, slots=True)
class _Rejection:
    """What of a rejected case is read."""

    question: str


def quotes_of(items: Iterable[Evidence]) -> Mapping[str, Sequence[str]]:
    """Quotes by document."""
    quotes: dict[str, list[str]] = {}
    for item in items:
        if item.doc is not None and item.quote is not None:
            quotes.setdefault(item.doc, []).append(item.quote)
    return quotes
