"""Expands a hand-written fact table into a golden set, tuning examples and probes (standard library only).

Inputs in a scenario's folder, all written by hand or by a language model, never by looking at an arm's answers:

- `corpus/`      the documents;
- `facts.jsonl`  one value per line: {"id", "doc", "type", "phrase": "the notice period of the Reed plan", "plural",
                 "value", "accept", "quote": exact text of the document, "answer": one sentence, "use", "questions"};
                 `questions` are the golden questions about it, each written individually;
- `cases.jsonl`  golden cases that are not one fact: two passages, two values, tone, unanswerable;
- `absent.json`  phrases that the corpus says nothing about: {"train": [...], "probe": [...]}.

A case that asks for two values lists both as `key_points`. Where they stand in one sentence, `accept` holds the pair;
where they stand in two, no wording of the pair can be foreseen: `accept` holds either value and the key points say how
complete an answer is.

Three disjoint sets of wordings: golden questions are written one by one, training questions come from the `train`
templates of wordings.json, probes from its `probe` templates.

What counts as a paraphrase of a golden question: asking for the same value, in any interrogative form. So
- open-book examples never touch a fact whose evidence belongs to a golden case;
- closed-book examples may train that fact (else it could not be tuned in), but only through `statement` templates,
  which complete or state a sentence and ask nothing;
- and no tuning prompt of any kind shares 60 % or more of its words (Jaccard) with any golden question.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VERIFIED_BY = (
    "machine: written by a language model together with the corpus, quotes checked by tests/scenarios; "
    "no human has verified it"
)
MAX_JACCARD = 0.6
DEV_EVERY = 4  # every fourth case of a kind goes to dev

Row = dict[str, Any]
Output = Callable[[str | None], Any]  # answer sentence, or None for a refusal -> the demanded output


@dataclass(frozen=True)
class Plan:
    """What to build for one scenario. Counts are tuning examples or probes."""

    name: str
    prefix: str  # of case ids
    output: Output
    open_answered: int
    open_refused: int
    closed_answered: int
    closed_refused: int
    probes_answered: int = 0
    probes_refused: int = 0
    seed: int = 7


# --- reading -----------------------------------------------------------------------------------------------------


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def dumped(rows: Iterable[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def document_dates(corpus: Path) -> dict[str, str]:
    """Date of each document: the first `date` in its front matter, header or meta element."""
    pattern = re.compile(r"""(?im)^(?:date: |<meta name="date" content=")(\d{4}-\d{2}-\d{2})""")
    dates = {}
    for file in sorted(corpus.iterdir()):
        found = pattern.search(file.read_text(encoding="utf-8"))
        if found is None:
            raise SystemExit(f"{file.name}: no date; expected 'date: YYYY-MM-DD'")
        dates[file.name] = found.group(1)
    return dates


# --- golden cases ------------------------------------------------------------------------------------------------


def golden_cases(facts: list[Row], cases: list[Row], dates: dict[str, str], prefix: str) -> list[Row]:
    """Every case in a fixed order, each kind split 3:1 into test and dev."""
    drafts = [*_lookups(facts), *cases]
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for number, draft in enumerate(drafts, start=1):
        kind = (draft["kind"], draft["category"])
        seen[kind] = seen.get(kind, 0) + 1
        split = "dev" if seen[kind] % DEV_EVERY == 2 else "test"
        rows.append(_case(f"{prefix}-{number:03d}", draft, split, dates))
    return rows


def _lookups(facts: list[Row]) -> Iterator[Row]:
    for fact in facts:
        for question in fact["questions"]:
            evidence = [{"doc": fact["doc"], "quote": fact["quote"]}]
            yield {"question": question, "accept": fact["accept"], "key_points": [], "evidence": evidence,
                   "kind": "lookup", "category": "factual"}  # fmt: skip


def _case(case_id: str, draft: Row, split: str, dates: dict[str, str]) -> Row:
    source = draft.get("source") or draft["evidence"][0]["doc"]
    stamp = max(dates[doc] for doc in [source, *(item["doc"] for item in draft["evidence"])])
    keys = ("question", "accept", "key_points", "evidence", "kind", "category")
    tail = {"split": split, "timestamp": stamp, "source": source, "verified_by": VERIFIED_BY}
    return {"id": case_id, **{key: draft[key] for key in keys}, **tail}


# --- wordings ----------------------------------------------------------------------------------------------------


def word(template: str, phrase: str, plural: bool = False) -> str:
    bare = re.sub(r"^the ", "", phrase)
    return template.format(np=phrase, Np=phrase[0].upper() + phrase[1:], bare=bare, be="are" if plural else "is")


def tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


class Leaks:
    """Says whether a tuning prompt is too close to a golden question."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._golden = [tokens(question) for question in questions]

    def too_close(self, prompt: str) -> bool:
        mine = tokens(prompt)
        return any(jaccard(mine, golden) >= MAX_JACCARD for golden in self._golden)


def prompts_of(items: list[Row], templates: Callable[[Row], list[str]], want: int, rng: random.Random,
               leaks: Leaks | None = None) -> list[tuple[Row, str]]:  # fmt: skip
    """`want` (item, prompt) pairs: rounds over all items, never the same prompt twice, leaking prompts left out."""
    queues = []
    for item in items:
        options = list(templates(item))
        rng.shuffle(options)
        queues.append((item, [word(t, item["phrase"], item.get("plural", False)) for t in options]))
    taken: list[tuple[Row, str]] = []
    seen: set[str] = set()
    while len(taken) < want and any(options for _, options in queues):
        rng.shuffle(queues)
        for item, options in queues:
            prompt = next((p for p in _drain(options) if p not in seen and not (leaks and leaks.too_close(p))), None)
            if prompt is not None and len(taken) < want:
                seen.add(prompt)
                taken.append((item, prompt))
    if len(taken) < want:
        raise SystemExit(f"only {len(taken)} of {want} prompts can be worded; add facts or templates")
    return taken


def _drain(options: list[str]) -> Iterator[str]:
    while options:
        yield options.pop()


def questions_from(wordings: dict[str, list[str]]) -> Callable[[Row], list[str]]:
    """Templates for an item by its value type; a phrase without a type gets the general ones."""
    return lambda item: [*wordings["any"], *wordings.get(item.get("type", ""), [])]


# --- tuning examples and probes ----------------------------------------------------------------------------------


def absent_items(phrases: Iterable[str]) -> list[Row]:
    return [{"phrase": phrase if phrase.startswith("the ") else f"the {phrase}"} for phrase in phrases]


def tuning_examples(plan: Plan, facts: list[Row], absent: list[Row], leaks: Leaks, dates: dict[str, str]) -> list[Row]:
    """Open-book rows on facts that no golden case uses; closed-book rows on all facts; refusals in both."""
    wordings = json.loads((HERE / "wordings.json").read_text(encoding="utf-8"))
    ask, state = questions_from(wordings["train"]), (lambda _: wordings["statement"])
    rng = random.Random(plan.seed)
    free, golden = ([f for f in facts if (f["use"] == "golden") is used] for used in (False, True))
    share = round(plan.closed_answered * len(golden) / len(facts))
    parts = {
        "open_book": [*prompts_of(free, ask, plan.open_answered, rng, leaks),
                      *prompts_of(absent, ask, plan.open_refused, rng, leaks)],
        "closed_book": [*prompts_of(free, ask, plan.closed_answered - share, rng, leaks),
                        *prompts_of(golden, state, share, rng, leaks),
                        *_closed_refusals(plan, absent, ask, state, rng, leaks)],
    }  # fmt: skip
    rows = [_example(plan, item, prompt, use, dates) for use, pairs in parts.items() for item, prompt in pairs]
    rng.shuffle(rows)
    return rows


def _closed_refusals(plan: Plan, absent: list[Row], ask: Callable[[Row], list[str]], state: Callable[[Row], list[str]],
                     rng: random.Random, leaks: Leaks) -> list[tuple[Row, str]]:  # fmt: skip
    """Refusals in both forms, so that neither form alone gives the refusal away."""
    stated = plan.closed_refused // 3
    asked = prompts_of(absent, ask, plan.closed_refused - stated, rng, leaks)
    return [*asked, *prompts_of(absent, state, stated, rng, leaks)]


def _example(plan: Plan, item: Row, prompt: str, use: str, dates: dict[str, str]) -> Row:
    doc = item.get("doc")
    evidence = [{"doc": doc, "quote": item["quote"]}] if doc else []
    row = {"prompt": {"user": prompt}, "output": plan.output(item.get("answer")), "evidence": evidence, "use": use}
    return {**row, "timestamp": dates[doc]} if doc else row


def probe_rows(plan: Plan, facts: list[Row], absent: list[Row]) -> list[Row]:
    wordings = json.loads((HERE / "wordings.json").read_text(encoding="utf-8"))
    ask, rng = questions_from(wordings["probe"]), random.Random(plan.seed + 1)
    pairs = [*prompts_of(facts, ask, plan.probes_answered, rng), *prompts_of(absent, ask, plan.probes_refused, rng)]
    rng.shuffle(pairs)
    return [{"id": f"{plan.prefix}-p{n:04d}", "question": prompt} for n, (_, prompt) in enumerate(pairs, start=1)]


def paraphrase_rows(plan: Plan, facts: list[Row]) -> list[Row]:
    """Each golden question about one fact in other words, for the drill; wordings that no tuning prompt uses."""
    wordings = json.loads((HERE / "wordings.json").read_text(encoding="utf-8"))
    ask, rng = questions_from(wordings["paraphrase"]), random.Random(plan.seed + 2)
    asked = [fact for fact in facts for _ in fact["questions"]]  # in the order of the golden set
    worded = [word(rng.choice(ask(fact)), fact["phrase"], fact.get("plural", False)) for fact in asked]
    return [{"id": f"{plan.prefix}-{n:03d}", "question": question} for n, question in enumerate(worded, start=1)]


# --- build -------------------------------------------------------------------------------------------------------


def build(plan: Plan, out: Path) -> None:
    """Write golden_sets/<name>.jsonl and scenarios/<name>/{train,probes,paraphrases}.jsonl under `out`."""
    folder = HERE / plan.name
    facts, cases = read_rows(folder / "facts.jsonl"), read_rows(folder / "cases.jsonl")
    absent = json.loads((folder / "absent.json").read_text(encoding="utf-8"))
    dates = document_dates(folder / "corpus")
    golden = golden_cases(facts, cases, dates, plan.prefix)
    leaks = Leaks(case["question"] for case in golden)
    train = tuning_examples(plan, facts, absent_items(absent["train"]), leaks, dates)
    files = {f"golden_sets/{plan.name}.jsonl": golden, f"scenarios/{plan.name}/train.jsonl": train}
    files[f"scenarios/{plan.name}/paraphrases.jsonl"] = paraphrase_rows(plan, facts)
    if plan.probes_answered:
        files[f"scenarios/{plan.name}/probes.jsonl"] = probe_rows(plan, facts, absent_items(absent["probe"]))
    write_files(out, files)


def write_files(out: Path, files: dict[str, list[Row]]) -> None:
    for name, rows in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(dumped(rows), encoding="utf-8")
        print(f"{name}: {len(rows)} rows")


def out_folder() -> Path:
    """Where to write: `--out DIR`, else the checkout this file stands in."""
    parser = argparse.ArgumentParser(description="Build the scenario's golden set, tuning examples and probes.")
    parser.add_argument("--out", type=Path, default=HERE.parent, help="root to write under (default: the checkout)")
    out: Path = parser.parse_args().out
    return out
