"""The lines about a corpus that was read: files left out, or read otherwise than they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.cli.console import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.record.sections import FileRemark, SkippedFile


@dataclass(frozen=True, slots=True)
class CorpusReading:
    """The reading of a corpus, as every `--json` of a command that reads one says it."""

    skipped: tuple[SkippedFile, ...]
    remarks: tuple[FileRemark, ...]  # in other encodings, pages without text and the like


def tell_corpus(skipped: Sequence[SkippedFile], remarks: Sequence[FileRemark]) -> None:
    """On standard error: every reason for which files were skipped, and every remark, with their files."""
    from harness.report.text.corpus import corpus_lines

    tell(corpus_lines(skipped, remarks))
