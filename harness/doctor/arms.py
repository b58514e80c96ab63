"""What each arm of a scenario will need: passages, examples, an adapter, memory, minutes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.advice.gpu_memory import Method, card_for, estimate_memory
from harness.arms import Arm
from harness.doctor.check import Check
from harness.doctor.machine import gpu_bytes
from harness.engine.estimate import Forecast
from harness.files.input_file import is_file
from harness.generation.load import model_here
from harness.runs.start import Ready
from harness.stats.numbers import duration, show_count
from harness.weights_file import tensors

LARGE = 1.5  # billions of parameters from which training on a processor takes days


def arm_checks(ready: Ready) -> Iterator[Check]:
    """A line an arm, and one on the whole."""
    forecast = ready.steps()
    for arm in ready.inputs.arms:
        yield _arm(arm, ready, forecast)
    steps = [row for row in forecast.stages if not row.cached]
    finding = f"{show_count(len(steps), 'step')}, about {duration(forecast.seconds)}"
    yield Check("run", "good", finding if steps else "done before: nothing is left to do")


def _arm(arm: Arm, ready: Ready, forecast: Forecast) -> Check:
    scenario, inputs = ready.scenario, ready.inputs
    corpus = inputs.corpus
    parts = [show_count(len(inputs.requests_to(arm)), "question")]
    if arm.retriever and not arm.by_itself:
        pages = len(corpus.documents)
        parts.append(show_count(pages, "document") if pages else show_count(len(corpus.passages), "passage"))
    if arm.few_shot:
        parts.append(show_count(len(inputs.shots), "worked example"))
    if arm.source is not None:
        parts.append("answers from elsewhere")
    if arm.adapter is not None:
        parts.append(f"an adapter of {show_count(len(inputs.examples), 'example')} at most")
    seconds = sum(row.seconds for row in forecast.stages if not row.cached and row.label.split(" ")[-1] == arm.name)
    parts.append(f"about {duration(max(1.0, seconds))} of work" if seconds else "done before")
    if arm.adapter is None or scenario.models.base_url is not None:
        return Check(f"arm {arm.name}", "good", ", ".join(parts))
    return _tuned(arm, ready, ", ".join(parts))


def _tuned(arm: Arm, ready: Ready, words: str) -> Check:
    """An arm that trains: a large model needs a GPU with room for it."""
    billions = parameters(model_here(ready.scenario.models.generator)) / 1e9
    if billions < LARGE:
        return Check(f"arm {arm.name}", "good", words)
    method: Method = "qlora" if ready.scenario.tuning.quantization == "nf4" else "lora"
    need = estimate_memory(billions, method).total_gb
    text = f"{words}; training {billions:.1f} billion parameters takes about {need:.0f} GB of GPU memory (estimate)"
    if gpu_bytes() >= need * 1e9:
        return Check(f"arm {arm.name}", "good", text)
    card = card_for(need)
    return Check(f"arm {arm.name}", "open", text, f"a card of {card:g} GB" if card else "several cards")


def parameters(folder: Path | None) -> int:
    """Parameters of a model, by the heads of its weight files; 0 where there are none to read."""
    files = sorted(folder.glob("*.safetensors")) if folder is not None else []
    total = 0
    for file in files:
        for sizes in tensors(file).values() if is_file(file) else ():
            count = 1
            for size in sizes:
                count *= size
            total += count
    return total
