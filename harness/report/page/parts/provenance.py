"""Provenance: what the page rests on, how to make it again, and what was not measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from harness.generation.builtin import MODELS
from harness.record.sections import ArmSection, GoldenSection, HashSection, Record, StageSection
from harness.report.page.view import RunView
from harness.report.text.reuse import age, earlier_answers


@dataclass(frozen=True, slots=True)
class ProvenancePart:
    command: str
    unmeasured: tuple[tuple[str, str], ...]  # what, why
    golden: GoldenSection
    probes: int
    built_in: tuple[tuple[str, str], ...]  # model that this package brings, whose it is and under which licence
    machine: tuple[tuple[str, str], ...]
    commit: str | None
    dirty: bool
    seed: int
    created: str
    stages: tuple[StageSection, ...]
    answers: tuple[tuple[str, str], ...]  # arm whose answers are not all of this run, made here; what of them is not
    hashes: tuple[tuple[str, str], ...]
    versions: Mapping[str, str | None]


def provenance(run: RunView) -> ProvenancePart:
    record = run.record
    return ProvenancePart(
        command=record.command,
        unmeasured=_unmeasured(record),
        golden=record.golden,
        probes=record.probes,
        built_in=tuple((name, MODELS[name].what) for name in (record.models.generator,) if name in MODELS),
        machine=_machine(record),
        commit=record.git.commit,
        dirty=bool(record.git.dirty),
        seed=record.seed,
        created=record.created,
        stages=record.stages,
        answers=tuple((arm.name, text) for arm in record.arms if (text := _answers_of(arm, record.created))),
        hashes=(*_hashes(record.hashes), ("scenario", record.scenario.hash)),
        versions=record.versions,
    )


def _unmeasured(record: Record) -> tuple[tuple[str, str], ...]:
    """(what, why) of every gate without a figure."""
    unmeasured = [gate for gate in record.verdict.gates if gate.status == "not measured"]
    gates = [(f"{gate.title} [{gate.name}]", gate.reason) for gate in unmeasured]
    return tuple(dict.fromkeys(gates))


def _answers_of(arm: ArmSection, created: str) -> str:
    """How many are of earlier runs; of a server's, how old they were when the page was made, and its model's name."""
    parts = [earlier_answers(arm)] if arm.earlier else []
    if arm.asked is not None:
        parts.append(f"a server's, {age(arm.asked, datetime.fromisoformat(created))} when this page was made")
        parts += [f"the server calls its model {', '.join(arm.asked.served)}"] if arm.asked.served else []
    return "; ".join(parts)


def _machine(record: Record) -> tuple[tuple[str, str], ...]:
    machine = record.hardware
    return (
        ("system", machine.system),
        ("architecture", machine.machine),
        ("processor", machine.processor),
        ("cores", _or_none(machine.cores)),
        ("memory", f"{machine.memory_gib} GiB"),
        ("GPU", _or_none(machine.gpu)),
        ("the model computes in", "its server's" if record.models.base_url is not None else record.models.precision),
    )


def _hashes(hashes: HashSection) -> tuple[tuple[str, str], ...]:
    return (
        ("golden", hashes.golden or "none"),
        ("corpus", hashes.corpus or "none"),
        ("examples", hashes.examples or "none"),
        ("probes", hashes.probes or "none"),
        ("system", hashes.system or "none"),
        ("schema", hashes.schema or "none"),
        ("model", hashes.model or "none"),
    )


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)
