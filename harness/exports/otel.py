"""OpenTelemetry events `gen_ai.evaluation.result`, one a score, as OTLP in JSON: a collector's file receiver reads it.

Semantic conventions for generative AI: an evaluation has a name, a score, a label and an explanation
(opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import MissingExtra
from harness.files.output_path import check_output
from harness.record.codec import write_atomic
from harness.record.files import StoredRun
from harness.types import Score

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue

EVENT = "gen_ai.evaluation.result"
LABELS = {1.0: "pass", 0.0: "fail"}
INFO = 9  # severity number


def write(run: StoredRun, target: str) -> list[str]:
    """Every score of the test split, unscored ones with their reason and no value. MissingExtra without the library."""
    try:
        from google.protobuf.json_format import MessageToJson
        from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
    except ImportError as error:
        raise MissingExtra("opentelemetry-proto", "otel") from error
    check_output(Path(target))
    record = run.record
    data = LogsData()
    resource = data.resource_logs.add()
    resource.resource.attributes.extend(_attributes({
        "service.name": "harness", "harness.run": record.run_id, "harness.scenario": record.scenario.id,
        "gen_ai.request.model": record.models.generator, "harness.verdict": record.verdict.word,
    }))  # fmt: skip
    scope = resource.scope_logs.add()
    scope.scope.name = "harness"
    time = int(_time(record.created).timestamp() * 1e9)
    units = {row.name: row.unit for row in record.metric_rows}
    for score in _scores(run):
        event = scope.log_records.add()
        event.time_unix_nano = event.observed_time_unix_nano = time
        event.severity_number = INFO
        event.event_name = EVENT
        event.attributes.extend(_attributes(_facts(score, units.get(score.metric, ""))))
    write_atomic(Path(target), MessageToJson(data, indent=None) + "\n")
    return [f"{target}: {len(scope.log_records)} events"]


def _scores(run: StoredRun) -> Iterable[Score]:
    tested = run.record.golden.cluster_of
    return (score for score in run.scores if score.applicable and score.case_id in tested)


def _facts(score: Score, unit: str) -> dict[str, str | float]:
    facts: dict[str, str | float] = {"gen_ai.evaluation.name": score.metric, "gen_ai.response.id": score.case_id}
    facts["harness.arm"] = score.arm
    if score.value is not None:
        facts["gen_ai.evaluation.score.value"] = float(score.value)
        if unit == "fraction" and score.value in LABELS:
            facts["gen_ai.evaluation.score.label"] = LABELS[score.value]
    if score.reason:
        facts["gen_ai.evaluation.explanation"] = score.reason
    if score.value is None:
        facts["error.type"] = "unscored"
    return facts


def _attributes(facts: dict[str, Any]) -> list[KeyValue]:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

    def value(of: object) -> AnyValue:
        return AnyValue(double_value=of) if isinstance(of, float) else AnyValue(string_value=str(of))

    return [KeyValue(key=key, value=value(of)) for key, of in facts.items()]


def _time(created: str) -> datetime:
    """The time of a record, whose zone may be written without a colon."""
    return datetime.fromisoformat(created)
