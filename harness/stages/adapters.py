"""The adapters of a run, wherever they were trained: by a step of it, or elsewhere into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.store import StagePlace, Store
from harness.files.hashing import content_hash
from harness.files.read_files import Stamps, stamps
from harness.record.measurements import AdapterSection, TuningSection
from harness.scenario.arm_entries import AdapterFolder
from harness.stages.tune import TuneAdapter, tune_of

Place = StagePlace | Path  # the step that trains it, or the folder where it lies


@dataclass(frozen=True, slots=True)
class ArmAdapter:
    """An adapter of the run."""

    key: str  # of the step that trains it, or its content id
    arm: str  # the first arm that carries it: steps that ask it alone are called after it
    place: Place
    after: tuple[str, ...] = ()  # labels of the stages that must be done before


def adapters_of(inputs: Inputs, planned: Planned) -> tuple[ArmAdapter, ...]:
    """Every adapter of the run once, in the order of the arms; copies of one are one."""
    each = (adapter_of(planned, arm) for arm in inputs.arms)
    distinct: dict[str, ArmAdapter] = {}
    for adapter in each:
        if adapter is not None:
            distinct.setdefault(adapter.key, adapter)
    return tuple(distinct.values())


def adapter_of(planned: Planned, arm: Arm) -> ArmAdapter | None:
    """The adapter of an arm; None for an arm without one."""
    if isinstance(arm.source, AdapterFolder):
        return ArmAdapter(content_key(arm.source.folder), arm.name, arm.source.folder)
    tune = tune_of(planned, arm)
    return None if tune is None else ArmAdapter(tune.key, str(tune.arm), tune.place, (tune.label,))


def asked_alone(adapters: Iterable[ArmAdapter], adapter: ArmAdapter) -> str:
    """The name under which the steps that ask an adapter alone know it: of the first arm that carries it."""
    return next(other.arm for other in adapters if other.key == adapter.key)


def adapter_folder(store: Store, place: Place | None) -> Path | None:
    """The folder of an adapter, once it is trained."""
    return store.folder(place) / "adapter" if isinstance(place, StagePlace) else place


def adapter_content(store: Store, place: Place | None, others: object) -> str | None:
    """Hash of an adapter that is trained, and of what else is given; None where there is no adapter."""
    folder = adapter_folder(store, place)
    return None if folder is None else content_hash([content_key(folder), others])


def content_key(folder: Path) -> str:
    """The content id of an adapter's folder, read again only when a file of it has changed."""
    return _content_key(folder, stamps(folder))


@lru_cache(maxsize=64)
def _content_key(folder: Path, _: Stamps) -> str:
    from harness.tuning.adapters import content_id

    return content_id(folder)


def tuning_section(planned: Planned, store: Store, arm: Arm) -> TuningSection | None:
    """The making of an arm's adapter; None where it has none, or nobody here knows how it was made."""
    if isinstance(arm.source, AdapterFolder):
        record = training_of(arm.source.folder)
        return None if record is None else TuningSection(adapter=record, seconds=record.seconds)
    tune = tune_of(planned, arm)
    done = None if tune is None else store.done(tune)
    return None if done is None else TuningSection(adapter=done.result, seconds=done.seconds)


def training_of(folder: Path) -> AdapterSection | None:
    """The training record of an adapter that a run of ours made; None for one from elsewhere."""
    from harness.generation.adapter_folder import TRAINING_RECORD
    from harness.tuning.adapters import read_record

    return read_record(folder) if (folder / TRAINING_RECORD).is_file() else None


def adapter_id(planned: Planned, store: Store, arm: Arm) -> str | None:
    """The content id of an arm's adapter, once it is trained; None for an arm without one."""
    if isinstance(arm.source, AdapterFolder):
        return content_key(arm.source.folder)
    tune: TuneAdapter | None = tune_of(planned, arm)
    return None if tune is None else store.result(tune).id
