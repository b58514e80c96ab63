"""Log-likelihoods for lm-eval with what its requests begin alike with computed once, and nothing padded.

Four choices continue one question, and the questions of a subject follow the same worked examples. Requests are laid
out as a tree of tokens: a token is computed once for all that begin with it, and sees its own ancestors alone (a mask
over the whole tree; token trees as in SpecInfer, Miao et al. 2024). What more than one pass begins with is kept as keys
and values between them. Logits are computed where a choice's tokens are predicted, and nowhere else.

Same numbers as lm-eval's own `HFLM` up to rounding (a test compares them); a model whose attention takes no such mask
is asked by `HFLM` itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.generation.attention import takes_masks
from harness.generation.batches import common
from harness.generation.decode import MIN_SHARED_TOKENS, attends_fully

if TYPE_CHECKING:
    import torch
    from lm_eval.models.huggingface import HFLM
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TOKENS_AT_ONCE = 512  # of one pass: more look at more keys that are not theirs, fewer leave the products narrow
BATCH = 8  # requests of one pass of HFLM's own


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a model reads, and the tokens at its end that are scored."""

    tokens: list[int]  # all but the last, which predicts nothing
    targets: list[int]


@dataclass(frozen=True, slots=True)
class TokenTree:
    """Continuations behind a known beginning, as the tokens of one pass."""

    shared_tokens: int  # tokens of the beginning
    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)  # place of the token before; -1: the beginning
    depths: list[int] = field(default_factory=list)  # position in its sequence
    scored: list[tuple[int, list[int]]] = field(default_factory=list)  # (request, places that predict its targets)

    def add(self, request: int, row: Continuation, path: list[int], shared: int) -> list[int]:
        """One more continuation; `path`: the places of the one before it, `shared` of them its own too."""
        own = path[:shared]
        for token in row.tokens[self.shared_tokens + shared :]:
            self.parents.append(own[-1] if own else -1)
            self.depths.append(self.shared_tokens + len(own))
            own.append(len(self.tokens))
            self.tokens.append(token)
        self.scored.append((request, own[len(own) - len(row.targets) :]))
        return own


@dataclass(frozen=True, slots=True)
class Passes:
    """A beginning, computed first and kept, and the trees that grow from it."""

    beginning: list[int]
    trees: list[TokenTree]

    @property
    def computed(self) -> int:
        """Tokens that the model reads for them."""
        return len(self.beginning) + sum(len(tree.tokens) for tree in self.trees)


def lay_out(rows: Sequence[Continuation], most: int = TOKENS_AT_ONCE) -> Iterator[Passes]:
    """All rows, each in one tree of at most `most` tokens (or alone), in passes that compute little twice."""
    order = sorted(range(len(rows)), key=lambda index: rows[index].tokens)
    together: list[int] = []
    room = most
    for family in _families(rows, order):
        size = _size(rows, family, 0)
        if size > most and len(family) > 1:
            yield from _grown(rows, family, _beginning(rows, family), most)
            continue
        if size > room and together:
            yield from _grown(rows, together, 0, most)
            together, room = [], most
        together += family
        room -= size
    if together:
        yield from _grown(rows, together, 0, most)


def _families(rows: Sequence[Continuation], order: Sequence[int]) -> Iterator[list[int]]:
    """Runs of rows, in the order of their tokens, that begin alike for long enough to be worth sharing."""
    family: list[int] = []
    for index in order:
        if family and common(rows[family[-1]].tokens, rows[index].tokens) < MIN_SHARED_TOKENS:
            yield family
            family = []
        family.append(index)
    if family:
        yield family


def _beginning(rows: Sequence[Continuation], family: Sequence[int]) -> int:
    """Tokens that all of a family begin with, up to the first that predicts a target."""
    shared = common(rows[family[0]].tokens, rows[family[-1]].tokens)  # the extremes in order share what all share
    return min(shared, *(len(rows[index].tokens) - len(rows[index].targets) for index in family))


def _size(rows: Sequence[Continuation], family: Sequence[int], shared_tokens: int) -> int:
    """Tokens of the tree of these rows."""
    first = len(rows[family[0]].tokens) - shared_tokens
    return first + sum(_fresh(rows[a], rows[b]) for a, b in pairwise(family))


def _fresh(before: Continuation, row: Continuation) -> int:
    return len(row.tokens) - common(before.tokens, row.tokens)


def _grown(rows: Sequence[Continuation], family: Sequence[int], shared_tokens: int, most: int) -> Iterator[Passes]:
    trees: list[TokenTree] = []
    path: list[int] = []
    before: int | None = None
    for index in family:
        row = rows[index]
        shared = 0 if before is None else common(rows[before].tokens, row.tokens) - shared_tokens
        if not trees or len(trees[-1].tokens) + len(row.tokens) - shared_tokens - shared > most:
            trees.append(TokenTree(shared_tokens))
            path, shared = [], 0
        path = trees[-1].add(index, row, path, shared)
        before = index
    yield Passes(rows[family[0]].tokens[:shared_tokens], trees)


def log_likelihoods(model: PreTrainedModel, rows: Sequence[Continuation]) -> list[tuple[float, bool]]:
    """For each row the summed log-probability of its targets, nats, and whether each is the likeliest token."""
    import torch

    scores: dict[int, tuple[float, bool]] = {}
    with torch.inference_mode():
        for passes in lay_out(rows):
            scores.update(_scores(model, rows, passes))
    return [scores[index] for index in range(len(rows))]


def _scores(
    model: PreTrainedModel, rows: Sequence[Continuation], passes: Passes
) -> Iterable[tuple[int, tuple[float, bool]]]:
    import torch
    from transformers import DynamicCache

    cache = DynamicCache()
    shared_tokens = len(passes.beginning)
    if shared_tokens:
        model(input_ids=_row(model, passes.beginning), past_key_values=cache, use_cache=True, logits_to_keep=1)
    for tree in passes.trees:
        if shared_tokens:
            cache.crop(shared_tokens)
        places = sorted({place for _, path in tree.scored for place in path})
        logits = model(
            input_ids=_row(model, tree.tokens), position_ids=_row(model, tree.depths),
            attention_mask=_sight(tree).to(model.device)[None, None], past_key_values=cache if shared_tokens else None,
            use_cache=bool(shared_tokens), logits_to_keep=torch.tensor(places, device=model.device),
        ).logits[0].float()  # fmt: skip
        likeliest, sums = logits.argmax(-1).cpu(), logits.logsumexp(-1)
        at = {place: number for number, place in enumerate(places)}
        for request, path in tree.scored:
            lines, targets = torch.tensor([at[place] for place in path]), torch.tensor(rows[request].targets)
            total = float((logits[lines, targets] - sums[lines]).sum())
            yield request, (total, bool((likeliest[lines] == targets).all()))


def _row(model: PreTrainedModel, values: list[int]) -> torch.Tensor:
    import torch

    return torch.tensor([values], device=model.device)


def _sight(tree: TokenTree) -> torch.Tensor:
    """(tokens, beginning + tokens): whether a token sees another: the beginning, its ancestors, itself."""
    import torch

    size = len(tree.tokens)
    sight = torch.zeros(size, tree.shared_tokens + size, dtype=torch.bool)
    sight[:, : tree.shared_tokens] = True
    lines = sight.numpy()[:, tree.shared_tokens :]
    for place, parent in enumerate(tree.parents):
        if parent >= 0:
            lines[place, :place] = lines[parent, :place]
        lines[place, place] = True
    return sight


def scores_trees(model: PreTrainedModel) -> bool:
    """Whether a model can be asked so: full attention by a mask of ours, and logits at chosen places."""
    forward = inspect.signature(model.forward).parameters
    return takes_masks(model) and attends_fully(model) and "logits_to_keep" in forward


def wrapped(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, window: int) -> HFLM:
    """The model as lm-eval takes it; `window`: tokens that a request may have, longer ones lose their beginning."""
    from lm_eval.models.huggingface import HFLM

    if not scores_trees(model):
        return HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH, max_length=window)

    class SharedPrefixes(HFLM):  # type: ignore[misc]
        def _loglikelihood_tokens(
            self, requests: list[tuple[Any, list[int], list[int]]], *_: object, **__: object
        ) -> list[tuple[float, bool]]:
            longest = max((len(targets) for _, _, targets in requests), default=0)
            if longest > window:
                raise InputError(f"a choice of {longest} tokens exceeds the {window} that the model is asked with")
            texts = [((context + targets)[-(window + 1) :], targets) for _, context, targets in requests]
            return log_likelihoods(self.model, [Continuation(text[:-1], targets) for text, targets in texts])

    return SharedPrefixes(pretrained=model, tokenizer=tokenizer, batch_size=BATCH, max_length=window)
