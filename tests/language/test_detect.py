"""The language of a text: named where it is sure, None where nothing tells, and English never lost to a borrowed word."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.language.detect import language_of, main_language, script_shares
from harness.language.table import LANGUAGES, OF_SCRIPT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Leiter steht hinter der Scheune und ist nicht abgeschlossen.", "de"),
        ("L'échelle est derrière la grange et elle n'est pas fermée.", "fr"),
        ("La escalera está detrás del granero y no tiene llave.", "es"),
        ("La scala è dietro il fienile e non è chiusa.", "it"),
        ("A escada está atrás do celeiro e não tem chave.", "pt"),
        ("De ladder staat achter de schuur en is niet op slot.", "nl"),
        ("Stegen står bakom ladan och är inte låst.", "sv"),
        ("Drabina stoi za stodołą i nie jest zamknięta.", "pl"),
        ("Merdiven ahırın arkasında ve kilitli değil.", "tr"),
        ("Tikkaat ovat ladon takana, eikä niitä ole lukittu, kun on yö.", "fi"),
        ("Лестница стоит за сараем и не заперта.", "ru"),
        ("Драбина стоїть за сараєм і не замкнена.", "uk"),
        ("梯子在谷仓后面，没有上锁。", "zh"),
        ("はしごは納屋の裏にあります。", "ja"),
        ("사다리는 헛간 뒤에 있습니다.", "ko"),
        ("السلم خلف الحظيرة وهو غير مقفل.", "ar"),
        ("نردبان پشت انبار است و قفل نیست.", "fa"),
        ("הסולם נמצא מאחורי האסם והוא לא נעול.", "he"),
        ("सीढ़ी खलिहान के पीछे है।", "hi"),
        ("บันไดอยู่หลังโรงนา", "th"),
        ("The ladder is behind the barn.", "en"),
        ("The film Die Hard and the song La Vie en rose are on the list.", "en"),
        ("请运行 pip install --upgrade harness 然后重新启动服务器。", "zh"),
    ],
)
def test_named(text: str, code: str) -> None:
    language = language_of(text)
    assert language is not None
    assert language.code == code


@pytest.mark.parametrize("text", ["", "14", "ERR-4021", "Ada Keller", "Refund policy", "!!!", "El Dorado", "\ud800"])
def test_nothing_tells(text: str) -> None:
    assert language_of(text) is None


def test_a_corpus_is_of_the_language_of_most_of_its_letters() -> None:
    german = "Die Leiter steht hinter der Scheune und ist nicht abgeschlossen."
    assert main_language([german, german, "The barn is behind the house."]).code == "de"
    assert main_language(["ERR-4021", ""]).code == "en"


def test_script_shares_count_letters_alone() -> None:
    assert script_shares("ab 12 ж!") == {"LATIN": 2 / 3, "CYRILLIC": 1 / 3}


def test_every_row_is_whole() -> None:
    from Stemmer import algorithms  # type: ignore[import-not-found,import-untyped,unused-ignore]

    for code, row in LANGUAGES.items():
        assert row.code == code
        assert row.stemmer is None or row.stemmer in algorithms()
        assert row.script == "LATIN" or OF_SCRIPT[row.script].script == row.script
        if row.claims is not None:
            assert row.claims.denials or row.claims.inside, f"{row.name} has rules for claims and no denials"


@pytest.mark.parametrize("name", ["helpdesk", "wiki", "tickets"])
def test_the_shipped_pages_are_english(name: str) -> None:
    from harness.documents.corpus import load_documents

    folder = Path(__file__).resolve().parent.parent.parent / "scenarios" / name / "corpus"
    for document in load_documents(folder).documents:
        language = language_of(document.text)
        assert language is None or language.code == "en", document.id
