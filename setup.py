"""Puts what `harness init` copies into the wheel: starters, CI templates. Everything else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
STARTERS = ("helpdesk", "wiki", "tickets")
# The model of the test suite stays in the source tree; its general questions and replay facts travel.
FOR_TESTS = (
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
)


class BuildWithStarters(build_py):
    """The scenarios of the checkout, each with its golden set beside it, become package data."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # a checkout reads scenarios/ and golden_sets/ where they are
        for name in FOR_TESTS:
            (Path(self.build_lib) / "harness" / "generation" / "pocket" / name).unlink(missing_ok=True)
        for name in STARTERS:
            target = Path(self.build_lib) / "harness" / "starters" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / "scenarios" / name, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            shutil.copy(ROOT / "golden_sets" / f"{name}.jsonl", target / "golden.jsonl")
        target = Path(self.build_lib) / "harness" / "templates" / "ci"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT / "templates" / "ci", target)


setup(cmdclass={"build_py": BuildWithStarters})
