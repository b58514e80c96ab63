"""The table of languages: which are known, and which the claim detector has rules for."""

from __future__ import annotations

from collections.abc import Mapping

from harness.language import others, western
from harness.language.rows import Language

ENGLISH = western.ENGLISH
LANGUAGES: Mapping[str, Language] = {
    row.code: row for row in (*western.WITH_RULES, *others.WITH_RULES, *others.RECOGNISED)
}
# the language that a script is taken for where nothing else tells: the first of the table that is written in it
OF_SCRIPT: Mapping[str, Language] = {
    row.script: row for row in reversed(tuple(LANGUAGES.values())) if row.script != "LATIN"
}
