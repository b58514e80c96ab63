"""Everything that is looked at, in order: the machine, then what a scenario names, then each of its arms."""

from __future__ import annotations

from collections.abc import Iterator

from harness.doctor import machine, models
from harness.doctor.arms import arm_checks
from harness.doctor.check import Check
from harness.errors import HarnessError
from harness.files.paths import find_scenario
from harness.generation.endpoint import read_key
from harness.runs.start import make_ready
from harness.scenario.arm_entries import HttpEndpoint, ServedModel
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario


def examine(scenario: str | None) -> tuple[Check, ...]:
    """Every check; of a scenario too, where one is named."""
    hub = models.hub()
    general = (
        machine.python_version(), machine.libraries(), machine.processor(), machine.memory(), machine.gpu(),
        *machine.disk(), models.default_model(), models.default_embedder(), hub,
    )  # fmt: skip
    return general if scenario is None else (*general, *_of_scenario(scenario, hub.state == "good"))


def _of_scenario(argument: str, hub_answers: bool) -> Iterator[Check]:
    try:
        scenario = load_scenario(find_scenario(argument))
    except HarnessError as error:
        yield from (Check("scenario", "bad", line) for line in str(error).split("\n"))
        return
    yield Check("scenario", "good", f"{scenario.dir / 'scenario.yaml'}: {scenario.title}")
    needs = [*_needs(scenario, hub_answers)]
    yield from needs
    if any(check.state == "bad" or (check.state == "open" and check.name in ("model", "embedder")) for check in needs):
        return  # what follows would bring a model, or fail for the same reason
    try:
        yield from arm_checks(make_ready(argument))
    except HarnessError as error:
        yield from (Check("scenario", "bad", line) for line in str(error).split("\n"))


def _needs(scenario: Scenario, hub_answers: bool) -> Iterator[Check]:
    """Models, servers and keys that a scenario names."""
    own, judge = scenario.models, scenario.models.judge
    if own.base_url is not None:
        yield models.server("server", own.base_url, own.generator, own.api_key_env)
    else:
        yield models.generator(own.generator, hub_answers)
    if scenario.corpus is not None:
        yield models.embedder(own.embedder, hub_answers)
    if judge.is_set and judge.base_url is not None:
        yield models.server("judge", judge.base_url, judge.model, judge.api_key_env)
    for entry in scenario.entries:
        if isinstance(entry.source, HttpEndpoint | ServedModel) and entry.source.api_key_env is not None:
            yield _key(entry.name, entry.source.api_key_env)


def _key(arm: str, variable: str) -> Check:
    try:
        read_key(variable, f"arm {arm}: api_key_env")
    except HarnessError as error:
        return Check("key", "bad", str(error))
    return Check("key", "good", f"arm {arm}: {variable} is set")
