"""Names of documents in another form: with or without a folder, in other case, URL-encoded, with another extension.

DocumentNames(["guides/Loan rules.md", "fees.html"]).of("loan%20rules.md")    # 'guides/Loan rules.md'
DocumentNames(["a/fees.md", "b/fees.md"]).of("fees.md")                       # None: `candidates` names both
DocumentNames(["fees.html"], skipped=["fees.pdf"]).of("fees.pdf")             # None: a file that could not be read
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from urllib.parse import unquote

from harness.types import Case, Evidence


def _plain(name: str) -> str:
    """The name without encoding, fragment or query, in one Unicode form, with forward slashes."""
    path = unicodedata.normalize("NFC", unquote(name)).strip().replace("\\", "/")
    for mark in ("#", "?"):
        path = path.partition(mark)[0] or path
    return path.removeprefix("file://").removeprefix("./").strip("/")


def _cased(name: str) -> str:
    return unicodedata.normalize("NFC", _plain(name).casefold())


def _file(name: str) -> str:
    return _cased(name).rpartition("/")[2]


def _path_stem(name: str) -> str:
    return _without_extension(_cased(name))


def _stem(name: str) -> str:
    return _without_extension(_file(name))


def _without_extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return stem if dot and stem and not stem.endswith("/") and extension.isalnum() and len(extension) <= 5 else name


FORMS: tuple[Callable[[str], str], ...] = (_plain, _cased, _file, _path_stem, _stem)  # the first that names one wins


class DocumentNames:
    """The names of a corpus's documents, found again in another form where only one can be meant.

    Files that were skipped have names too: a name that is theirs means none of the others.
    """

    def __init__(self, names: Iterable[str], skipped: Iterable[str] = ()) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._exact = frozenset(self.names)
        self.skipped = tuple(name for name in dict.fromkeys(skipped) if name not in self._exact)
        self._every = frozenset((*self.names, *self.skipped))

    @cached_property
    def _by_form(self) -> tuple[dict[str, list[str]], ...]:
        tables: tuple[dict[str, list[str]], ...] = tuple(defaultdict(list) for _ in FORMS)
        for name in (*self.names, *self.skipped):
            for form, table in zip(FORMS, tables, strict=True):
                table[form(name)].append(name)
        return tables

    def __contains__(self, name: str) -> bool:
        return name in self._exact

    def of(self, name: str) -> str | None:
        """The one document that a name means; None where none, a skipped file, or several could be meant."""
        only = self._only(name)
        return only if only in self._exact else None

    def skipped_of(self, name: str) -> str | None:
        """The one skipped file that a name means; None where it means none, a document, or could mean several."""
        only = self._only(name)
        return None if only in self._exact else only

    def _only(self, name: str) -> str | None:
        candidates = self.candidates(name)
        return candidates[0] if len(candidates) == 1 else None

    def candidates(self, name: str) -> tuple[str, ...]:
        """The documents and skipped files that a name could mean, by the strictest form in which it names any."""
        if name in self._every:
            return (name,)
        for form, table in zip(FORMS, self._by_form, strict=True):
            candidates = table.get(form(name), ())
            if form in (_file, _stem) and len(candidates) > 1:
                candidates = _nearest(form, name, candidates)
            if candidates:
                return tuple(candidates)
        return ()


def _nearest(form: Callable[[str], str], name: str, candidates: Iterable[str]) -> list[str]:
    """Of files with one name those that share the most folders with what was written, from the file outwards."""
    folders = _cased(name).split("/")[-2::-1]
    shared = {candidate: _alike(folders, _cased(candidate).split("/")[-2::-1]) for candidate in candidates}
    most = max(shared.values())
    return [candidate for candidate, count in shared.items() if count == most]


def _alike(a: list[str], b: list[str]) -> int:
    count = 0
    for one, other in zip(a, b):  # noqa: B905 - the shorter path ends it
        if one != other:
            break
        count += 1
    return count


def with_known_names(cases: Iterable[Case], names: DocumentNames) -> tuple[Case, ...]:
    """The cases with the documents of their evidence named as the corpus names them, where only one can be meant."""
    return tuple(replace(case, evidence=tuple(_renamed(item, names) for item in case.evidence)) for case in cases)


def _renamed(item: Evidence, names: DocumentNames) -> Evidence:
    if item.doc is not None:
        return replace(item, doc=names.of(item.doc) or item.doc)
    # the id of a passage is its own name, and one that is not known yet stands behind its document's
    if item.id is None or item.id.rpartition("#")[0] in names:
        return item
    return replace(item, id=names.of(item.id) or item.id)
