"""Cases as the rows of other tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.golden.exporters.contexts import Contexts
from harness.golden.imported import case_row, without_gaps
from harness.types import Case


def ragas_text(cases: Sequence[Case], contexts: Contexts) -> str:
    """JSONL for `EvaluationDataset.from_jsonl`, which passes over what stands under our own names."""
    return "".join(json.dumps(_ragas(case, contexts), ensure_ascii=False) + "\n" for case in cases)


def _ragas(case: Case, contexts: Contexts) -> dict[str, Any]:
    reference = case.accept[0] if case.accept else None
    ids = list(contexts.ids[case.id])
    return without_gaps({
        "user_input": case.question,
        "reference": reference,
        "reference_contexts": list(contexts.texts[case.id]),
        "reference_context_ids": ids,
        **_own(case),
    })  # fmt: skip


def _own(case: Case) -> dict[str, Any]:
    """The fields that no other tool has, under our own names."""
    return {key: value for key, value in case_row(case).items() if key not in ("question", "evidence")}


def deepeval_text(cases: Sequence[Case], contexts: Contexts) -> str:
    """A JSON list of goldens; our own fields stand in `additional_metadata`."""
    return json.dumps([_deepeval(case, contexts) for case in cases], ensure_ascii=False, indent=1) + "\n"


def _deepeval(case: Case, contexts: Contexts) -> dict[str, Any]:
    own = {key: value for key, value in _own(case).items() if key not in ("id", "source")}
    return {
        "input": case.question,
        "expected_output": case.accept[0] if case.accept else None,
        "context": list(contexts.texts[case.id]) or None,
        "source_file": case.source,
        "name": case.id,
        "additional_metadata": own,
    }


def promptfoo_text(cases: Sequence[Case], contexts: Contexts) -> str:
    """YAML tests: one assertion names the accepted answers, another the key points; a refusal is `is-refusal`."""
    import yaml

    tests = [_promptfoo(case, contexts) for case in cases]
    return str(yaml.safe_dump({"tests": tests}, allow_unicode=True, sort_keys=False, width=1000))


def _promptfoo(case: Case, contexts: Contexts) -> dict[str, Any]:
    asserted: list[dict[str, Any]] = []
    if case.kind == "unanswerable":
        asserted.append({"type": "is-refusal"})
    elif len(case.accept) == 1:
        asserted.append({"type": "icontains", "value": case.accept[0]})
    elif case.accept:
        asserted.append({"type": "icontains-any", "value": list(case.accept)})
    if case.key_points:
        asserted.append({"type": "icontains-all", "value": list(case.key_points)})
    own = {key: value for key, value in _own(case).items() if key not in ("accept", "key_points")}
    texts = list(contexts.texts[case.id])  # promptfoo makes a test of each item of a list: one text, the list beside it
    variables = without_gaps({"question": case.question, "context": "\n\n".join(texts) or None})
    return {"vars": variables, "assert": asserted, "metadata": without_gaps({**own, "reference_contexts": texts})}
