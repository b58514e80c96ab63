"""A rival arm that ignores the house style is caught: a real run of two systems on tone cases, by the tone gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.runs.start import make_ready, perform
from tests.make.faq import write_cases, write_faq

ARMS = """\
from harness.arms import Arm

ARMS = [
    Arm("house", "As the house writes", answers=lambda asked: ["The plan costs 5 euros."] * len(asked)),
    Arm("rival", "As it likes", answers=lambda asked: ["Sorry! We charge you 5 euros."] * len(asked)),
]
"""
STYLE = "forbidden: [sorry]\navoid_person: [first]\nmost_sentences: 1\n"


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))


@pytest.mark.parametrize(("arm", "status", "success"), [("house", "pass", 1.0), ("rival", "fail", 0.0)])
def test_the_tone_gate_tells_the_house_from_a_rival(tmp_path: Path, arm: str, status: str, success: float) -> None:
    folder = write_faq(tmp_path / "s", ("arms.py",), "style: style.yaml\ngates: {tone: 90, completeness: 80}")
    (folder / "arms.py").write_text(ARMS)
    (folder / "style.yaml").write_text(STYLE)
    settings = folder / "scenario.yaml"
    text = settings.read_text().replace("arms: [faq]", "arms: [house, rival]")
    settings.write_text(text.replace("candidate: faq", f"candidate: {arm}"))
    cases = [
        {"id": f"t{i}", "question": f"What does plan P{i}?", "accept": ["never read"], "key_points": ["5 euros"],
         "kind": "style", "category": "tone", "source": f"p{i}.md"}
        for i in range(40)
    ]  # fmt: skip
    write_cases(folder, cases)
    run = perform(make_ready(str(folder), allow_code=True), lambda *_: None, workers=1)
    gates = {gate.name: gate for gate in run.record.verdict.gates}
    assert gates["tone"].status == status
    assert gates["completeness"].status == "pass"  # both say the price
    estimate = run.record.estimate(arm, "task_success")
    assert estimate is not None
    assert estimate.mean == success
    assert run.record.estimate(arm, "correct") is None
