"""The settings of a run, flat: every one is there, or in another section of the record."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from harness.record.codec import decode, to_json
from harness.record.sections import Figures
from harness.results.settings import KEPT, measured_settings
from harness.scenario.settings import RetrievalSettings, Scenario, Tuning
from tests import make

SCENARIO = Scenario(id="small", dir=Path("small"), title="A small one")


def test_every_setting_has_a_name_of_its_own() -> None:
    names = measured_settings(replace(SCENARIO, retrieval=replace(SCENARIO.retrieval, filters={"lang": ("de", "en")})))
    assert names["retrieval.filters.lang"] == ("de", "en")
    assert names["tuning.targets"] == ("q_proj", "v_proj")
    for kind, prefix in ((RetrievalSettings, "retrieval"), (Tuning, "tuning")):
        for field in fields(kind):
            assert any(name.startswith(f"{prefix}.{field.name}") for name in names) or field.name in ("hnsw", "filters")
    for field in fields(Scenario):
        assert field.name in KEPT or any(name.split(".")[0] == field.name for name in names)


def test_a_file_is_its_name_and_its_content(tmp_path: Path) -> None:
    file = tmp_path / "shots.jsonl"
    file.write_text("one")
    scenario = replace(SCENARIO, answer=replace(SCENARIO.answer, few_shot=file))
    before = measured_settings(scenario)["answer.few_shot"]
    file.write_text("two")
    assert str(before).startswith("shots.jsonl (")
    assert measured_settings(scenario)["answer.few_shot"] != before


def test_gates_and_advice_are_not_among_what_figures_depend_on() -> None:
    assert measured_settings(replace(SCENARIO, gates={"schema": 95}, advice={"answers": {}})) == measured_settings(
        SCENARIO
    )


def test_settings_come_back_from_the_record() -> None:
    figures = make.figures()
    assert decode(to_json(figures), Figures, "record.json").settings == figures.settings
