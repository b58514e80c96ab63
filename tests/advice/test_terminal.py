"""The command itself: through a real pseudo-terminal, through a pipe, and from files."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "harness", "advise"]
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "TERM": "xterm-256color"}


def _at_a_keyboard(tty: int) -> None:
    """A session of its own, so that Ctrl-C reaches it; a test run in the background passes SIGINT on as ignored."""
    os.login_tty(tty)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command in a pseudo-terminal: type lines, read what it shows."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        ours, theirs = pty.openpty()
        self._fd, self.text = ours, ""
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env=_environment(),
            preexec_fn=lambda: _at_a_keyboard(theirs),
        )
        os.close(theirs)

    def expect(self, pattern: str, seconds: float = 60) -> None:
        """Read until `pattern` shows; what was read before it is dropped."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text)):
            self._read(end, pattern)
        self.text = self.text[match.end() :]

    def type(self, line: str) -> None:
        os.write(self._fd, f"{line}\n".encode())

    def press(self, key: bytes) -> None:
        os.write(self._fd, key)

    def end(self) -> int:
        """The exit code; the rest of the output is in `text`."""
        end = time.monotonic() + 60
        while self._process.poll() is None or select.select([self._fd], [], [], 0.1)[0]:
            try:
                self._read(end, "the end")
            except OSError:  # Linux: reading a terminal whose other side is closed
                break
        os.close(self._fd)
        return self._process.wait(timeout=30)

    def _read(self, end: float, wanted: str) -> None:
        if time.monotonic() > end:
            raise AssertionError(f"never saw {wanted!r}; last: {self.text[-600:]}")
        if select.select([self._fd], [], [], 0.2)[0]:
            self.text += ANSI.sub("", os.read(self._fd, 65536).decode("utf-8", "replace")).replace("\r", "")


def test_answers_back_unsure_help_and_facts(tmp_path: Path) -> None:
    terminal = Terminal(["--save", "mine.yaml"], tmp_path)
    terminal.expect(r"1 of 9\.")
    terminal.type("?")
    terminal.expect(r"arrows here: yes → RAG")
    terminal.type("maybe")
    terminal.expect(r"'maybe'; expected yes, no or unsure")
    terminal.type("y")
    terminal.expect(r"So far: RAG")
    terminal.expect(r"2 of 9\.")
    terminal.type("n")
    terminal.expect(r"3 of 9\.")
    terminal.type("b")
    terminal.expect(r"2 of 9\. .*\(now: no; Enter\s+keeps it\)")
    terminal.type("u")
    terminal.expect(r"3 of 9\.")
    for number, answer in enumerate("yyyynyn", start=3):
        terminal.type(answer)
        terminal.expect(rf"{number + 1} of 9\." if number < 9 else r"Fact 1 of 9")
    terminal.type("640")
    for number in range(2, 10):
        terminal.expect(rf"Fact {number} of 9")
        terminal.type("")
    assert terminal.end() == 0
    assert "RAG and fine-tuning" in terminal.text
    saved = (tmp_path / "mine.yaml").read_text()
    assert "answers: {1: yes, 2: unsure, 3: yes, 4: yes, 5: yes, 6: yes, 7: no, 8: yes, 9: no}" in saved
    assert "labelled_examples: 640" in saved


def test_quit_keeps_and_resume_goes_on(tmp_path: Path) -> None:
    first = Terminal([], tmp_path)
    for number, answer in enumerate("ynu", start=1):
        first.expect(rf"{number} of 9\.")
        first.type(answer)
    first.expect(r"4 of 9\.")
    first.type("q")
    assert first.end() == 0
    assert "3 of 9 answers are kept in .harness-advise.yaml. Go on with: harness advise" in first.text
    second = Terminal([], tmp_path)
    second.expect(r"Going on with 3 answers")
    second.expect(r"4 of 9\.")
    second.press(b"\x04")  # Ctrl-D ends the input
    assert second.end() == 0


def test_interrupt_keeps_what_was_said(tmp_path: Path) -> None:
    terminal = Terminal([], tmp_path)
    terminal.expect(r"1 of 9\.")
    terminal.type("y")
    terminal.expect(r"2 of 9\.")
    terminal.expect(r"> $")
    terminal.press(b"\x03")
    assert terminal.end() == 130
    assert "1 of 9 answers are kept in .harness-advise.yaml. Go on with: harness advise" in terminal.text
    assert "1: yes" in (tmp_path / ".harness-advise.yaml").read_text()


def run(*arguments: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, text=True, cwd=folder, env=_environment(), timeout=120
    )


def test_pipe_without_answers_is_refused_with_the_way_out(tmp_path: Path) -> None:
    done = run(folder=tmp_path, stdin="y\n" * 9)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for part in ("not a terminal", "--answers FILE", "--scenario ID"):
        assert part in done.stderr


def test_scenario_as_json_page_and_starter(tmp_path: Path) -> None:
    arguments = ["--json", "--html", "page.html", "--save", "kept.yaml", "--init", "mine"]
    done = run("--scenario", str(ROOT / "scenarios" / "stripe-support"), *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    advice = json.loads(done.stdout)
    assert (advice["recommendation"], advice["wanted"], advice["first_step"]) == ("both", "both", "rag")
    assert {"reason", "walk", "tiers", "signals", "conflicts", "stability", "flips"} <= set(advice)
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    again = run("--answers", "kept.yaml", "--json", folder=tmp_path)
    assert json.loads(again.stdout)["answers"] == advice["answers"]
    starter = run("--scenario", "mine", "--json", folder=tmp_path)
    assert json.loads(starter.stdout)["recommendation"] == "both"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--answers", "none.yaml"], "none.yaml: no such file"),
        (["--scenario", "nowhere"], "nowhere: no scenario.yaml there"),
        (["--answers", "good.yaml", "--scenario", "x"], "both --answers and --scenario"),
        (["--answers", "empty.yaml"], "empty.yaml: found nothing"),
        (["--answers", "good.yaml", "--html", "no/such/page.html"], "no/such/page.html: found no folder"),
        (["--answers", "good.yaml", "--html", "."], ".: is a folder"),
        (["--answers", "good.yaml", "--init", "good.yaml"], "good.yaml/scenario.yaml: cannot be written"),
    ],
)
def test_bad_use_is_one_message_and_exit_2(tmp_path: Path, arguments: list[str], part: str) -> None:
    (tmp_path / "good.yaml").write_text("answers: {1: yes}\n")
    (tmp_path / "empty.yaml").write_text("")
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_output_fits_eighty_columns(tmp_path: Path) -> None:
    done = run("--scenario", str(ROOT / "scenarios" / "own-drug-information"), folder=tmp_path)
    assert done.returncode == 0
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80
    assert "RAG first" in done.stdout


NINE = "answers: {1: yes, 2: no, 3: yes, 4: yes, 5: yes, 6: yes, 7: no, 8: yes, 9: no}\n"


def test_answers_that_were_given_are_not_asked_again(tmp_path: Path) -> None:
    (tmp_path / ".harness-advise.yaml").write_text(NINE)
    done = run("--init", "mine", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the nine answers are those in .harness-advise.yaml; change one with: harness advise --again" in done.stderr
    assert "1: yes" in (tmp_path / "mine" / "scenario.yaml").read_text()
    assert run("--init", "other", "--again", folder=tmp_path).returncode == 2, "asked at a terminal alone"


def test_the_answer_is_last_and_short_and_long_has_what_it_rests_on(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NINE)
    short = run("--answers", "a.yaml", folder=tmp_path).stdout.splitlines()
    long = run("--answers", "a.yaml", "--long", folder=tmp_path).stdout.splitlines()
    assert len(short) <= 40 < len(long)
    for lines in (short, long):
        (headline,) = [at for at, line in enumerate(lines) if line.startswith("◈ ")]
        assert headline > 0.6 * len(lines), "what it rests on stands above"
    for title in ("Six signals", "The guide's tiers", "Sources, and what they rest on"):
        assert title in long
        assert title not in short
    assert "--long" in short[-1]
