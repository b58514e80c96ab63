"""A model's folder looked at without loading it: its window, its layers, its chat template, its weights whole.

Everything here takes milliseconds and no torch, so that a run can be refused before any work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import DOCUMENT, fault_of, is_file, legible, read_bytes, read_text
from harness.process.time_limit import TooLong, within
from harness.weights_file import tensors

SUFFIXES = (".json", ".jinja", ".model", ".safetensors")  # of what is read of a model
TEMPLATE_SECONDS = 2.0  # a template takes a millisecond
TOKENIZER_BYTES = 1 << 28
_LAYER = re.compile(r"\.(?:layers|layer|h|blocks|block)\.(\d+)\.")
_KIND = re.compile(r"""^\s+\(["']([\w.-]+)["'],""", re.MULTILINE)
_GENERATION = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")  # marks of the answer that only training reads


def regular_files(directory: Path) -> tuple[Path, ...]:
    """A model's files by name. InputError names one that is a pipe, a link in a circle or a folder."""
    files = sorted(file for file in directory.glob("*") if file.suffix in SUFFIXES)
    for file in files:
        if (fault := fault_of(file, "file")) is not None:
            raise InputError(f"{file}: {fault}; copy the model again")
    return tuple(files)


def read_object(path: Path, what: str) -> Mapping[str, Any]:
    """A JSON object. InputError where the file is missing or is none."""
    try:
        value = parse_json(read_text(path, DOCUMENT, missing=f"expected {what}"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({legible(str(error))}); expected {what}") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: found a {type(value).__name__}, expected {what}")
    return value


def read_config(directory: Path) -> Mapping[str, Any]:
    """A model's config.json. InputError where there is none, or it is broken."""
    return read_object(directory / "config.json", "the configuration of a transformers model")


def window(directory: Path) -> int | None:
    """The positions that a model knows, as its config says; None where it does not say so in the usual place."""
    config = read_config(directory)
    text = config.get("text_config")
    positions = config.get(
        "max_position_embeddings", text.get("max_position_embeddings") if isinstance(text, dict) else None
    )
    return positions if isinstance(positions, int) and not isinstance(positions, bool) and positions > 0 else None


# --- weights ------------------------------------------------------------------------------------------------------


def layers(directory: Path) -> frozenset[str]:
    """Dotted names of the layers that a model's weight files hold matrices of; and the head, which may share one.

    Raises:
        InputError: no weight file, one that is no safetensors file, or one that was cut.
    """
    files = sorted(directory.glob("*.safetensors"))
    if not files:
        raise InputError(f"{directory}: no *.safetensors in it; expected the weights of a transformers model")
    names = {name for file in files for name, shape in tensors(file).items() if len(shape) > 1}
    return frozenset({name.removesuffix(".weight") for name in names if name.endswith(".weight")} | {"lm_head"})


def shape_fault(directory: Path) -> str | None:
    """Why a model's config.json cannot be of its weights, in words; None where nothing speaks against it.

    Looked at are sizes that every model has under the same names; where a family has others, nothing is said.
    """
    config = read_config(directory)
    text = config["text_config"] if isinstance(config.get("text_config"), dict) else config
    kinds = known_kinds()
    kind = config.get("model_type")
    if kinds and not (isinstance(kind, str) and kind in kinds):
        return f"model_type is {legible(str(kind))!r}, which the library has no language model of"
    shapes = shapes_of(directory)
    numbers = [int(match[1]) for name in shapes if (match := _LAYER.search(name))]
    count = text.get("num_hidden_layers")
    if isinstance(count, int) and (count < 1 or (numbers and count > max(numbers) + 1)):
        return f"num_hidden_layers is {count}, and the weights have {max(numbers, default=-1) + 1} layers"
    sizes = {size for shape in shapes.values() if len(shape) == 2 for size in shape}
    for key in ("vocab_size", "hidden_size"):
        size = text.get(key)
        if isinstance(size, int) and shapes and size not in sizes:
            return f"{key} is {size}, and no matrix of the weights has that many rows or columns"
    return None


@cache
def known_kinds() -> frozenset[str]:
    """The kinds of models that transformers has language models of, by its own table; empty where it has another form.

    Its module would import torch, which takes seconds; the table is read as text.
    """
    spec = find_spec("transformers")
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec is not None else Path()
    file = folder / "models" / "auto" / "modeling_auto.py"
    text = read_text(file) if is_file(file) else ""
    table = text.partition("MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = ")[2].partition("\n)\n")[0]
    return frozenset(_KIND.findall(table))


def shapes_of(directory: Path) -> Mapping[str, Sequence[int]]:
    """Tensor -> shape, of all weight files of a model."""
    return {name: shape for file in sorted(directory.glob("*.safetensors")) for name, shape in tensors(file).items()}


# --- text ---------------------------------------------------------------------------------------------------------


def token_counter(directory: Path) -> Callable[[Sequence[str]], list[int]] | None:
    """Texts -> their tokens, special ones not counted; None where the tokenizer is none of the fast ones."""
    file = directory / "tokenizer.json"
    if not is_file(file):
        return None
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(read_bytes(file, TOKENIZER_BYTES))
    except InputError:
        raise
    except Exception as error:  # the library raises bare Exception
        raise InputError(f"{file}: not a tokenizer ({legible(str(error))}); copy the model again") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [len(one.ids) for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def template_fault(directory: Path) -> str | None:
    """Why a model's chat template cannot be used, in words; None where it renders a plain conversation."""
    template, special = _template(directory)
    if template is None:
        return (
            "its tokenizer has no chat template; use the instruction-tuned variant, or add a chat_template.jinja to "
            f"{directory}"
        )
    user = [{"role": "user", "content": "Hello?"}]
    errors: list[str] = []
    for messages in ([{"role": "system", "content": "Be brief."}, *user], user):  # some templates know no system turn
        try:
            if "Hello?" in within(TEMPLATE_SECONDS, lambda turns=messages: _render(template, special, turns)):  # type: ignore[misc]
                return None
            errors.append("what a user says does not stand in what it makes")
        except TooLong as error:
            return f"its chat template comes to no end: {error} for two short turns; mend it or use another model"
        except Exception as error:  # a template can raise anything
            errors.append(f"{type(error).__name__}: {legible(str(error))}")
    return f"its chat template fails on a plain conversation: {errors[-1]}; mend it or use another model"


def _template(directory: Path) -> tuple[str | None, Mapping[str, str]]:
    """A folder's chat template, and the special tokens that it may write."""
    file = directory / "tokenizer_config.json"
    config = read_object(file, "the configuration of a tokenizer") if is_file(file) else {}
    special = {key: _token(config.get(key)) for key in ("bos_token", "eos_token", "unk_token", "pad_token")}
    if is_file(directory / "chat_template.jinja"):
        return read_text(directory / "chat_template.jinja", DOCUMENT), special
    template = config.get("chat_template")
    if isinstance(template, list):
        templates = {row.get("name"): row.get("template") for row in template if isinstance(row, dict)}
        template = templates.get("default", next(iter(templates.values()), None))
    if template is None and is_file(directory / "chat_template.json"):
        template = read_object(directory / "chat_template.json", "a chat template").get("chat_template")
    return template if isinstance(template, str) and template else None, special


def _token(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else ""


def _render(template: str, special: Mapping[str, str], messages: Sequence[Mapping[str, str]]) -> str:
    """As transformers renders it, in the same sandbox."""
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda form: "2026-01-01"
    compiled = environment.from_string(_GENERATION.sub("", template))
    return compiled.render(messages=messages, tools=None, documents=None, add_generation_prompt=True, **special)


def _raise(message: str) -> None:
    raise ValueError(message)
