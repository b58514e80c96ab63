"""The kinds of adapters: what of a model is trained, one row a kind, each through PEFT but `full`.

    lora    two small matrices beside a weight (Hu et al. 2021)
    qlora   the same on a base of four bits, which alone lies in memory while it trains (Dettmers et al. 2023)
    dora    LoRA that trains a weight's direction and its size apart (Liu et al. 2024)
    ia3     one factor for each output of a layer (Liu et al. 2022)
    prefix  keys and values of tokens that nobody wrote, before every prompt (Li and Liang 2021)
    full    every weight

Its weights are drawn by the seed, unless it goes on from another adapter of the same kind.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.errors import InputError
from harness.generation.adapter_folder import FULL, read_config
from harness.generation.full_weights import put_full
from harness.generation.load import LoadedModel, Quantization
from harness.scenario.settings import AdapterKind, Tuning
from harness.stats.numbers import against

if TYPE_CHECKING:
    from peft import PeftConfig, PeftModel
    from transformers import PreTrainedModel

    Trained: TypeAlias = "PeftModel | PreTrainedModel"

# An adapter that trains more of the model than this is a mistake in its settings.
MOST_TRAINABLE_SHARE = 0.5
LARGE_MODEL_PARAMETERS = 1_000_000_000  # from here on activations are recomputed to save memory


@dataclass(frozen=True, slots=True)
class AdapterRow:
    """One kind of adapter."""

    title: str  # what a page calls it
    config: Callable[[PreTrainedModel, Tuning], PeftConfig] | None  # None: every weight is trained
    on_layers: bool = True  # `tuning.targets` says where it goes
    usual_rates: tuple[float, float] = (2e-5, 2e-3)  # learning rates that its makers and users report
    trains_on: Quantization | None = None  # the form of the base while it trains; None: that of the arms


def _lora(model: PreTrainedModel, settings: Tuning) -> PeftConfig:
    from peft import LoraConfig

    return LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout, target_modules=_targets(settings),
        use_dora=settings.adapter == "dora", task_type="CAUSAL_LM",
    )  # fmt: skip


def _ia3(model: PreTrainedModel, settings: Tuning) -> PeftConfig:
    """Factors of the outputs of attention's layers, and of the inputs of those that end a feed-forward block.

    Layers are named by the last word of their names: PEFT would write `all-linear` into the adapter as whole paths,
    of which the names of feed-forward layers are no part, and refuse to load it.
    """
    from peft import IA3Config
    from peft.utils import constants

    targets = _targets(settings)
    head = {name.rsplit(".", 1)[-1] for name, part in model.named_modules() if part is model.get_output_embeddings()}
    names = _linear_names(model) - head if isinstance(targets, str) else set(targets)
    ends = set(constants.TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING.get(model.config.model_type, ()))
    return IA3Config(target_modules=sorted(names), feedforward_modules=sorted(names & ends), task_type="CAUSAL_LM")


def _prefix(model: PreTrainedModel, settings: Tuning) -> PeftConfig:
    from peft import PrefixTuningConfig

    return PrefixTuningConfig(num_virtual_tokens=settings.virtual_tokens, task_type="CAUSAL_LM")


KINDS: Mapping[AdapterKind, AdapterRow] = {
    "lora": AdapterRow("LoRA", _lora),
    "qlora": AdapterRow("QLoRA (base of 4 bits while it trained)", _lora, trains_on="nf4"),
    "dora": AdapterRow("DoRA", _lora),
    "ia3": AdapterRow("IA3", _ia3, usual_rates=(1e-3, 3e-2)),
    "prefix": AdapterRow("prefix tuning", _prefix, on_layers=False, usual_rates=(1e-3, 3e-1)),
    "full": AdapterRow("full fine-tuning", None, on_layers=False, usual_rates=(1e-6, 1e-4)),
}


def title_of(settings: Tuning) -> str:
    """What was trained, in words: "LoRA, rank 16, alpha 32, on q_proj, v_proj"."""
    kind = KINDS[settings.adapter]
    ranks = f", rank {settings.rank}, alpha {settings.alpha}" if kind.config is _lora else ""
    tokens = f", {settings.virtual_tokens} virtual tokens" if settings.adapter == "prefix" else ""
    return f"{kind.title}{ranks}{tokens}" + (f", on {', '.join(settings.targets)}" if kind.on_layers else "")


def trained_on(settings: Tuning) -> Quantization:
    """The form of the base's weights while an adapter trains."""
    return KINDS[settings.adapter].trains_on or settings.quantization


def rate_remark(settings: Tuning) -> str | None:
    """A line on a learning rate that is far from the usual of its kind; None where it is not."""
    low, high = KINDS[settings.adapter].usual_rates
    if low <= settings.learning_rate <= high or settings.method == "dpo":
        return None
    return (
        f"tuning.learning_rate is {settings.learning_rate:g}; {settings.adapter} is mostly trained with "
        f"{low:g} to {high:g}"
    )


def diverged(settings: Tuning, what: str) -> InputError:
    """The error of a training that came to values that are no numbers."""
    low, high = KINDS[settings.adapter].usual_rates
    name, usual = "learning_rate", f"; usual for {settings.adapter} is {low:g} to {high:g}"
    if settings.method == "dpo":
        name, usual = "dpo_learning_rate", ""
    return InputError(
        f"{what} is no number: the training diverged at tuning.{name} {settings.learning_rate:g}{usual}; lower it, "
        "or raise tuning.warmup"
    )


def check_numbers(model: Trained, settings: Tuning) -> None:
    """Refuse an adapter whose last step took it to values that are no numbers: no loss was computed after it."""
    import torch

    trained = ((name, weights) for name, weights in model.named_parameters() if weights.requires_grad)
    bad = next((name for name, weights in trained if not torch.isfinite(weights).all()), None)
    if bad is not None:
        raise diverged(settings, f"after the last step {bad}")


def with_adapter(base: LoadedModel, settings: Tuning, seed: int, start: Path | None = None) -> Trained:
    """A copy of the base with an adapter to train; its weights are drawn by `seed`, or those of the adapter `start`."""
    from transformers import set_seed

    kind = KINDS[settings.adapter]
    model = copy.deepcopy(base.model)
    set_seed(seed)
    if kind.config is None:
        model.name_or_path = base.name
        return model if start is None else put_full(model, start)
    if base.quantization == "nf4":
        from peft import prepare_model_for_kbit_training

        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=is_large(model))
    tuned = _added(model, kind.config, base, settings) if start is None else _continued(model, start)
    tuned.base_model.model.name_or_path = base.name
    return tuned


def _added(
    model: PreTrainedModel, config: Callable[[PreTrainedModel, Tuning], PeftConfig], base: LoadedModel, settings: Tuning
) -> PeftModel:
    from peft import get_peft_model

    adapter = config(model, settings)
    adapter.base_model_name_or_path = base.name
    try:
        return _divisible(get_peft_model(model, adapter), base.name)
    except ValueError as error:
        raise InputError(
            f"tuning.targets {', '.join(settings.targets)}: {base.name} has no such layers; it has: "
            f"{', '.join(sorted(_linear_names(base.model)))}, or write all-linear"
        ) from error


def _divisible(model: PeftModel, base: str) -> PeftModel:
    """The same model. InputError where DoRA would divide by the length of a row that is zero."""
    sizes = ((name, row) for name, row in model.named_parameters() if "lora_magnitude_vector" in name)
    layers = sorted({name.split(".lora_")[0].rsplit(".", 1)[-1] for name, row in sizes if bool((row == 0).any())})
    if layers:
        raise InputError(
            f"tuning.adapter: dora divides by the length of each row of a layer, and {base} has rows of zeros in "
            f"{', '.join(layers)}; take lora, or other tuning.targets"
        )
    return model


def _continued(model: PreTrainedModel, start: Path) -> PeftModel:
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(start), is_trainable=True)


def _targets(settings: Tuning) -> str | list[str]:
    return "all-linear" if tuple(settings.targets) == ("all-linear",) else list(settings.targets)


def _linear_names(model: PreTrainedModel) -> set[str]:
    import torch

    return {name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


def plain_model(model: Trained) -> PreTrainedModel:
    """The model under an adapter; a model without one is itself."""
    own: Any = model
    return own.get_base_model() if hasattr(own, "get_base_model") else own


def settings_of(model: Trained) -> Any | None:
    """PEFT's settings of the adapter that is trained; None where every weight is."""
    return getattr(model, "active_peft_config", None)


def check_share(model: Trained, settings: Tuning) -> tuple[int, int]:
    """(trainable, all) weights; refuses what is not an adapter any more."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    if settings.adapter == "full":
        return sum(size for size, _ in sizes), sum(size for size, _ in sizes)
    own: Any = model
    trainable, parameters = own.get_nb_trainable_parameters()
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


def check_start(start: Path, settings: Tuning) -> None:
    """Refuse to go on from an adapter of another kind. InputError."""
    kind = {"LORA": ("lora", "qlora", "dora"), "IA3": ("ia3",), "PREFIX_TUNING": ("prefix",), FULL: ("full",)}
    other = str(read_config(start).get("peft_type", "LORA"))
    if settings.adapter not in kind.get(other, ()):
        raise InputError(
            f"{start}: an adapter of kind {other}, which tuning.adapter: {settings.adapter} cannot go on from"
        )
