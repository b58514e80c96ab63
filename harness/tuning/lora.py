"""A copy of a model with an untrained LoRA adapter, whose weights are drawn by the seed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.generation.load import LoadedModel
from harness.scenario.settings import Tuning
from harness.stats.numbers import against

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

# A LoRA that trains more of the model than this is a mistake in its settings.
MOST_TRAINABLE_SHARE = 0.5
LARGE_MODEL_PARAMETERS = 1_000_000_000  # from here on activations are recomputed to save memory


def with_lora(base: LoadedModel, settings: Tuning, seed: int) -> PeftModel:
    """A copy of the base with an untrained adapter; its weights are drawn by `seed`."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    model = copy.deepcopy(base.model)
    if base.quantization == "nf4":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=is_large(model))
    targets: str | list[str] = "all-linear" if tuple(settings.targets) == ("all-linear",) else list(settings.targets)
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout, target_modules=targets,
        task_type="CAUSAL_LM", base_model_name_or_path=base.name,
    )  # fmt: skip
    set_seed(seed)
    try:
        model = get_peft_model(model, config)
    except ValueError as error:
        raise InputError(
            f"tuning.targets {', '.join(settings.targets)}: {base.name} has no such layers; it has: "
            f"{', '.join(sorted(_linear_names(base.model)))}, or write all-linear"
        ) from error
    model.base_model.model.name_or_path = base.name
    return model


def _linear_names(model: PreTrainedModel) -> set[str]:
    import torch

    return {name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


def check_share(model: PeftModel, settings: Tuning) -> tuple[int, int]:
    """(trainable, all) weights; refuses what is not an adapter any more."""
    trainable, parameters = model.get_nb_trainable_parameters()
    share = trainable / parameters
    if not 0 < share <= MOST_TRAINABLE_SHARE:
        share_text, most = against(share, MOST_TRAINABLE_SHARE, "fraction", "<=")
        raise InputError(
            f"tuning.rank {settings.rank} on {', '.join(settings.targets)} trains {share_text} of the weights, "
            f"expected more than 0 and at most {most}; lower the rank or name fewer targets"
        )
    return int(trainable), int(parameters)


def is_large(model: PreTrainedModel) -> bool:
    return bool(model.num_parameters() > LARGE_MODEL_PARAMETERS)
