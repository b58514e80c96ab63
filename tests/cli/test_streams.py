"""Output on any console, exit codes behind a closed pipe, and errors that nobody foresaw."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main as table
from harness.cli.streams import Stream, encodable
from harness.process.secrets import remember
from tests.cli import test_gate_and_diff
from tests.make.command import command
from tests.make.small import write_small
from tests.verdict import runs

ROOT = Path(__file__).resolve().parents[2]
stored = test_gate_and_diff.stored
ENCODINGS = ("cp1252", "ascii", "latin-1", "cp437", "utf-8", "shift_jis")


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("16 → 8", "cp1252", "16 -> 8"),
        ("≥ 90 %", "latin-1", ">= 90 %"),
        ("naïve café", "ascii", "naive cafe"),
        ("naïve café", "cp1252", "naïve café"),
        ("Ωmega 日本", "ascii", "\\u03a9mega \\u65e5\\u672c"),
        ("5 € · “x”", "ascii", '5 EUR - "x"'),
        ("half \ud800", "utf-8", "half \\ud800"),
        ('{"a": "→ 日 😀"}', "ascii", '{"a": "\\u2192 \\u65e5 \\ud83d\\ude00"}'),
        ("[S1] → x", "ascii", "[S1] -> x"),
    ],
)
def test_what_a_console_lacks_is_written_plainly(text: str, encoding: str, shown: str) -> None:
    assert encodable(text, encoding) == shown
    shown.encode(encoding)


def test_json_loses_nothing() -> None:
    value = {"a": "→ 日本 😀 é", "b": [" ", "\x7f"]}
    for encoding in ENCODINGS:
        text = encodable(json.dumps(value, ensure_ascii=False, indent=1), encoding)
        assert json.loads(text.encode(encoding).decode(encoding)) == value


def consoles(monkeypatch: pytest.MonkeyPatch, encoding: str) -> tuple[io.BytesIO, io.BytesIO]:
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, errors="strict"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding, errors="strict"))
    return out, err


@pytest.mark.parametrize("encoding", ["cp1252", *(pytest.param(e, marks=pytest.mark.slow) for e in ENCODINGS[1:])])
def test_every_command_speaks_every_encoding(
    encoding: str, stored: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Help of all, and the output of those that need no model, with marks in titles and answers; bad use too."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    stored(runs.scores({**runs.HITS, "rag": 113}), name="one")
    stored(runs.scores(), name="two")
    scenario = write_small(tmp_path / "scenarios" / "plänè→")
    settings = (scenario / "scenario.yaml").read_text(encoding="utf-8")
    (scenario / "scenario.yaml").write_text(settings.replace("Three plans", "Drei Pläne → 三"), encoding="utf-8")
    helps = [([name, "--help"], 0) for name in (*table.COMMANDS, *table.GROUPS)]
    calls: list[tuple[list[str], int]] = [
        *helps, (["--help"], 0), (["gate", "one"], 1), (["gate", "two"], 0), (["gate", "one", "--json"], 1),
        (["diff", "one", "two"], 0), (["diff", "one", "two", "--json"], 0), (["schema"], 0), (["schema", "golden"], 0),
        (["golden", "formats"], 0), (["examples", "formats"], 0), (["golden", "check", str(scenario)], 0),
        (["advise", "--scenario", str(scenario)], 0), (["advise", "--scenario", str(scenario), "--json"], 0),
        (["run", str(scenario), "--dry-run"], 0), (["run", str(scenario), "--dry-run", "--json"], 0),
        (["adapters", "list"], 0), (["run", "nowhere→三"], 2), (["fly→"], 2),
        (["run", str(scenario), "--arms", "→"], 2),
    ]  # fmt: skip
    for arguments, code in calls:
        out, err = consoles(monkeypatch, encoding)
        got = command(*arguments)
        sys.stdout.flush()
        sys.stderr.flush()
        shown = (out.getvalue() + err.getvalue()).decode(encoding)
        assert got == code or (arguments[:2] == ["golden", "check"] and got in (0, 2)), (arguments, shown)
        assert "Traceback" not in shown
        assert shown
        if "--json" in arguments:
            json.loads(out.getvalue().decode(encoding))


def piped(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    return subprocess.run([sys.executable, "-m", "harness", *arguments], env=env, capture_output=True, check=False)


def test_a_closed_pipe_leaves_the_exit_code_as_it_is(stored: Callable[..., str], tmp_path: Path) -> None:
    stored(runs.scores({**runs.HITS, "rag": 113}), name="one")
    reader, writer = os.pipe()
    os.close(reader)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_REPORTS": str(tmp_path / "reports")}
    call = [sys.executable, "-m", "harness", "gate", "one"]
    done = subprocess.run(call, env=env, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_as_a_process_with_another_encoding_the_verdict_is_the_exit_code(
    stored: Callable[..., str], tmp_path: Path
) -> None:
    stored(runs.scores({**runs.HITS, "rag": 113}), name="one")
    places = {"HARNESS_REPORTS": str(tmp_path / "reports")}
    for settings in ({"PYTHONIOENCODING": "cp1252"}, {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "NO_COLOR": "1"}):
        done = piped("gate", "one", **settings, **places)
        assert done.returncode == 1, done.stderr
        assert done.stderr == b""
        assert done.stdout.startswith(b"NO-GO: ")


def test_a_stream_without_a_file_or_a_reader_takes_everything() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    stream = Stream(Closed())
    assert stream.write("x") == 1
    stream.flush()


# --- errors that nobody foresaw -------------------------------------------------------------------------------------


def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException) -> int:
    def command_that_breaks() -> None:
        raise error

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    app = table.make_app
    monkeypatch.setattr(table, "make_app", lambda: app({"break": command_that_breaks, "other": command_that_breaks}))
    return command("break")


def test_an_unexpected_error_is_one_line_code_70_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remember("a-secret-key-1")
    assert broken(monkeypatch, tmp_path, ValueError("two\nlines\x1b[31m a-secret-key-1")) == 70
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert output.err.startswith("harness: unexpected ValueError: two lines [31m ***; this is a fault of harness")
    (file,) = (tmp_path / "cache" / "crashes").iterdir()
    assert str(file) in output.err
    text = file.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "command_that_breaks" in text
    assert "secret" not in text


def test_where_the_cache_cannot_be_written_the_file_is_a_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").write_text("a file, no folder")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    assert broken(monkeypatch, tmp_path, KeyError("x")) == 70
    assert list((tmp_path / "temporary").iterdir())
    assert "temporary" in capsys.readouterr().err


def test_an_interruption_is_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert broken(monkeypatch, tmp_path, KeyboardInterrupt()) == 130


def test_help_names_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"{code} " in shown.partition("Exit codes:")[2] for code in (0, 1, 2, 3, 4, 70, 130))
