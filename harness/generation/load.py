"""Base models and their tokenizers, by name, hub id or directory; one clear message for each way loading can fail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.errors import EnvironmentFailure, HarnessError, InputError, MissingExtra
from harness.files.input_file import folder_of, is_dir
from harness.generation import attention, builtin
from harness.generation.model_files import template_fault
from harness.generation.thinking import switches
from harness.hub import cached_folder
from harness.weights_file import digest, tensors

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig, PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

Quantization = Literal["none", "nf4"]

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
SWITCHED = "harness_switches"  # attribute of a tokenizer: what its chat template is told about thoughts
# Vocabularies are often padded to a round size for speed; a tokenizer that fills less than this is another model's.
MIN_VOCABULARY_USE = 0.9


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A base model ready to generate, and its identity."""

    name: str  # as asked for
    model: PreTrainedModel  # in eval mode
    tokenizer: PreTrainedTokenizerBase  # padding on the left
    directory: Path  # where its files lie on this machine
    quantization: Quantization

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together."""
        return window_of(self.model.config)

    @property
    def base_hash(self) -> str:
        """sha256 over the weight files: what an adapter records as its base."""
        return weights_hash(self.directory)


def load_model(name: str, quantization: Quantization = "none", thinking: bool | None = None) -> LoadedModel:
    """Load `name`: a built-in model, a Hugging Face id or a local directory. Never runs code that comes with a model.

    Args:
        thinking: whether a model that can think first is let; None: it is not.

    Raises:
        InputError: no such folder, missing, truncated or incomplete weights, a tokenizer of another model,
            no chat template, or one without a switch for the thoughts that are asked for.
        EnvironmentFailure: the hub cannot be reached and the model is not in its cache.
    """
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the run shows progress of its own
    directory = locate(name)
    model = _load_weights(name, directory, quantization)
    tokenizer = _load_tokenizer(name, directory, thinking)
    _check_match(name, model, tokenizer)
    return LoadedModel(name, model, tokenizer, directory, quantization)


def locate(name: str) -> Path:
    """The directory that holds the files of `name`, downloaded first if it is a hub id."""
    if name in builtin.MODELS:
        return builtin.folder_of(name)
    if (folder := folder_of(name, "the folder of a model")) is not None:
        return folder
    if Path(name).expanduser().is_absolute() or name.startswith((".", "~")) or not HUB_ID.fullmatch(name):
        names = ", ".join(builtin.OFFERED)
        raise InputError(f"model {name!r}: no such folder; give a built-in model ({names}), a folder, or a hub id")
    return _download(name)


def model_here(name: str) -> Path | None:
    """The directory of a model that is on this machine already; None where it would have to be fetched first."""
    try:
        here = name in builtin.MODELS or is_dir(Path(name).expanduser())
        return locate(name) if here else cached_folder(name)
    except HarnessError:
        return None  # a model that is not there is an error of its own, where it is loaded


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError

    patterns = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except (RepositoryNotFoundError, GatedRepoError) as error:
        raise InputError(
            f"model {name!r}: neither a folder here nor a model the hub gives out ({type(error).__name__}); "
            "check the id, or log in if it is gated"
        ) from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise EnvironmentFailure(
            f"model {name!r}: no folder of that name, not in the local hub cache, and the hub cannot be reached; "
            "connect, or give the folder of a downloaded copy"
        ) from error


def _load_weights(name: str, directory: Path, quantization: Quantization) -> PreTrainedModel:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    if not (directory / "config.json").is_file():
        raise InputError(f"model {name!r}: {directory} has no config.json; expected a transformers model folder")
    settings: dict[str, object] = {"dtype": torch.float32}
    if torch.cuda.is_available():
        settings = {"dtype": torch.bfloat16, "device_map": {"": 0}}
    if quantization == "nf4":
        settings |= {"quantization_config": nf4_config(), "dtype": torch.bfloat16}
    try:
        model, loading = AutoModelForCausalLM.from_pretrained(
            directory, use_safetensors=True, trust_remote_code=False, local_files_only=True,
            output_loading_info=True, **settings,
        )  # fmt: skip
    except SafetensorError as error:
        raise InputError(
            f"model {name!r}: a weight file in {directory} is truncated or damaged ({error}); copy it again"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise InputError(f"model {name!r}: cannot be loaded from {directory}: {_first_line(error)}") from error
    except RuntimeError as error:
        raise InputError(
            f"model {name!r}: the weights in {directory} do not fit its config: {_first_line(error)}"
        ) from error
    # transformers fills what is missing with random numbers and only warns: an arm must never answer with those.
    missing = sorted(loading["missing_keys"]) + sorted(str(key) for key in loading["mismatched_keys"])
    if missing:
        raise InputError(
            f"model {name!r}: {len(missing)} tensors are missing from the weights or have another shape in {directory} "
            f"(first: {missing[0]}); copy the model again"
        )
    if quantization == "nf4":
        keep_gradients(model)
    if model.device.type == "cpu":
        attention.use(model)
    return model.eval()


def nf4_config() -> BitsAndBytesConfig:
    """The settings of 4-bit NormalFloat with double quantization and bf16 compute (QLoRA, Dettmers et al. 2023)."""
    import torch

    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingExtra("bitsandbytes", "quantization") from error
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )  # fmt: skip


def keep_gradients(model: PreTrainedModel) -> None:
    """Keep 4-bit layers off the CPU inference kernel that has no backward pass.

    On CPUs with AVX512-BF16 bitsandbytes repacks a 4-bit weight for good at the first forward pass in eval mode;
    training afterwards silently loses the gradients of half the adapter while the loss still falls.
    """
    import bitsandbytes as bnb

    for module in model.modules():
        if isinstance(module, bnb.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False


def load_tokenizer(name: str, thinking: bool | None = None) -> tuple[PreTrainedTokenizerBase, int]:
    """A model's tokenizer and its window in tokens, without its weights. Raises what `load_model` raises."""
    from transformers import AutoConfig

    directory = locate(name)
    if not (directory / "config.json").is_file():
        raise InputError(f"model {name!r}: {directory} has no config.json; expected a transformers model folder")
    try:
        config = AutoConfig.from_pretrained(directory, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # huggingface's own kinds, and what its checks of fields raise
        raise InputError(f"model {name!r}: its config.json cannot be read: {_first_line(error)}") from error
    return _load_tokenizer(name, directory, thinking), window_of(config)


def window_of(config: PretrainedConfig) -> int:
    """The positions that a model knows; models of text and pictures keep them in the config of their text part."""
    positions = getattr(config, "max_position_embeddings", None)
    return int(positions if positions is not None else config.get_text_config().max_position_embeddings)


def layers_of_model(directory: Path) -> frozenset[str]:
    """Dotted names of the layers that the library makes of a model's config; no weights are read."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(directory, trust_remote_code=False, local_files_only=True)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(f"{directory}: no model that can be loaded: {_first_line(error)}") from None
    matrices = [name for name, weight in model.named_parameters(remove_duplicate=False) if weight.dim() > 1]
    return frozenset(name.removesuffix(".weight") for name in matrices)


def _load_tokenizer(name: str, directory: Path, thinking: bool | None) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # tokenizers raises bare Exception for a damaged tokenizer.json
        raise InputError(
            f"model {name!r}: its tokenizer cannot be loaded from {directory}: {_first_line(error)}"
        ) from error
    if not tokenizer.chat_template:
        raise InputError(
            f"model {name!r}: its tokenizer has no chat template; use the instruction-tuned variant, or add a "
            f"chat_template.jinja to {directory}"
        )
    if name not in builtin.MODELS and (fault := template_fault(directory)) is not None:
        raise InputError(f"model {name!r}: {fault}")
    setattr(tokenizer, SWITCHED, switches(tokenizer.chat_template, thinking, name))
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _check_match(name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    vocabulary = model.get_input_embeddings().weight.shape[0]
    if not MIN_VOCABULARY_USE * vocabulary <= len(tokenizer) <= vocabulary:
        raise InputError(
            f"model {name!r}: tokenizer and weights do not match: {len(tokenizer)} tokens in the tokenizer, "
            f"{vocabulary} in the weights; use the tokenizer that the model was trained with"
        )


def weights_hash(directory: Path) -> str:
    """sha256 over the safetensors files of `directory`, by name; read again only when one has changed."""
    paths = sorted(directory.glob("*.safetensors"))
    for path in paths:
        tensors(path)  # a damaged file is refused before it is hashed
    return digest(paths)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
