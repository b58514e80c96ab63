"""Examples of every command: two lines each that somebody could type, and the sections of `harness --help`.

A command without a row here fails tests/cli/test_help.py.
"""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Begin": ("init", "doctor", "advise", "models"),
    "Measure": ("run", "retrieval", "compare", "parity", "forgetting"),
    "Read and decide": ("report", "gate", "diff", "ask", "export"),
    "Questions and people": ("golden", "judge"),
    "Parts of a run": ("index", "tune", "refresh", "adapters", "examples", "score", "bless", "schema"),
}
REST = "Others"  # commands of no section, such as those of somebody's own

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "init": (
        "harness init mine --docs handbook/ --questions faq.csv",
        "harness init mine --docs pages --questions q.xlsx --base-url http://HOST/v1",
    ),
    "doctor": ("harness doctor", "harness doctor mine --json"),
    "advise": ("harness advise", "harness advise --answers answers.yaml --long"),
    "run": ("harness run mine --dry-run", "harness run mine --arms baseline,rag --limit 20"),
    "index": ("harness index mine --status", "harness index mine --strict"),
    "retrieval": ("harness retrieval mine --k 1,3,5", "harness retrieval mine --compare --html retrieval.html"),
    "tune": ("harness tune mine", "harness tune mine --arm hybrid --curve 50,100,250"),
    "refresh": ("harness refresh mine --dry-run", "harness refresh mine --arm hybrid"),
    "ask": ('harness ask mine "What is the fee?"', 'harness ask mine "What is the fee?" --arm baseline'),
    "score": ("harness score latest", "harness score reports/mine-1a2b3c4d --json"),
    "gate": ("harness gate latest", "harness gate latest --against blessed"),
    "diff": ("harness diff mine-1a2b3c4d latest", "harness diff mine-1a2b3c4d latest --html diff.html"),
    "compare": (
        "harness compare adapters/a adapters/b --scenario mine",
        "harness compare latest:rag latest:hybrid --fail-on not-proven",
    ),
    "bless": ("harness bless latest", "harness bless mine-1a2b3c4d --arm rag"),
    "parity": (
        "harness parity adapters/a --served http://HOST/v1 --scenario mine",
        "harness parity latest:hybrid --served http://HOST/v1 --model hybrid",
    ),
    "report": ("harness report latest --open", "harness report latest --markdown summary.md"),
    "export": ("harness export csv latest tables/", "harness export inspect latest logs/"),
    "forgetting": (
        "harness forgetting base/ tuned/ --margin 3",
        "harness forgetting smollm2 adapters/a --tasks mmlu/ --limit 200",
    ),
    "schema": ("harness schema", "harness schema golden"),
    "golden synth": (
        "harness golden synth mine --count 60",
        "harness golden synth mine --kind lookup --by NAME --base-url http://HOST/v1",
    ),
    "golden check": ("harness golden check mine", "harness golden check questions.jsonl --no-pii"),
    "golden import": (
        "harness golden import csv faq.csv mine --add",
        "harness golden import ragas testset.jsonl new-scenario --limit 100",
    ),
    "golden export": (
        "harness golden export ragas mine testset.jsonl",
        "harness golden export promptfoo mine tests.yaml",
    ),
    "golden formats": ("harness golden formats", "harness golden formats | grep ragas"),
    "golden split": (
        "harness golden split mine/golden.jsonl --corpus mine/corpus",
        "harness golden split mine/golden.jsonl --since 2026-03-01",
    ),
    "golden review": (
        "harness golden review mine --by ada",
        "harness golden review mine --sheet review/",
    ),
    "judge sheet": ("harness judge sheet latest", "harness judge sheet latest --arm rag --answers 60"),
    "judge read": ("harness judge read labels/sheet.csv", "harness judge read ada.csv bob.csv"),
    "examples check": ("harness examples check mine", "harness examples check mine --pairs pairs.jsonl"),
    "examples make": (
        "harness examples make mine mine/train.jsonl --count 200",
        "harness examples make mine mine/train.jsonl --refusals 0.3",
    ),
    "examples pairs": (
        "harness examples pairs latest mine/pairs.jsonl",
        "harness examples pairs latest mine/pairs.jsonl --arm baseline",
    ),
    "examples import": (
        "harness examples import alpaca data.json mine/train.jsonl",
        "harness examples import chat chats.jsonl mine/train.jsonl",
    ),
    "examples formats": ("harness examples formats", "harness examples formats | grep chat"),
    "examples raft": (
        "harness examples raft mine raft.jsonl",
        "harness examples raft mine raft.jsonl --distractors 4 --oracle-share 0.7",
    ),
    "adapters list": ("harness adapters list", "harness adapters list --json"),
    "adapters show": ("harness adapters show 1a2b3c4d", "harness adapters show adapters/a --json"),
    "adapters merge": (
        "harness adapters merge 1a2b3c4d merged/",
        "harness adapters merge adapters/a merged/ --base Qwen/Qwen3-8B",
    ),
    "adapters export": ("harness adapters export 1a2b3c4d hub/", "harness adapters export adapters/a hub/"),
    "models list": ("harness models list", "harness models list --json"),
    "models get": ("harness models get smollm2", "harness models get smollm2 --from model.whl"),
}  # fmt: skip
