"""The built wheel, alone in a clean environment outside the checkout: init, advise, run, report.

    python -m benchmarks.wheel [--install] [--arms baseline,rag] [--limit 2]

Builds the wheel from what git tracks, checks what travels in it, puts it into a new virtual environment, brings the
model where it is not there yet and runs the four commands there, in an empty folder. With `--install` its dependencies
are installed (minutes, a package index); without, the environment borrows this one's packages and only the project
itself comes from the wheel. The output says which. Exit 1 when a command fails or the code did not come from the wheel.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What must travel: the pytest plugin, the reading adapter, the general set, the starters' pages, templates.
NEEDED = (
    "pytest_harness.py",
    "harness/generation/pocket/general/replay.jsonl",
    "harness/generation/readers/smollm2/adapter_model.safetensors",
    "harness/generation/readers/smollm2/adapter_config.json",
    "harness/templates/ci/github/action.yml",
    "harness/templates/ci/gitlab/harness.yml",
    "harness/templates/ci/pre-commit/pre-commit-config.yaml",
    "harness/starters/helpdesk/scenario.yaml",
    "harness/starters/helpdesk/golden.jsonl",
    "harness/starters/wiki/scenario.yaml",
    "harness/starters/tickets/golden.jsonl",
)
# What stays in the source tree: the model of the test suite.
AT_HOME = re.compile(r"harness/generation/pocket/(model\.safetensors|tokenizer.*\.json|.*config\.json|.*\.jinja)")


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(Path(scratch))
        missing, strangers = missing_from(wheel), strangers_in(wheel)
        size = f"{wheel.stat().st_size / 1e6:.1f} MB"
        travels = f"missing: {', '.join(missing) or 'nothing'}; too much: {', '.join(strangers) or 'nothing'}"
        print(f"{wheel.name}: {size}, {travels}", flush=True)
        bin_folder = environment(Path(scratch) / "environment", wheel, options.install)
        packages = "installed from the index" if options.install else "borrowed from this environment"
        print(f"clean environment: the project from the wheel, its dependencies {packages}", flush=True)
        home = Path(scratch) / "home"
        home.mkdir()
        where = _call([str(bin_folder / "python"), "-c", "import harness; print(harness.__file__)"], home)
        if not Path(where.stdout.strip()).is_relative_to(Path(scratch)):
            print(f"the code did not come from the wheel: {where.stdout}{where.stderr}")
            return 1
        part = ["--arms", options.arms, "--limit", str(options.limit)]
        commands = (["models", "get", "smollm2"], ["init", "mine"], ["advise", "--scenario", "mine", "--json"],
                    ["run", "mine", *part], ["report", "latest"])  # fmt: skip
        failed = [words[0] for words in commands if not _shown(bin_folder / "harness", words, home)]
        pages = list(home.glob("reports/*/report.html"))
        print(f"reports written: {len(pages)}, {sum(p.stat().st_size for p in pages) / 1e3:.0f} kB")
        return 1 if failed or missing or strangers or not pages else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="install the dependencies instead of borrowing them")
    parser.add_argument("--arms", default="baseline,rag")
    parser.add_argument("--limit", type=int, default=2)
    return parser.parse_args()


def build_wheel(scratch: Path) -> Path:
    """Build from what git tracks, so that nothing left over in the checkout can travel; returns the wheel."""
    source = scratch / "source"
    archive = scratch / "source.tar"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    with tarfile.open(archive, "w") as tar:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                tar.add(ROOT / name, name)
    with tarfile.open(archive) as tar:
        tar.extractall(source, filter="data")
    # The environment's own setuptools: an isolated build would ask a package index for it.
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(scratch / "dist"), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (scratch / "dist").glob("*.whl")
    return wheel


def missing_from(wheel: Path) -> list[str]:
    """What must travel and does not: NEEDED, and every file of the package and of the starters' corpora."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    package = [name for name in tracked if name.startswith("harness/") and not AT_HOME.fullmatch(name)]
    starters = [f"scenarios/{Path(name).parent.name}/" for name in NEEDED if name.startswith("harness/starters/")]
    pages = [f"harness/starters/{n.removeprefix('scenarios/')}" for n in tracked if n.startswith(tuple(starters))]
    return [name for name in (*NEEDED, *package, *pages) if name not in names]


def strangers_in(wheel: Path) -> list[str]:
    """What travels and is no part of the package: recipes, tests, benchmarks, the model of the test suite."""
    return [
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if AT_HOME.fullmatch(name)
        or (not name.startswith("harness/") and name != "pytest_harness.py" and ".dist-info/" not in name)
    ]


def environment(folder: Path, wheel: Path, install: bool) -> Path:
    """A new virtual environment with the wheel in it; returns its bin folder."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if install:
        subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True)
        return folder / "bin"
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    # A path file adds this environment's packages behind the wheel's; path files among those are not followed, so an
    # editable install of the checkout stays out.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def _call(words: Sequence[str], home: Path) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "HARNESS_CACHE", "HARNESS_REPORTS")}
    return subprocess.run(words, cwd=home, env=kept, capture_output=True, text=True, check=False)


def _shown(program: Path, words: Sequence[str], home: Path) -> bool:
    start = time.perf_counter()
    done = _call([str(program), *words], home)
    print(f"harness {' '.join(words)}: exit {done.returncode} in {time.perf_counter() - start:.0f} s", flush=True)
    if done.returncode:
        print(done.stderr[-1500:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
