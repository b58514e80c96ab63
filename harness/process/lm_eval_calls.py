"""lm-eval without what it does beside asking: nothing of the machine is described, and templates reach no Python."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@contextlib.contextmanager
def only_asked() -> Iterator[None]:
    """lm-eval describes the machine beside its results by `pip list`: seconds, and pip looks for a newer pip online. It
    also asks git for a commit, which prints `fatal:` in every folder that is no checkout. A task file's templates are
    text that somebody wrote: they get a sandbox."""
    from lm_eval import evaluator, utils

    described = {"add_env_info": lambda storage: None, "get_git_commit_hash": lambda: None}
    originals = {name: getattr(evaluator, name) for name in described}
    templates = utils.env
    try:
        for name, nothing in described.items():
            setattr(evaluator, name, nothing)
        utils.env = _sandboxed(templates)
        yield
    finally:
        utils.env = templates
        for name, own in originals.items():
            setattr(evaluator, name, own)


def _sandboxed(templates: Environment) -> Environment:
    """An environment that renders the same templates, and lets none of them reach what its values are made of."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sandbox = ImmutableSandboxedEnvironment(undefined=templates.undefined, keep_trailing_newline=True)
    sandbox.filters |= templates.filters
    return sandbox
