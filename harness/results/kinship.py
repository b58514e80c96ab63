"""Whether a judge is what it judges, or of its family, as far as their names say.

family("Qwen/Qwen3-8B") == family("qwen2.5-72b-instruct") == {"qwen"}
"""

from __future__ import annotations

import re

from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.stages.models import models_of

# parts of names that say nothing of where a model comes from
# fmt: off
COMMON = frozenset({
    "instruct", "chat", "base", "mini", "nano", "micro", "small", "medium", "large", "tiny", "turbo", "preview",
    "latest", "tuned", "free", "gguf", "awq", "gptq", "int", "model", "models", "pro", "flash", "lite", "air",
    "max", "plus", "thinking", "reasoner", "coder", "code", "math", "vision", "the", "and", "judge", "test",
    "default",
})
# fmt: on


def kinship(inputs: Inputs) -> str | None:
    """Why the judge may favour an arm of the run, in words; None where no name says so, or there is no judge."""
    judge = inputs.scenario.models.judge
    if not judge.is_set:
        return None
    names = {arm.name: name for arm in inputs.arms if (name := _model(inputs, arm)) is not None}
    same = [arm for arm, name in names.items() if _plain(name) == _plain(judge.model)]
    if same:
        return f"is the model that it judges ({', '.join(same)})"
    kin = [arm for arm, name in names.items() if family(name) & family(judge.model)]
    if kin:
        own = ", ".join(dict.fromkeys(names[arm] for arm in kin))
        return f"is of the family of what it judges ({own}), by its name"
    return None


def _model(inputs: Inputs, arm: Arm) -> str | None:
    """The model that answers for an arm; None for a system of somebody's own."""
    return models_of(inputs.scenario, arm).generator if arm.by_model else None


def _plain(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2].casefold()


def family(name: str) -> frozenset[str]:
    """The words of a model's name that say whose it is: letters alone, without sizes, versions and common words."""
    words = re.findall(r"[a-z]{3,}", _plain(name))
    return frozenset(word for word in words if word not in COMMON)
