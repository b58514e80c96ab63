"""The composite action of `templates/ci`, run as GitHub would: its bash steps, with the files and variables of a job.

Expressions are put in from a table, `uses:` steps are left out, `gh` and `pip` are scripts that write down how they
were called. What the steps call is the real `harness`.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "templates" / "ci" / "github" / "action.yml"
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
GH = """\
#!{python}
import json, sys
words = sys.argv[1:]
with open("gh.jsonl", "a") as log:
    body = next((open(w[6:]).read() for w in words if w.startswith("body=@")), None)
    log.write(json.dumps({{"words": words, "body": body}}) + "\\n")
if "--jq" in words:
    print(open("comment-id.txt").read().strip())
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has ended."""

    code: int  # of the first step that failed, else 0
    step: str  # the last that ran
    output: str
    folder: Path
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # step id ->

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text(encoding="utf-8")

    @property
    def calls(self) -> list[dict[str, object]]:
        """How `gh` was called."""
        file = self.folder / "gh.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def run_action(folder: Path, comment: str = "", **inputs: str) -> Job:
    """Run the steps in `folder` until one fails.

    Args:
        comment: id of the comment that is there already, as the API would say.
        inputs: of the action, with `_` for `-`.
    """
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    values = {f"inputs.{name}": str(row.get("default", "")) for name, row in action["inputs"].items()}
    values["inputs.models"] = ""  # no weights are brought in a test
    values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
    values |= {"github.token": "token", "github.event.pull_request.number": "7"}
    (folder / "comment-id.txt").write_text(comment)
    environment = _environment(folder)
    outputs: dict[str, dict[str, str]] = {}
    said, name = "", ""
    for step in action["runs"]["steps"]:
        if "run" not in step:
            continue
        name = step["name"]
        known = {**values, **{f"steps.{i}.outputs.{k}": v for i, row in outputs.items() for k, v in row.items()}}
        own = {key: _put_in(value, known) for key, value in step.get("env", {}).items()}
        written = folder / f"output-{step.get('id', 'none')}.txt"
        written.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=folder, text=True, check=False,
            env={**environment, **own, "GITHUB_OUTPUT": str(written)}, capture_output=True,
        )  # fmt: skip
        said += done.stdout + done.stderr
        rows = (line.partition("=") for line in written.read_text().splitlines())
        outputs[step.get("id", "none")] = {key: value for key, _, value in rows}
        if done.returncode:
            return Job(done.returncode, name, said, folder, outputs)
    return Job(0, name, said, folder, outputs)


def _put_in(text: str, known: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda match: known[match[1]], text)


def _environment(folder: Path) -> dict[str, str]:
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    _script(tools / "gh", GH.format(python=sys.executable))
    _script(tools / "harness", f'#!/bin/sh\nexec {sys.executable} -m harness "$@"\n')
    pip = f'#!/bin/sh\n[ "$2" = pip ] && echo "$@" >> pip.txt && exit 0\nexec {sys.executable} "$@"\n'
    _script(tools / "python", pip)
    return {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GITHUB_REPOSITORY": "them/theirs",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "HARNESS_CACHE": str(folder / ".cache"),
        "HARNESS_REPORTS": str(folder / "reports"),
    }


def _script(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
