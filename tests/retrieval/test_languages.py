"""BM25 in other languages: ten invented pages each, and the forms in which one word is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.language.table import LANGUAGES
from harness.retrieval.analyse import corpus_language, normalise, terms
from harness.retrieval.chunk import chunk
from harness.retrieval.sparse import SparseIndex
from harness.scenario.settings import RetrievalSettings
from harness.types import Document

DATA = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "language_data"
# 'Kunststoffdruck' shares no word with 'Drucker für Kunststoffe': compounds are not taken apart
LEAST = {"de": 9}


@pytest.mark.parametrize("file", sorted(DATA.glob("*.json")), ids=lambda file: file.stem)
def test_the_page_of_each_question_is_first(file: Path) -> None:
    pages = json.loads(file.read_text(encoding="utf-8"))["pages"]
    texts = [f"{title}\n{text}" for title, text, _ in pages]
    language = corpus_language(texts)
    assert language.code == file.stem
    index = SparseIndex.build(texts, language)
    first = [index.search(normalise(question), 1)[0].tolist() == [row] for row, (_, _, question) in enumerate(pages)]
    assert sum(first) >= LEAST.get(file.stem, 10)


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("zh", "窑炉", "窑炉"),
        ("ja", "ｶﾒﾗ", "カメラ"),
        ("ar", "المكتبة", "مكتبة"),
        ("ar", "مُثَقَّف", "مثقف"),
        ("ar", "ﻣﻜﺘﺒﺔ", "مكتبة"),
        ("he", "סֵפֶר", "ספר"),
        ("hi", "मशीनें", "मशीन"),
        ("hi", "क्\u200dया दिन", "क्या दिन"),
        ("tr", "ISPARTA IŞIK", "ısparta ışık"),
        ("tr", "İzmir", "izmir"),
        ("tr", "ışık", "isik"),
        ("de", "Größe", "GRÖSSE"),
        ("de", "Häuser", "Haus"),
        ("fr", "l'échelle", "ÉCHELLE"),
        ("es", "canción", "cancion"),
        ("ru", "ёлка", "елка"),
        ("ru", "лестницы", "лестница"),
        ("el", "ΟΔΟΣ", "οδός"),
        ("th", "บันได ๓", "บันได 3"),
        ("ko", "사다리", "사다리"),
    ],
)
def test_forms_of_one_word_are_one_term(code: str, one: str, other: str) -> None:
    found = terms(one, LANGUAGES[code])
    assert found
    assert found == terms(other, LANGUAGES[code])


def test_vowel_signs_stay_with_their_letters() -> None:
    assert terms("दिन", LANGUAGES["hi"]) != terms("दान", LANGUAGES["hi"])


def test_a_word_between_chinese_signs_is_found() -> None:
    assert "err-4021" in terms("错误ERR-4021表示没有用户", LANGUAGES["zh"])


@pytest.mark.parametrize("code", ["zh", "de", "ar", "hi"])
def test_english_words_and_identifiers_are_cut_as_everywhere(code: str) -> None:
    text = "getUserById ERR-4021"
    assert terms(text, LANGUAGES[code]) == terms(text)


@pytest.mark.parametrize(
    ("sentence", "between"),
    [
        ("第{}号梯子放在谷仓后面，每周检查一次。", ""),
        ("はしご{}号は納屋の裏にあり、毎週点検します。", ""),
        ("सीढ़ी {} खलिहान के पीछे है और हर हफ़्ते जाँची जाती है।", " "),
        ("Leiter Nr. {} kostet z. B. ca. 5 Kronen und steht hinter der Scheune.", " "),
        ("السلم رقم {} خلف الحظيرة، ويُفحص كل أسبوع؟", " "),
        ("สถานที่{}อยู่หลังโรงนา", " "),
    ],
)
def test_no_sentence_is_cut_in_two(sentence: str, between: str) -> None:
    sentences = [sentence.format(number) for number in range(100, 160)]

    def signs(text: str) -> int:
        return len(text) // 2

    passages = chunk(Document("a.md", "A", between.join(sentences)), RetrievalSettings(), signs)
    assert len(passages) > 5
    assert all(any(s in passage.text for passage in passages) for s in sentences)


def test_a_tokenizer_that_does_not_know_the_script_does_not_make_one_passage_of_a_page() -> None:
    passages = chunk(Document("a.md", "A", "สถานที่อยู่หลังโรงนา" * 400), RetrievalSettings(), lambda text: 1)
    assert max(len(p.text) for p in passages) <= 5 * RetrievalSettings().chunk_tokens
    assert not any(p.text[0] in "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39" for p in passages)
