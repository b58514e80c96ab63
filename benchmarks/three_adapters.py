"""Three adapters of one model before a release: one tuned gently, one harshly, one trained outside this project.

    python -m benchmarks.three_adapters [--model smollm2] [--work FOLDER] [--items 160] [--safety 0]

The task is made here: messages to a bicycle shop, each to be answered with the colour of the queue that it goes to. 72
short rows train, 96 other messages, about other things, test; all three adapters learn it. The gentle one does so at a
usual rate; the harsh one at six times that on the same few rows, with nothing else mixed in, so that it forgets; the
third by torch and PEFT in `benchmarks/plain_peft.py`, which imports nothing of the package.

Then, with what a user would call: `harness compare` of the three beside the base, with its exit codes for `--fail-on`;
a copy of the gentle one beside it; and `harness parity` of the gentle one, unmerged and with its keys misprefixed.
Every figure printed is measured; the last lines say which of the expectations held.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.record.codec import write_rows

QUEUES = {  # colour -> (what it is for, things to train on, other things to test on, ways to say it)
    "red": ("repairs", ("brake", "chain", "wheel"), ("spoke", "tyre", "fork", "bell"),
            ("My {thing} is broken.", "Can you mend the {thing} of my bike?", "The {thing} squeaks.",
             "Something is wrong with the {thing}.")),
    "blue": ("rentals", ("tandem", "trailer", "city bike"), ("racing bike", "scooter", "folding bike", "tricycle"),
             ("Can I rent a {thing} for a day?", "What is the deposit on a hired {thing}?",
              "We want to borrow a {thing} this weekend.", "How long may I keep the rented {thing}?")),
    "green": ("deliveries", ("parcel", "order", "helmet"), ("package", "shipment", "basket", "lamp"),
              ("My {thing} has not arrived.", "When will the {thing} be delivered?",
               "Where is the {thing} that I ordered?", "The courier lost my {thing}.")),
    "yellow": ("invoices", ("invoice", "bill", "receipt"), ("credit note", "statement", "refund", "payment"),
               ("There is a mistake in my {thing}.", "I need a copy of the {thing}.",
                "I was charged twice: check the {thing}.", "The amount of the {thing} is wrong.")),
    "black": ("courses", ("course", "lesson", "workshop"), ("lecture", "evening class", "tutorial", "seminar"),
              ("When does the {thing} begin?", "I want to sign up for the {thing}.", "Who teaches the {thing}?",
               "Is there a place left in the {thing}?")),
    "white": ("jobs", ("job", "internship", "position"), ("traineeship", "vacancy", "summer job", "post"),
              ("I want to apply for the {thing}.", "Is the {thing} still open?",
               "Whom do I send my CV for the {thing}?", "What does the {thing} pay?")),
}  # fmt: skip
SYSTEM = "Sort messages to a bicycle shop. Answer with one colour and nothing else: {}.\n".format(
    ", ".join(f"{colour} for {what}" for colour, (what, *_) in QUEUES.items())
)
SETTINGS = """\
title: Messages to a bicycle shop
golden: golden.jsonl
models: {{generator: {model}}}
answer: {{system: system.md, max_new_tokens: 6}}
arms: [baseline]
candidate: baseline
forgetting: {{tasks: general, limit: {items}}}
safety: {{prompts: {prompts}, limit: {safety}}}
latency: {{questions: 30, repeats: 2}}
gates: {{safety: {gate}, ship_margin: 5, forgetting: 5, p95_ratio: 1.10}}
seed: 7
"""
TUNING = """\
examples: train.jsonl
tuning: {{rank: {rank}, alpha: {alpha}, dropout: 0, targets: [all-linear], epochs: {epochs}, batch: 4,
  learning_rate: {rate}, replay: {replay}, eval_share: 0}}
"""
ADAPTERS: dict[str, dict[str, Any]] = {  # trained by `harness tune`
    "gentle": {"rank": 8, "alpha": 16},
    "harsh": {"rank": 32, "alpha": 64},
}
Course = tuple[int, str, float]  # epochs, learning rate, share of general examples mixed in
COURSES: dict[str, dict[str, Course]] = {  # a smaller model takes larger steps, and forgets sooner
    "smollm2": {"gentle": (2, "1.0e-3", 0.07), "harsh": (2, "5.0e-3", 0), "outside": (1, "3.0e-3", 0)},
    "pocket": {"gentle": (4, "1.0e-3", 0.4), "harsh": (5, "3.0e-3", 0), "outside": (4, "1.0e-3", 0)},
}


def messages(split: str) -> Iterator[tuple[str, str, str]]:
    """(message, colour, what it is about) of one split; the two have no thing in common."""
    for colour, (_, trained, tested, ways) in QUEUES.items():
        for thing in trained if split == "train" else tested:
            yield from ((way.format(thing=thing), colour, thing) for way in ways)


def write_scenario(folder: Path, options: argparse.Namespace, tuning: str = "") -> Path:
    """The scenario; with `tuning`, one whose arm is to be trained."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"prompts": "general", "safety": options.safety, "gate": 2} if options.safety else {
        "prompts": "none", "safety": 1, "gate": "null"}  # fmt: skip
    settings = SETTINGS.format(model=options.model, items=options.items, **asked)
    if tuning:
        settings = settings.replace("arms: [baseline]", "arms: [baseline, tune]") + tuning
    (folder / "scenario.yaml").write_text(settings, encoding="utf-8")
    (folder / "system.md").write_text(SYSTEM, encoding="utf-8")
    rows: list[dict[str, Any]] = [
        {"id": f"t{place}", "question": text, "accept": [colour], "source": thing, "split": "test"}
        for place, (text, colour, thing) in enumerate(messages("test"))
    ]
    write_rows(folder / "golden.jsonl", rows)
    rows = [{"prompt": {"user": text}, "output": colour, "use": "closed_book"} for text, colour, _ in messages("train")]
    write_rows(folder / "train.jsonl", rows)
    return folder


def train(work: Path, options: argparse.Namespace) -> None:
    """The three adapters, into `work/adapters`, where they are not there yet."""
    for name, settings in ADAPTERS.items():
        if not (work / "adapters" / name).exists():
            epochs, rate, replay = COURSES[options.model][name]
            tuning = TUNING.format(epochs=epochs, rate=rate, replay=replay, **settings)
            folder = write_scenario(work / f"tune-{name}", options, tuning)
            rows = json.loads(told("tune", str(folder), "--workers", "1", "--json")[1])["adapters"]
            found = json.loads(told("adapters", "show", rows["tune"]["id"], "--json")[1])["folder"]
            shutil.copytree(found, work / "adapters" / name)
    outside = work / "adapters" / "outside"
    if not outside.exists():
        from harness.generation.load import locate

        write_rows(work / "chats.jsonl", ({"messages": chat(text, colour)} for text, colour, _ in messages("train")))
        plain = Path(__file__).with_name("plain_peft.py")
        epochs, rate, _ = COURSES[options.model]["outside"]
        words = [sys.executable, plain, locate(options.model), work / "chats.jsonl", outside]
        subprocess.run([*words, "--epochs", str(epochs), "--rate", rate], check=True)


def chat(text: str, colour: str) -> list[dict[str, str]]:
    """A row for other people's training, in the words in which it will be asked."""
    turns = (("system", SYSTEM), ("user", f"Question: {text}"), ("assistant", colour))
    return [{"role": role, "content": content} for role, content in turns]


def misprefixed(adapter: Path, folder: Path) -> Path:
    """A copy whose keys have the prefix of another class of model: servers load it without any effect."""
    from safetensors.torch import load_file, save_file

    if not folder.exists():
        shutil.copytree(adapter, folder)
        file = folder / "adapter_model.safetensors"
        weights = load_file(file)
        save_file({key.replace("model.layers", "model.language_model.layers"): w for key, w in weights.items()}, file)
    return folder


def told(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output of a command of the tool, run in this process, so that nothing is loaded twice."""
    from harness.cli.main import main as command

    said = io.StringIO()
    code = 0
    with contextlib.redirect_stdout(said):
        try:
            command(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, said.getvalue()


def measured(what: str, *arguments: str, lines: int | None = None) -> tuple[int, str]:
    """A command with its output, its exit code, and the time that it took."""
    start, used = time.perf_counter(), time.process_time()
    code, text = told(*arguments)
    print(f"\n$ harness {' '.join(arguments)}\n# {what}")
    print("\n".join(text.rstrip().split("\n")[:lines]))
    took = f"{time.perf_counter() - start:.0f} s, {time.process_time() - used:.0f} s of processor time"
    print(f"# exit {code}; {took}", flush=True)
    return code, text


def main() -> int:
    parser = argparse.ArgumentParser(description="Three adapters of one real model before a release.")
    parser.add_argument("--model", choices=tuple(COURSES), default="smollm2")
    parser.add_argument("--work", type=Path, help="where adapters and runs stay; default: nowhere")
    parser.add_argument("--items", type=int, default=160, help="items of general ability")
    parser.add_argument("--safety", type=int, default=0, help="unsafe prompts (190 can prove the gate); 0: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = (options.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        os.chdir(work)
        os.environ |= {"HARNESS_CACHE": str(work / "cache"), "HARNESS_REPORTS": str(work / "reports")}
        return show(work, options)


def show(work: Path, options: argparse.Namespace) -> int:
    """Everything in turn; 1 where an expectation did not hold."""
    start = time.perf_counter()
    write_scenario(work / "shop", options)
    train(work, options)
    shutil.copytree(work / "adapters/gentle", work / "adapters/copy", dirs_exist_ok=True)
    misprefixed(work / "adapters/gentle", work / "adapters/misprefixed")
    print(f"trained in {time.perf_counter() - start:.0f} s", flush=True)
    names = [f"adapters/{name}" for name in ("gentle", "harsh", "outside")]
    shop = ("--scenario", "shop")
    alone = (*shop, "--workers", "1")
    fails, _ = measured("three adapters beside their base", "compare", *names, *alone, "--html", "compare.html")
    passes, as_json = told("compare", *names, *alone, "--fail-on", "never", "--json")
    comparison = json.loads(as_json)["comparison"]
    words = {row["candidate"]: row["word"] for row in comparison["judgements"]}
    _, harsh, outside = ({row["aspect"]: row["word"] for row in one["findings"]} for one in comparison["judgements"])
    kept, _ = told("compare", "adapters/gentle", *alone, "--fail-on", "not-proven")
    copies, _ = measured("two copies of one adapter", "compare", "adapters/gentle", "adapters/copy", *alone,
                         "--against", "adapters/gentle", "--fail-on", "not-proven")  # fmt: skip
    same, _ = measured("merged beside unmerged", "parity", "adapters/gentle", "--served", "unmerged", *shop, lines=1)
    wrong, says = measured("keys misprefixed", "parity", "adapters/gentle", "--served", "adapters/misprefixed", *shop)
    expectations = {
        "harsh: task success better": harsh["task_success"] == "better",
        "harsh: general ability worse, and so worse": (harsh["forgetting"], words["harsh"]) == ("worse", "worse"),
        "gentle: better, and released": (words["gentle"], comparison["release"]) == ("better", "gentle"),
        "the one from outside: task success better, general ability judged": (
            outside["task_success"] == "better" and outside["forgetting"] != "not measured"
        ),
        "exit 1 by default, 0 for --fail-on never, 0 for the gentle one alone": (fails, passes, kept) == (1, 0, 0),
        "two copies: not worse, exit 0": copies == 0,
        "parity: merged and unmerged the same": same == 0,
        "parity: misprefixed keys exit 1 in one line": wrong == 1 and says.count("\n") == 1,
    }
    print()
    for words_, held in expectations.items():
        print(f"{'held' if held else 'NOT HELD'}: {words_}")
    return 0 if all(expectations.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
