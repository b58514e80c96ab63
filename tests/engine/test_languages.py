"""What models do not know is said, once a model, and nothing is said of what they know or cannot be asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.documents.corpus import Corpus
from harness.engine.languages import lost_letters, unknown_languages
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.types import Case, Document
from tests.make.small import write_small

DATA = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "language_data"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    small = load_scenario(write_small(tmp_path_factory.mktemp("languages") / "small"))
    return replace(small, models=replace(small.models, generator="pocket", embedder="minilm"))


def _of(language: str) -> tuple[Corpus, list[Case]]:
    pages = json.loads((DATA / f"{language}.json").read_text(encoding="utf-8"))["pages"]
    documents = tuple(Document(f"p{i}.md", title, text) for i, (title, text, _) in enumerate(pages))
    return Corpus(documents), [Case(f"c{i}", question, ("x",)) for i, (_, _, question) in enumerate(pages)]


@pytest.mark.parametrize(("code", "name"), [("zh", "Chinese"), ("de", "German"), ("ar", "Arabic"), ("hi", "Hindi")])
def test_english_models_on_pages_of_another_language(scenario: Scenario, code: str, name: str) -> None:
    embedder, generator = unknown_languages(scenario, *_of(code))
    assert embedder.startswith(f"the embedder minilm knows English; 10 of 10 pages are {name}: the search will rest")
    assert generator.startswith(f"the generator pocket knows English; 10 of 10 pages are {name}: its answers")


def test_words_alone_need_no_embedder(scenario: Scenario) -> None:
    sparse = replace(scenario, retrieval=replace(scenario.retrieval, fusion="sparse"))
    assert [line for line in unknown_languages(sparse, *_of("zh")) if "embedder" in line] == []


def test_english_is_silent(scenario: Scenario) -> None:
    page = Document("a.md", "Ladders", "The ladder is behind the barn; the café’s naïve owner, Ada Peña, has the key.")
    assert unknown_languages(scenario, Corpus((page,)), [Case("c", "Where is the ladder?", ("behind the barn",))]) == ()
    assert unknown_languages(scenario, Corpus(()), []) == ()


def test_questions_in_another_language_than_the_pages(scenario: Scenario) -> None:
    _, cases = _of("de")
    page = Document("a.md", "Ladders", "The ladder is behind the barn, and the key is in the house.")
    said = unknown_languages(scenario, Corpus((page,)), cases)
    assert "the questions are German, the pages English: words alone find nothing" in said


def test_a_model_without_a_card_is_judged_by_its_tokenizer(scenario: Scenario) -> None:
    own = replace(scenario, models=replace(scenario.models, generator=str(scenario.dir / "model")))
    lines = unknown_languages(own, *_of("zh"))
    file = scenario.dir / "model" / "tokenizer.json"
    lost = lost_letters(file, [d.text for d in _of("zh")[0].documents])
    assert any("tokenizer of the generator" in line for line in lines) == (lost > 0.05)


def test_a_hub_name_that_is_not_here_says_nothing(scenario: Scenario) -> None:
    away = replace(scenario, models=replace(scenario.models, generator="nobody/nothing", embedder="nobody/nothing"))
    assert unknown_languages(away, *_of("zh")) == ()
