"""The general files of the package."""

from __future__ import annotations

import csv
import json

from harness.generation.pocket import GENERAL_DIR, REPLAY_PATH
from recipes.pocket import export, general


def test_general_files_have_mmlus_layout_and_disjoint_replay():
    subjects = sorted(path.stem for path in (GENERAL_DIR / "test").glob("*.csv"))
    assert len(subjects) >= 8
    replay = {json.loads(line)["prompt"]["user"].split("\n")[0] for line in REPLAY_PATH.read_text().splitlines()}
    held = {f.fill(q) for f in general.facts(replay=True) for q in f.relation.questions}
    assert replay <= held
    for subject in subjects:
        for part, least in (("dev", 5), ("test", 20)):
            with (GENERAL_DIR / part / f"{subject}.csv").open(encoding="utf-8", newline="") as file:
                found = list(csv.reader(file))
            assert len(found) >= least
            for row in found:
                assert len(row) == 6
                assert row[5] in "ABCD"
                assert len(set(row[1:5])) == 4


def test_general_files_of_the_package_are_those_that_the_recipe_writes(tmp_path):
    export.write_general(tmp_path)
    names = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert len(names) == 25
    assert all((tmp_path / name).read_bytes() == (GENERAL_DIR / name).read_bytes() for name in names)
