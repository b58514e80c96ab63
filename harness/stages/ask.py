"""One arm of a scenario on the live index, to be asked anything."""

from __future__ import annotations

from harness.arms import BuiltArm
from harness.engine.execute import bring_to_end
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress, silent
from harness.engine.store import Store
from harness.errors import InputError
from harness.stages.adapters import adapter_folder, adapter_of
from harness.stages.models import build_arm
from harness.stages.search import search_of
from harness.stages.tune import tune_of


def live_arm(inputs: Inputs, planned: Planned, store: Store, name: str, progress: Progress | None = None) -> BuiltArm:
    """An arm that can be asked a question of nobody's golden set; its index is brought up to date.

    Raises:
        InputError: no such arm in the scenario, or its adapter has not been trained yet.
    """
    arm = next((arm for arm in inputs.arms if arm.name == name), None)
    if arm is None:
        raise InputError(f"arm '{name}': not an arm of this scenario; its arms: {', '.join(inputs.scenario.arms)}")
    if arm.oracle:
        raise InputError(f"arm '{name}': given the golden passages, which a question outside the golden set has not")
    if arm.file is not None:
        raise InputError(f"arm '{name}': answers made elsewhere, in {arm.file.file.name}: it cannot be asked")
    tune, adapter = tune_of(planned, arm), adapter_of(planned, arm)
    search = search_of(inputs, planned, arm) if arm.retriever else None
    if tune is not None and store.done(tune) is None:
        raise InputError(f"arm '{name}': its adapter is not trained yet; train it with: harness run SCENARIO")
    if search is not None and search.reranker is not None:
        bring_to_end(search.reranker, store, progress or silent)
    retriever = search.retriever(store, progress) if search is not None else None
    return build_arm(
        inputs.scenario, arm, retriever, adapter_folder(store, adapter.place if adapter else None), inputs.shots
    )
