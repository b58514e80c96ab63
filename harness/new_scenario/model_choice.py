"""The model of a new scenario: as it is named, or the only one that a server lists."""

from __future__ import annotations

from pathlib import Path

from harness.errors import EnvironmentFailure, InputError
from harness.files.input_file import is_dir, real
from harness.generation.endpoint import shown_name
from harness.generation.served_models import served_rows
from harness.scenario.address import address_fault, is_key
from harness.scenario.settings import Models

MOST_NAMED = 8


def models_of(model: str | None, base_url: str | None, api_key_env: str | None) -> Models:
    """The block `models:`.

    Args:
        model: a built-in model, a folder, a hub id, or a server's name of it; None: the default, or its only one.
        api_key_env: the name of an environment variable, never a key.

    Raises:
        InputError: an address that is none, a key in place of a name, a server that lists none or several models.
        EnvironmentFailure: the server is to be asked for its models and cannot be reached.
    """
    if base_url is None:
        if api_key_env is not None:
            raise InputError("--api-key-env is about a server; name it with --base-url, or leave the option out")
        return Models() if model is None else Models(generator=str(real(Path(model))) if is_dir(Path(model)) else model)
    if (fault := address_fault(base_url)) is not None:
        raise InputError(f"--base-url {fault}")
    if api_key_env is not None and is_key(api_key_env):
        raise InputError(
            f"--api-key-env {shown_name(api_key_env)}: expected the name of an environment variable, not a key; "
            "set the variable and name it"
        )
    name = model if model is not None else _only_model(base_url, api_key_env)
    return Models(generator=name, base_url=base_url, api_key_env=api_key_env)


def _only_model(base_url: str, api_key_env: str | None) -> str:
    advice = "name one with --model"
    try:
        names = [str(row["id"]) for row in served_rows(base_url, api_key_env, "--api-key-env")]
    except InputError as error:
        raise InputError(f"{error}; or {advice}") from None
    except EnvironmentFailure as error:
        raise EnvironmentFailure(f"{error}; start it, or {advice}") from None
    if len(names) == 1:
        return names[0]
    if not names:
        raise InputError(f"{base_url}: the server lists no model; {advice}")
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    raise InputError(f"{base_url}: the server has {', '.join(names[:MOST_NAMED])}{more}; {advice}")
