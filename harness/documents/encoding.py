"""Bytes -> text: what a mark or the file itself declares, UTF-8, else what chardet finds where only one reading holds.

Example: b"Die \\xdcberholung kostet 40 \\x80" -> DecodedText("Die Überholung kostet 40 €", "windows-1252").
A text that two encodings would read differently, and both as words, is refused: no reader could tell a wrong letter.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.documents.results import Unreadable, words
from harness.documents.signatures import refuse_binary

_MARKS: Mapping[bytes, str] = {  # byte-order marks, the longer ones first
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# What web browsers take a label for: the encoding that contains the named one.
_WIDER: Mapping[str, str] = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874",
    "iso8859-11": "cp874", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
    "big5": "cp950",
}  # fmt: skip
# The encodings of files that people have. The first group is what Windows and the web wrote: it wins where a text is as
# likely in one of the second group.
_USUAL = words(
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp932 cp949 cp950 gb18030 big5hkscs "
    "euc_jp iso2022_jp iso2022_kr koi8-r koi8-u"
)
_RARER = words("iso8859-2 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-15 mac-roman mac-cyrillic cp850 cp852 cp866")
_NAMES: Mapping[str, str] = {  # Python's name -> the name that people and editors use
    **{f"cp125{n}": f"windows-125{n}" for n in range(9)},
    "cp874": "windows-874", "cp932": "Shift-JIS", "cp949": "EUC-KR", "cp950": "Big5", "euc_jp": "EUC-JP",
    "gb18030": "GB18030", "iso2022_jp": "ISO-2022-JP", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
}  # fmt: skip
_USUAL_LEAD = 0.03  # by how much a rarer encoding must be likelier than a usual one
_SURE_LEAD = 0.03  # by how much the best reading must be likelier than the next that reads otherwise
_ODD_SHARE = 0.02  # letters that stand where none does, of all letters beyond ASCII
_DETECTED = 200_000  # bytes that the detector looks at
_LOST = "\ufffd"  # the sign for a letter that could not be read
_WAY_OUT = "save the file as UTF-8"
_TWICE = re.compile(  # UTF-8 that was read as Latin letters: Ã¼, Â°, â€™
    "[\u00c2\u00c3\u00c5\u00d0\u00d1][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030]"
    "|\u00e2(?:\u20ac|\u0080)[\u0090-\u00bf\u2122\u0153\u009d\u02dc]"
)
_INSIDE = frozenset("'’‘´`·-‐‑–—/&@_ʼ׳״ـ\u200c\u200d\u00ad…")  # signs that stand inside words
_NEVER = frozenset("¤¦¨¬¯¸ˆˇ˘˙˚˛˜˝\u0192")  # signs that nearly no text has, and wrong readings have often
_BEFORE = frozenset("„‚†‡“‘«‹¿¡")  # signs that open: none stands behind a letter
_WORDS_OF_ONE = frozenset(
    "àáâãäåæèéêëìíîïòóôõöøùúûüýÀÁÂÄÅÆÈÉÊÍÎÓÔÖØÚÜýžšªº"
)  # Latin letters beyond ASCII that are words


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of some bytes."""

    text: str
    encoding: str | None = None  # by name; None for UTF-8, which is what everybody expects

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on the reading: the encoding, and letters that were spoilt before the file was written."""
        remarks = [f"read as {self.encoding}"] if self.encoding else []
        holes, mojibake = self.text.count(_LOST), _TWICE.findall(self.text)
        if holes:
            remarks.append(f"letters were lost before it was saved ({_LOST}, {_times(holes)}); export it again")
        if len(mojibake) > 1:
            remarks.append(f"it was decoded wrongly before ('{mojibake[0]}', {_times(len(mojibake))}); export it again")
        return tuple(remarks)


def _times(count: int) -> str:
    return f"{count} times" if count > 1 else "once"


def decode(raw: bytes, declared: str | None = None) -> DecodedText:
    """The text of a file's bytes.

    Args:
        declared: the encoding that the file names in itself (an HTML meta, an XML declaration).

    Raises:
        Unreadable: a binary file, broken bytes, or bytes that several encodings read as words.
    """
    refuse_binary(raw)
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return _marked(raw[len(mark) :], name)
    if b"\0" in raw:
        return _wide(raw)
    escaped = _escaped(raw)
    if escaped is not None:
        return escaped
    try:
        return DecodedText(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        at = error.start
    encoding = _python_name(declared)
    if encoding is not None and encoding != "utf-8":
        try:
            return DecodedText(raw.decode(encoding), _NAMES.get(encoding, encoding))
        except UnicodeDecodeError as error:
            raise Unreadable(f"not {declared}, which it declares, at byte {error.start}; {_WAY_OUT}") from None
    return _detected(raw, at)


def _marked(raw: bytes, name: str) -> DecodedText:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"not {_NAMES.get(name, 'UTF-8')}, as its first bytes say, at byte {error.start}; {_WAY_OUT}"
        ) from None
    if "\0" in text:
        raise Unreadable("holds null bytes: a binary file under a text name; export it as text")
    return DecodedText(text, _NAMES.get(name))


def _wide(raw: bytes) -> DecodedText:
    """UTF-16 without a mark: the one byte order in which every sign is one that people write."""
    readings = {}
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_writing(text):
            readings[name] = text
    if len(readings) == 1:
        ((name, text),) = readings.items()
        return DecodedText(text, f"{_NAMES[name]} without its mark")
    raise Unreadable("holds null bytes: a binary file under a text name; export it as text")


def _is_writing(text: str) -> bool:
    """Whether a text has spaces or line ends between its words and no sign that is none."""
    odd = sum(unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and c not in "\t\n\r\f" for c in text)
    blocks = Counter(ord(c) >> 8 for c in text if c.isalpha())
    spread = len(blocks) > 3 + len(text) // 4 and not any(0x4E <= block <= 0x9F for block in blocks)
    return not odd and not spread and any(c in " \n\u3000。" for c in text)


def _escaped(raw: bytes) -> DecodedText | None:
    """Japanese and Korean mail in seven bits, which UTF-8 would read as signs."""
    for name, start in (("iso2022_jp", b"\x1b$"), ("iso2022_kr", b"\x1b$)C")):
        if start in raw:
            try:
                return DecodedText(raw.decode(name), _NAMES.get(name, "ISO-2022-KR"))
            except UnicodeDecodeError:
                continue
    return None


def _python_name(label: str | None) -> str | None:
    """Python's name of a declared encoding; None where it is unknown."""
    try:
        name = codecs.lookup((label or "").strip()).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(name, name)


def _detected(raw: bytes, at: int) -> DecodedText:
    """The one reading that holds. Unreadable where none does, or where two would read differently."""
    likely: dict[str, tuple[float, str]] = {}  # text -> (how likely, encoding)
    for name, confidence in _candidates(raw):
        try:
            text = raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        score = confidence + (_USUAL_LEAD if name in _USUAL else 0.0)
        if not _spoilt(text) and score > likely.get(text, (0.0, ""))[0]:
            likely[text] = (score, name)
    readings = sorted(((score, name, text) for text, (score, name) in likely.items()), reverse=True)
    if not readings:
        raise Unreadable(f"not UTF-8 at byte {at}, and no other encoding reads it as words; {_WAY_OUT}")
    if len(readings) > 1 and readings[0][0] - readings[1][0] < _SURE_LEAD:
        names = " or ".join(_NAMES.get(name, name) for _, name, _ in readings[:2])
        raise Unreadable(f"not UTF-8 at byte {at}, and not clearly {names}: they differ in it; {_WAY_OUT}")
    _, name, text = readings[0]
    return DecodedText(text, _NAMES.get(name, name))


def _candidates(raw: bytes) -> Iterator[tuple[str, float]]:
    """(Python's name, confidence) of every encoding that chardet thinks of."""
    import chardet
    from chardet.enums import EncodingEra

    eras = EncodingEra.ALL & ~EncodingEra.MAINFRAME
    for row in chardet.detect_all(raw[:_DETECTED], encoding_era=eras):
        name = _python_name(row["encoding"])
        if name in _USUAL or name in _RARER:
            yield str(name), float(row["confidence"])


def _spoilt(text: str) -> bool:
    """Whether letters stand where no language has them: capitals and signs inside words, control signs."""
    odd = beyond = 0
    previous = " "
    for char, after in zip(text, text[1:] + " ", strict=True):
        if char > "\x7f":
            beyond += 1
            odd += _is_odd(previous, char, after)
        elif char < " " and char not in "\t\n\r\f\x1a":
            return True
        previous = char
    unopened = any(opening in text and closing not in text for opening, closing in ("¿?", "¡!", "‘’"))
    return odd > beyond * _ODD_SHARE or unopened or bool(_TWICE.search(text))


def _is_odd(previous: str, char: str, after: str) -> bool:
    """Whether a sign beyond ASCII can hardly stand between these two."""
    if unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") or char in _NEVER:
        return True
    if char.isalpha():
        return _is_odd_letter(previous, char, after)
    if previous.isalpha() and char in _BEFORE and previous < "\u2e80":
        return True
    inside = previous.isalpha() and after.isalpha() and char < "\u2e80"
    return inside and char not in _INSIDE and unicodedata.category(char)[0] in "SPN"


def _is_odd_letter(previous: str, char: str, after: str) -> bool:
    if char > "\u02ff":  # not Latin: two alphabets in one word
        return char < "\u2e80" and previous.isalpha() and _script(char) != _script(previous)
    if previous.isalpha():
        return char.isupper() and previous.islower()
    alone = not after.isalpha() and char not in _WORDS_OF_ONE and after not in "’'."
    return alone or (char.islower() and after.isupper())


def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ")[0]
