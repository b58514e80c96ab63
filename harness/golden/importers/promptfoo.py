"""promptfoo tests: a CSV file with `__expected` columns, or YAML/JSON tests with `vars` and `assert`.

    query,__expected
    How long may a kayak be lent?,icontains: 3 days     -> accept ["3 days"]

Every assertion of a test must hold. An assertion that names an answer becomes the accepted answer, several answers of
one assertion (`contains-any`) its alternatives; what must all stand in the answer becomes key points; `is-refusal` says
that the question is unanswerable. What cannot be said in a golden case (code, rubrics, latency) is named, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from harness.errors import InputError
from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import identity, missing, plain_text, structured
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.records import passages_of, split_of
from harness.golden.importers.tables import Row, Table, fold
from harness.types import CATEGORIES, KINDS, Category, Evidence, Kind, Split

ANSWERS = ("equals", "contains", "icontains", "starts-with", "similar", "factuality", "model-graded-factuality")
ALTERNATIVES = ("contains-any", "icontains-any")
ALL_OF = ("contains-all", "icontains-all")
REFUSED = "is-refusal"
# Assertions of promptfoo that name no answer; a cell that begins with another word and a colon is an answer.
OTHERS = (
    "is-json", "contains-json", "is-xml", "contains-xml", "is-html", "contains-html", "is-sql", "contains-sql",
    "is-valid-openai-tools-call", "is-valid-openai-function-call", "regex", "javascript", "fn", "eval", "python",
    "file", "webhook", "llm-rubric", "grade", "answer-relevance", "context-faithfulness", "context-recall",
    "context-relevance",
    "classifier", "moderation", "cost", "latency", "levenshtein", "rouge-n", "bleu", "meteor", "perplexity",
    "perplexity-score", "g-eval", "select-best", "guardrails", "word-count", "tool-call-f1", "finish-reason", "pi",
    "model-graded-closedqa", "human", "max-score", "trajectory", "conversation-relevance",
)  # fmt: skip
_KINDS = sorted((*ANSWERS, *ALTERNATIVES, *ALL_OF, REFUSED, *OTHERS), key=len, reverse=True)
_CELL = re.compile(rf"^(not-)?({'|'.join(map(re.escape, _KINDS))})(?:\([^)]*\))?(?::(.*))?$", re.DOTALL)

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Assertion:
    kind: str  # promptfoo's `type`
    value: Any = None


def is_promptfoo(table: Table) -> bool:
    """Whether a column begins with `__expected`, or rows have `vars`."""
    return any(name.startswith("__expected") for name in table.columns) or "vars" in table.columns


def read_promptfoo(table: Table, recognised: str) -> Imported:
    """Cases of promptfoo tests. InputError where no variable is known as the question."""
    tests = [_test(row, where, table) for where, row in table.rows]
    variables = list(dict.fromkeys(name for variables, _, _ in tests for name in variables))
    question = _question(variables, table)
    drafts = [
        _draft(variables, assertions, extra, where, question)
        for (variables, assertions, extra), (where, _) in zip(tests, table.rows, strict=True)
    ]
    rest = [name for name in variables if name not in (question, "context", "contexts", "id")]
    remarks = [Remark("read", f"question from '{question}'")]
    if rest:
        remarks.append(Remark("not read", f"variables: {', '.join(rest)}"))
    return assemble(drafts, recognised, source=table.file, remarks=remarks)


def _test(row: Row, where: str, table: Table) -> tuple[Row, list[Assertion], Row]:
    """Variables, assertions and other settings of one test."""
    if "vars" in row or "assert" in row:
        variables = row.get("vars") or {}
        if not isinstance(variables, Mapping):
            raise InputError(f"{where}: 'vars' is {variables!r}, expected an object; read the file it names first")
        asserted = row.get("assert") or []
        if not isinstance(asserted, list) or not all(isinstance(item, Mapping) for item in asserted):
            raise InputError(f"{where}: 'assert' is not a list of assertions")
        values = {fold(name): value for name, value in variables.items()}
        metadata = row.get("metadata")
        extra = {**(metadata if isinstance(metadata, Mapping) else {}), "description": row.get("description")}
        return values, [*_nested(asserted)], extra
    cells = {name: value for name, value in row.items() if name.startswith("__expected") and not missing(value)}
    variables = {name: value for name, value in row.items() if not name.startswith("__")}
    metadata = {
        name.removeprefix("__metadata:").removesuffix("[]"): value
        for name, value in row.items() if name.startswith("__metadata:")
    }  # fmt: skip
    return variables, [assertion_of(str(cell)) for cell in cells.values()], metadata


def _nested(asserted: Iterable[Any]) -> Iterator[Assertion]:
    for item in asserted:
        kind = str(item.get("type", ""))
        if kind == "assert-set":
            yield from _nested(item.get("assert") or [])
        else:
            yield Assertion(kind, item.get("value"))


def assertion_of(cell: str) -> Assertion:
    """An `__expected` cell as an assertion: `contains: 3 days`, `similar(0.8): text`; other text is to be equalled."""
    text = cell.strip()
    match = _CELL.match(text)
    if match is None:
        return Assertion("equals", text)
    negated, kind, value = match.groups()
    if kind in (*ALTERNATIVES, *ALL_OF) and value is not None:
        return Assertion((negated or "") + kind, [part.strip() for part in value.split(",")])
    return Assertion((negated or "") + kind, (value or "").strip())


def _question(variables: Sequence[str], table: Table) -> str:
    if table.named.get("question") in variables:
        return table.named["question"]
    names = [name for name in (*ALIASES["question"], "message", "user_message") if name in variables]
    others = [name for name in variables if name not in ("context", "contexts", "id")]
    if names or len(others) == 1:
        return names[0] if names else others[0]
    raise InputError(
        f"{table.file}: no variable is known as the question; found {', '.join(variables)}; expected one of "
        f"{', '.join(ALIASES['question'])}, or one variable alone; name it with --column question=NAME"
    )


def _draft(variables: Row, assertions: Sequence[Assertion], extra: Row, where: str, question: str) -> Draft:
    text = variables.get(question)
    if isinstance(text, list | Mapping):
        return Draft(where, None, left_out=f"'{question}' has several values; write one test a value")
    accept, points, remarks = _labels([_fill_in(assertion, variables) for assertion in assertions])
    contexts = extra.get("reference_contexts") or variables.get("context", variables.get("contexts"))
    passages = tuple(passages_of(contexts, where))
    refusal = any(assertion.kind == REFUSED for assertion in assertions)
    kinds = ", ".join(dict.fromkeys(assertion.kind for assertion in assertions))
    return Draft(
        where=where,
        question=plain_text(text),
        id=identity(extra.get("id") if not missing(extra.get("id")) else variables.get("id")),
        accept=accept,
        key_points=points,
        passages=passages,
        evidence=tuple(Evidence(id=passage.id) for passage in passages),
        unanswerable=refusal,
        split=cast(Split, split_of(extra.get("split"), where)),
        kind=cast("Kind | None", _one_of(extra.get("kind"), KINDS)),
        category=cast(Category, _one_of(extra.get("category"), CATEGORIES) or "factual"),
        timestamp=plain_text(extra.get("timestamp")),
        source=plain_text(extra.get("source")),
        verified_by=plain_text(extra.get("verified_by")),
        why_unlabelled=f"assertions that name no single answer ({kinds})" if assertions else "no assertion",
        unread=tuple(remarks),
    )


def _fill_in(assertion: Assertion, variables: Row) -> Assertion:
    """The assertion with the test's variables put in; one that needs code or another file has no value to read."""
    values = structured(assertion.value)
    items = values if isinstance(values, list) else [values]
    texts = [_put_in(item, variables) if isinstance(item, str) else item for item in items]
    if any(isinstance(item, str) and ("{{" in item or "{%" in item or item.startswith("file://")) for item in texts):
        return Assertion(f"{assertion.kind} of a template or file")
    return Assertion(assertion.kind, texts if isinstance(values, list) else texts[0])


def _put_in(text: str, variables: Row) -> str:
    return _VARIABLE.sub(lambda match: str(variables.get(fold(match.group(1)), match.group(0))), text)


def _one_of(value: Any, choices: tuple[str, ...]) -> str | None:
    """A value of our own vocabulary; people's metadata may use the same key for other things."""
    text = plain_text(value)
    return text if text in choices else None


def _labels(assertions: Sequence[Assertion]) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Accepted answers, key points, and what could not be read. Several assertions must hold together."""
    answers: list[tuple[str, ...]] = []
    points: list[str] = []
    remarks = []
    for assertion in assertions:
        values = _values(assertion.value)
        if assertion.kind in (*ANSWERS, *ALTERNATIVES) and values:
            answers.append(values)
        elif assertion.kind in ALL_OF:
            points += values
        elif assertion.kind != REFUSED:
            remarks.append(f"assertion '{assertion.kind}'")
    different = list(dict.fromkeys(answers))
    if len(different) > 1:  # all must hold: none of them alone is an accepted answer
        single = [values[0] for values in different if len(values) == 1]
        remarks += [
            f"alternatives {', '.join(values)} beside other assertions" for values in different if len(values) > 1
        ]
        return (), tuple(dict.fromkeys([*points, *single])), remarks
    return (different[0] if different else ()), tuple(dict.fromkeys(points)), remarks


def _values(value: Any) -> tuple[str, ...]:
    value = structured(value)
    items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for item in items if (text := plain_text(item, words=False)) is not None))
