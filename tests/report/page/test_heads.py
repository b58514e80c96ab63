"""The prompts' heads: the system message for every arm, worked examples for those that get them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from harness.report.page.heads import prompt_heads
from tests import make
from tests.report.runs import Reported


def test_only_arms_with_worked_examples_show_them(run: Reported, tmp_path: Path) -> None:
    file = tmp_path / "shots.jsonl"
    row = {"prompt": {"user": "What is the limit for keys?"}, "output": {"status": "ok", "answer": "5 euros."}}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    scenario = make.scenario(make.BUSY)
    heads = prompt_heads(replace(scenario, answer=replace(scenario.answer, few_shot=file)), run.record.arms)
    assert [message.role for message in heads["rag"]] == ["system"]
    assert [message.role for message in heads["rag+few-shot"]] == ["system", "user", "assistant"]
    assert heads["rag"][0].content == scenario.answer.system
    assert "5 euros." in heads["rag+few-shot"][-1].content
