"""The tokens of a text that is folded: which of its signs are marks of a form, and how the others are written.

One regular expression, its alternatives in order: `**3 days**` is mark, plain, space, plain, mark. No Markdown
parser: a quote is a piece of a page, and a piece of a table or link parses as something else than the whole does.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_QUOTES = "\"'`´‘’‚‛“”„‟«»‹›「」『』〈〉《》〝〞〟＂＇′″‵‶"
_APOSTROPHES = "'’‘ʼ＇´`‛"
_DASHES = "-‐‑‒–—―−⁃﹘﹣－"
_WIDE_DASHES = "—―"
_BULLETS = "•·‣▪▫◦●○■□∙⁃*+"
_MARK = r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u3099\u309a\uff9e\uff9f]"
# signs that nobody sees (soft hyphen, zero width, direction, the Arabic stretch) and points that may be left out
_UNSEEN = r"[\u00ad\u034f\u061c\u0640\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u064b-\u0652\u0670\u115f\u1160\u17b4\u17b5"
_UNSEEN += r"\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff]"
_SPACELESS = r"[\u3001\u3002\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_UNESCAPED = "*`[]\"'|\\~"  # signs that are marks wherever they stand
_SUPERSCRIPT = "¹²³⁰⁴⁵⁶⁷⁸⁹"

AROUND_SPACELESS = re.compile(rf"{_SPACELESS}.|.{_SPACELESS}", re.DOTALL)
TIGHT_BEFORE, TIGHT_AFTER = frozenset(",.;:!?)%"), frozenset("(")
NOTHING = frozenset({"unseen", "mark", "link", "footnote", "quote", "note", "mark2", "task"})

# fmt: off
TOKEN = re.compile("|".join((
    rf"(?P<unseen>{_UNSEEN}+)",
    # a fence of code, a rule, the line under a table's head, the underline of a heading
    r"(?P<line>^[ \t]*(?:(?:```+|~~~+)[ \t]*[\w+#.-]*|\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?|"
    r"\|[ \t]*:?-+:?[ \t]*\||-{3,}|={3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[ \t]*$)",
    r"(?P<quoted>^[ \t]*(?:>[ \t]?)+)",
    r"(?P<comment><!--.*?-->)",
    r"(?P<note><sup\b[^<>]*>\s*[\[(]?(?:\d{1,3}|[*†‡§a-z])[\])]?\s*</sup>)",
    r"(?P<tag></?(?i:br|p|div|li|ul|ol|td|th|tr|table|h[1-6]|blockquote|pre|hr)\b[^<>]*>)",
    r"(?P<mark></?(?i:a|abbr|b|bdi|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]*>)",
    r"(?P<task>\[[ xX]\](?=[ \t]))",
    r"(?P<footnote>\[\^[^\]\s]{1,40}\]:?|(?<=[\w.,;:!?)\"'”’*])\[\d{1,3}(?:[ ]?[,–-][ ]?\d{1,3})*\](?!\()"
    rf"|(?:(?<=\w{{3}})|(?<=[.,;:!?)\"'”’*]))[{_SUPERSCRIPT}]{{1,3}}(?!\w)|[†‡])",
    r"(?P<link>\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)|\]\[[^\[\]]*\]|!\[|\[|\])",
    r"(?P<address><(?:https?://|mailto:)[^<>\s]+>)",
    r"(?P<escape>\\[!-/:-@\[-`{-~])",
    rf"(?P<range>(?<=\d)[^\S\n]*[{_DASHES}][^\S\n]*(?=\d))",
    rf"(?P<bullet>(?<!\S)(?:[{_BULLETS}]|[{_DASHES}]+|\#{{1,6}})(?!\S)|[{_WIDE_DASHES}]+|(?<=\w)--+(?=\w)|\|)",
    r"(?P<mark2>\*+|~~|(?<![^\W_])_+|_+(?![^\W_]))",
    rf"(?P<apostrophe>(?<=[^\W\d_])[{_APOSTROPHES}](?=[^\W\d_]))",
    rf"(?P<quote>[{_QUOTES}]+)",
    r"(?P<plain>[A-Za-z0-9](?:[A-Za-z0-9]|[.,](?=[A-Za-z0-9]))*(?![^\x00-\x7f]))",
    r"(?P<space>\s+)",
    rf"(?P<dash>[{_DASHES}])",
    rf"(?P<other>[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|.{_MARK}*)",
)), re.MULTILINE | re.DOTALL)
# fmt: on
_DIVIDING = frozenset({"line", "quoted", "comment", "tag", "bullet", "space"})


@lru_cache(maxsize=8192)
def folded_sign(kind: str, raw: str) -> str:
    """One token, folded; a space where it divides words, empty where it is a mark alone."""
    if kind in _DIVIDING:
        return " "
    if kind in ("range", "dash"):
        return "-"
    if kind == "apostrophe":
        return "'"
    if kind == "escape":
        return raw[1] if raw[1] not in _UNESCAPED else ""
    if kind == "address":
        return raw[1:-1].lower()
    # composed first, so that a letter and its accent are one sign; a capital I with a dot is an i
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).casefold()).replace("i\u0307", "i")
    return " " if plain.isspace() else re.sub(_UNSEEN, "", plain).replace(" ", "")
