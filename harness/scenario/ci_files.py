"""The files that put a scenario into somebody's CI: `harness init --ci` copies them, and they are his from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import is_file, is_there, legible, real
from harness.files.output_path import check_output
from harness.files.paths import PACKAGE

PACKAGED = PACKAGE / "templates" / "ci"
CHECKOUT = PACKAGE.parent / "templates" / "ci"
# system -> template -> its place in the repository
FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        "github/action.yml": ".github/actions/harness/action.yml",
        "github/workflow.yml": ".github/workflows/harness.yml",
    },
    "gitlab": {"gitlab/harness.yml": ".gitlab/harness.yml"},
    "pre-commit": {"pre-commit/pre-commit-config.yaml": ".pre-commit-config.yaml"},
}
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def write_ci(system: str, scenario: Path, root: Path) -> list[str]:
    """Write the files of one system into a repository; a line each. One that is there already is kept.

    Raises:
        InputError: no such system, or the scenario lies outside the repository or under a name that shells read.
    """
    if system not in FILES:
        raise InputError(f"--ci {legible(system)}: expected one of: {', '.join(FILES)}")
    name = _name(scenario, root)
    lines = []
    for template, place in FILES[system].items():
        target = root / place
        if is_there(target):
            lines.append(f"kept as it is: {place}; take over what you need from {_source(template)}")
            continue
        check_output(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_source(template).read_text(encoding="utf-8").replace("@SCENARIO@", name), encoding="utf-8")
        lines.append(f"wrote {place}")
    return lines


def repository_of(folder: Path) -> Path:
    """The checkout that holds a folder; the working folder where there is none."""
    home = real(folder)
    return next((path for path in (home, *home.parents) if is_there(path / ".git")), Path.cwd())


def _name(scenario: Path, root: Path) -> str:
    path = real(scenario)
    if not path.is_relative_to(real(root)):
        raise InputError(
            f"{legible(scenario)}: lies outside of {root}, where CI would not find it; call this from there"
        )
    name = path.relative_to(real(root)).as_posix()
    if not _PLAIN.fullmatch(name):
        raise InputError(
            f"'{legible(name)}': CI files take letters, digits and . _ - / alone in a path; rename the folder"
        )
    return name


def _source(template: str) -> Path:
    return next(folder / template for folder in (PACKAGED, CHECKOUT) if is_file(folder / template))
