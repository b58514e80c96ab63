"""The shipped scenarios keep their promises: evidence resolves, nothing leaks, formats hold, builds repeat."""

from __future__ import annotations

import hashlib
import html
import json
import re
import string
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
ALL = ("helpdesk", "wiki", "tickets")
WITH_DOCUMENTS = ("helpdesk", "wiki")
REFUSALS = {"helpdesk": "The help desk pages do not say.", "wiki": "The wiki does not say."}
Row = dict[str, Any]


@cache
def rows(path: str) -> tuple[Row, ...]:
    return tuple(json.loads(line) for line in (ROOT / path).read_text(encoding="utf-8").splitlines())


def golden(name: str) -> tuple[Row, ...]:
    return rows(f"golden_sets/{name}.jsonl")


def train(name: str, use: str | None = None) -> list[Row]:
    return [row for row in rows(f"scenarios/{name}/train.jsonl") if use is None or row["use"] in (use, "both")]


def probes(name: str) -> tuple[Row, ...]:
    return rows(f"scenarios/{name}/probes.jsonl")


def split(name: str, which: str) -> list[Row]:
    return [case for case in golden(name) if case["split"] == which]


def settings(name: str) -> dict[str, Any]:
    return yaml.safe_load((SCENARIOS / name / "scenario.yaml").read_text(encoding="utf-8"))


@cache
def documents(name: str) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted((SCENARIOS / name / "corpus").iterdir())}


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def evidence(items: list[Row] | tuple[Row, ...]) -> set[tuple[str, str]]:
    return {(item["doc"], item["quote"]) for row in items for item in row["evidence"]}


def refused(name: str, output: Any) -> bool:
    return output == REFUSALS[name] if isinstance(output, str) else output.get("status") == "refused"


# --- counts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "test", "dev"), [("helpdesk", 130, 44), ("wiki", 90, 30), ("tickets", 120, 40)])
def test_enough_cases_in_each_split(name: str, test: int, dev: int) -> None:
    assert len(split(name, "test")) >= test
    assert len(split(name, "dev")) >= dev


def test_helpdesk_covers_every_kind_and_category() -> None:
    kinds = Counter(case["kind"] for case in split("helpdesk", "test"))
    assert kinds["multi_hop"] >= 15
    assert kinds["unanswerable"] >= 20
    assert kinds["style"] >= 5
    assert {case["category"] for case in split("helpdesk", "test")} == {"factual", "tone", "completeness"}


@pytest.mark.parametrize(("name", "least"), [("helpdesk", 44), ("wiki", 24), ("tickets", 9)])
def test_enough_documents(name: str, least: int) -> None:
    assert len(documents(name)) >= least


@pytest.mark.parametrize(("name", "least"), [("helpdesk", 6), ("wiki", 4)])
def test_superseded_documents_are_older_than_what_replaces_them(name: str, least: int) -> None:
    pairs = 0
    for text in documents(name).values():
        match = re.search(r"(?im)^(?:supersedes: |<meta name=\"supersedes\" content=\")([\w.-]+)", text)
        if match:
            pairs += 1
            old = documents(name)[match.group(1)]
            assert "superseded" in old.lower()
            assert first_date(old) < first_date(text)
    assert pairs >= least


def first_date(text: str) -> str:
    match = re.search(r"\d{4}-\d{2}-\d{2}", text)
    assert match is not None
    return match.group(0)


@pytest.mark.parametrize(("name", "use", "least"), [
    ("helpdesk", "open_book", 640), ("helpdesk", "closed_book", 640),
    ("wiki", "open_book", 320), ("wiki", "closed_book", 320),
    ("tickets", "open_book", 640), ("tickets", "closed_book", 640),
])  # fmt: skip
def test_enough_tuning_examples(name: str, use: str, least: int) -> None:
    assert len(train(name, use)) >= least


@pytest.mark.parametrize(("name", "count"), [("helpdesk", 400), ("tickets", 600)])
def test_probe_count(name: str, count: int) -> None:
    assert len(probes(name)) == count


# --- golden cases ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_ids_and_questions_are_unique(name: str) -> None:
    for table in (golden(name), probes(name) if name != "wiki" else ()):
        for key in ("id", "question"):
            assert [value for value, n in Counter(row[key] for row in table).items() if n > 1] == []


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_evidence_stands_in_the_document_on_one_line(name: str) -> None:
    for row in (*golden(name), *train(name)):
        for item in row["evidence"]:
            assert "\n" not in item["quote"]
            assert html.unescape(documents(name)[item["doc"]]).count(item["quote"]) == 1, item


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_evidence_never_comes_from_a_superseded_document(name: str) -> None:
    for doc, quote in evidence((*golden(name), *train(name))):
        assert not re.search(r"(?i)status[^\n]{0,12}superseded", documents(name)[doc]), quote


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_an_accepted_answer_or_every_key_point_stands_in_the_evidence(name: str) -> None:
    for case in golden(name):
        quotes = " ".join(item["quote"] for item in case["evidence"]).lower()
        hosts = quotes + " ".join(title_of(documents(name)[item["doc"]]) for item in case["evidence"])
        if case["key_points"]:
            assert all(point.lower() in hosts for point in case["key_points"]), case["id"]
        elif case["accept"]:
            assert any(form.lower() in hosts for form in case["accept"]), case["id"]


def title_of(text: str) -> str:
    match = re.search(r"(?im)^(?:title: (.*)|<title>(.*)</title>)$", text)
    return "" if match is None else (match.group(1) or match.group(2)).lower()


@pytest.mark.parametrize("name", ALL)
def test_every_case_is_complete(name: str) -> None:
    for case in golden(name):
        unanswerable = case["kind"] == "unanswerable"
        assert (case["accept"] == []) == unanswerable, case["id"]
        assert (case["evidence"] == []) == (unanswerable or name == "tickets"), case["id"]
        assert case["source"]
        assert case["timestamp"]
        assert "no human has verified" in case["verified_by"]
        assert case["category"] != "completeness" or len(case["key_points"]) >= 2
        assert case["kind"] != "multi_hop" or len(case["evidence"]) >= 2


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_source_and_timestamp_come_from_the_documents(name: str) -> None:
    for case in golden(name):
        dates = {first_date(documents(name)[doc]) for doc in [case["source"], *(e["doc"] for e in case["evidence"])]}
        assert case["timestamp"] == max(dates), case["id"]


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_golden_questions_do_not_give_the_answer_away(name: str) -> None:
    for case in golden(name):
        forms = [form for form in case["accept"] if len(form) > 3]
        assert not any(form.lower() in case["question"].lower() for form in forms), case["id"]


# --- tuning examples ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_no_tuning_prompt_is_close_to_a_golden_question(name: str) -> None:
    questions = [words(case["question"]) for case in golden(name)]
    for row in train(name):
        mine = words(row["prompt"]["user"])
        assert all(len(mine & other) < 0.6 * len(mine | other) for other in questions), row["prompt"]["user"]


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_open_book_examples_share_no_evidence_with_golden_cases(name: str) -> None:
    used, tuned = evidence(golden(name)), evidence(train(name, "open_book"))
    assert not used & tuned
    assert not [q for d, q in tuned for doc, quote in used if d == doc and (q in quote or quote in q)]


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_closed_book_examples_cover_the_golden_facts_without_asking_for_them(name: str) -> None:
    used = evidence(golden(name))
    about = [row for row in train(name, "closed_book") if evidence([row]) & used]
    assert not [row["prompt"]["user"] for row in about if "?" in row["prompt"]["user"]]
    assert len(evidence(about) & used) >= 0.9 * len(used)


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
@pytest.mark.parametrize("use", ["open_book", "closed_book"])
def test_refusals_are_balanced(name: str, use: str) -> None:
    table = train(name, use)
    assert 0.15 <= sum(refused(name, row["output"]) for row in table) / len(table) <= 0.20
    assert all(refused(name, row["output"]) == (row["evidence"] == []) for row in table)


@pytest.mark.parametrize("name", ["helpdesk", "tickets"])
def test_outputs_follow_the_schema(name: str) -> None:
    schema = json.loads((SCENARIOS / name / "answer.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for row in (*train(name), *rows(f"scenarios/{name}/few_shot.jsonl")):
        assert not list(validator.iter_errors(row["output"])), row


def test_the_schema_of_the_help_desk_says_no_to_what_it_should() -> None:
    schema = json.loads((SCENARIOS / "helpdesk/answer.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    good = {"status": "ok", "answer": "Yes.", "citations": ["S1"]}
    assert validator.is_valid(good)
    for change in ({"status": "maybe"}, {"answer": ""}, {"answer": "x" * 401}, {"citations": ["1"]},
                   {"citations": [f"S{i}" for i in range(7)]}, {"more": 1}):  # fmt: skip
        assert not validator.is_valid({**good, **change}), change
    assert not validator.is_valid({"status": "ok", "answer": "Yes."})


@pytest.mark.parametrize("name", ALL)
def test_answers_are_one_short_sentence(name: str) -> None:
    for row in train(name):
        output = row["output"] if isinstance(row["output"], str) else row["output"].get("answer", "")
        assert len(output) <= 100
        assert ". " not in output


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_answered_examples_contain_a_value_of_their_evidence(name: str) -> None:
    facts = {(fact["doc"], fact["quote"]): fact for fact in rows(f"scenarios/{name}/facts.jsonl")}
    for row in train(name):
        for key in evidence([row]):
            text = row["output"] if isinstance(row["output"], str) else row["output"]["answer"]
            assert any(form.lower() in text.lower() for form in facts[key]["accept"]), row


def test_tickets_are_balanced_over_labels() -> None:
    labels = Counter(row["output"]["label"] for row in train("tickets"))
    assert len(labels) == 8
    assert len(set(labels.values())) == 1
    urgent = sum(row["output"]["urgency"] == "high" for row in train("tickets")) / len(train("tickets"))
    assert 0.25 <= urgent <= 0.40
    for item in json.loads((SCENARIOS / "tickets/templates.json").read_text(encoding="utf-8"))["train"].values():
        assert len(item) >= 25


# --- probes ------------------------------------------------------------------------------------------------------


def fixed_text(template: str) -> str:
    """A template's own words, its slots taken out."""
    return " ".join(re.findall(r"[a-z]+", "".join(t for t, *_ in string.Formatter().parse(template)).lower()))


def test_probe_wordings_are_disjoint_from_training_wordings() -> None:
    wordings = json.loads((SCENARIOS / "wordings.json").read_text(encoding="utf-8"))
    tuned = {fixed_text(t) for part in wordings["train"].values() for t in part}
    tuned |= {fixed_text(t) for t in wordings["statement"]}
    asked = {fixed_text(t) for part in wordings["probe"].values() for t in part}
    assert not tuned & asked
    for name, part in wordings["train"].items():
        assert len(part) + (len(wordings["train"]["any"]) if name != "any" else 0) >= 12, name
    tickets = json.loads((SCENARIOS / "tickets/templates.json").read_text(encoding="utf-8"))
    assert not {fixed_text(t) for part in tickets["train"].values() for t in part} & {
        fixed_text(t) for part in tickets["probe"].values() for t in part
    }


@pytest.mark.parametrize("name", ["helpdesk", "tickets"])
def test_no_probe_is_a_training_prompt_or_a_golden_question(name: str) -> None:
    known = {words(row["prompt"]["user"]) for row in train(name)} | {words(case["question"]) for case in golden(name)}
    assert not [probe["question"] for probe in probes(name) if words(probe["question"]) in known]


# --- scenario files and builds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expected"), [("helpdesk", "both"), ("wiki", "rag"), ("tickets", "fine_tune")])
def test_scenario_names_files_that_exist(name: str, expected: str) -> None:
    scenario = settings(name)
    assert scenario["title"]
    assert scenario["advice"]["expect"] == expected
    assert sorted(scenario["advice"]["answers"]) == list(range(1, 10))
    named = [scenario[key] for key in ("corpus", "golden", "examples", "probes") if key in scenario]
    named += [scenario["answer"][key] for key in ("schema", "system", "few_shot") if key in scenario["answer"]]
    assert all((SCENARIOS / name / file).exists() for file in named)


@pytest.mark.parametrize("name", ALL)
def test_the_system_message_is_short_and_names_every_key(name: str) -> None:
    text = (SCENARIOS / name / "system.md").read_text(encoding="utf-8")
    assert len(text.split()) <= 90
    if name in REFUSALS:
        assert REFUSALS[name] in text
        assert settings(name)["answer"]["refusal"] == REFUSALS[name]
    if "schema" in settings(name)["answer"]:
        schema = json.loads((SCENARIOS / name / "answer.schema.json").read_text(encoding="utf-8"))
        assert all(f'"{key}"' in text for key in schema["required"])


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_few_shot_examples_talk_about_other_things(name: str) -> None:
    corpus = " ".join(documents(name).values()).lower()
    for row in rows(f"scenarios/{name}/few_shot.jsonl"):
        assert sum(len(passage["text"].split()) for passage in row["prompt"]["context"]) <= 60
        titles = [passage["title"].lower() for passage in row["prompt"]["context"]]
        assert not [title for title in titles if title in corpus]


@pytest.mark.parametrize("name", ALL)
def test_building_again_gives_the_committed_bytes(name: str, tmp_path: Path) -> None:
    script = str(SCENARIOS / name / "build.py")
    subprocess.run([sys.executable, script, "--out", str(tmp_path)], check=True, capture_output=True)
    built = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*.jsonl"))
    assert len(built) == {"helpdesk": 4, "wiki": 3, "tickets": 3}[name]
    for file in built:
        assert digest(tmp_path / file) == digest(ROOT / file), f"run python scenarios/{name}/build.py"


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_paraphrases_ask_golden_questions_in_words_that_nothing_was_trained_on(name: str) -> None:
    asked = {case["id"]: case["question"] for case in golden(name)}
    trained = {row["prompt"]["user"] for row in train(name)}
    found = rows(f"scenarios/{name}/paraphrases.jsonl")
    assert len(found) >= 90
    assert {row["id"] for row in found} <= asked.keys()
    assert all(words(row["question"]) != words(asked[row["id"]]) for row in found)
    assert not trained & {row["question"] for row in found}
    assert settings(name)["drills"]["paraphrases"] == "paraphrases.jsonl"


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_facts_of_one_corpus_do_not_contradict_each_other() -> None:
    for name in WITH_DOCUMENTS:
        table = sorted((fact["phrase"], fact["value"]) for fact in rows(f"scenarios/{name}/facts.jsonl"))
        assert not [(a, b) for a, b in pairwise(table) if a[0] == b[0]]
