"""Sentences end where a reader of the language sees their end."""

from __future__ import annotations

import pytest

from harness.language.sentences import border
from harness.language.table import LANGUAGES
from harness.retrieval.chunk import cut


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ("de", ["Das kostet z. B. 5 Euro.", "Nr. 4 ist ca. 3 m lang.", "Sie rief: „Halt!“", "Dann ging sie …"]),
        ("de", ["Ab dem 3. Mai ist zu.", "Danach nicht."]),
        ("fr", ["Elle a dit : « Non. »", "Puis M. Roux part."]),
        ("es", ["La Sra. Gil vive en el n.º 5.", "¿Cuándo vuelve?", "Mañana."]),
        ("ru", ["Это стоит 5 руб. за штуку.", "Дом на ул. Садовой."]),
        ("zh", ["第一条。", "第二条！", "“好。”", "他走了……", "她没走；真的？"]),
        ("ja", ["彼は「はい。」と言った。", "「いいえ。」", "次へ。"]),
        ("hi", ["नाव यहाँ है।", "दूसरी वहाँ है॥", "कहाँ?"]),
        ("ar", ["أين القارب؟", "هنا."]),
        ("ur", ["کشتی یہاں ہے۔", "وہ وہاں ہے۔"]),
        ("hy", ["Նավակը այստեղ է։", "Այո։"]),
        ("my", ["လှေ ဒီမှာ ရှိတယ်။", "ဟုတ်တယ်။"]),
        ("en", ["It costs e.g.", "5 euros.", 'She said "no."', "They left… and came back."]),
    ],
)
def test_borders(code: str, sentences: list[str]) -> None:
    between = "" if code in ("zh", "ja") else " "
    assert [piece.strip() for piece in cut(between.join(sentences), border(LANGUAGES[code]))] == sentences
