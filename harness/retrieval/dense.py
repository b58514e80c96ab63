"""Dense search: unit vectors in a persistent Chroma collection, approximate (HNSW) when large, exact when small.

A vector's id is the hash of the text it was made from, so that an unchanged passage is never embedded twice and a
changed corpus is a set difference.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

COLLECTION = "passages"
HNSW_DEFAULTS: Mapping[str, int] = {"ef_construction": 200, "max_neighbors": 32, "ef_search": 200}
_READ = 5000  # vectors fetched at once


def hnsw_settings(settings: Mapping[str, int]) -> dict[str, int]:
    """HNSW settings with the defaults filled in. InputError names an unknown or impossible one."""
    for name, value in settings.items():
        if name not in HNSW_DEFAULTS:
            raise InputError(f"retrieval.hnsw: unknown setting '{name}'; known: {', '.join(HNSW_DEFAULTS)}")
        if not isinstance(value, int) or value < 2:
            raise InputError(f"retrieval.hnsw.{name} is {value!r}, expected a whole number of at least 2")
    return {**HNSW_DEFAULTS, **settings}


def _client(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def build_dense(
    folder: Path,
    vector_ids: Sequence[str],
    hnsw: Mapping[str, int],
    previous: Path | None,
    embed: Callable[[list[str]], Iterator[tuple[list[str], Matrix]]],
) -> int:
    """Make a collection in `folder` that holds exactly these vectors; returns how many had to be embedded.

    Args:
        vector_ids: what it is to hold.
        previous: an older collection of the same model; its vectors are taken over, and it is left untouched.
        embed: yields (ids, vectors) for the ids that are missing, in convenient batches.
    """
    folder.mkdir(parents=True)
    same = previous is not None and _configuration(previous) == dict(hnsw)
    if previous is not None and same:
        # a copied HNSW graph takes a few new points in milliseconds; building it anew takes minutes at 100 k
        shutil.copytree(previous, folder, dirs_exist_ok=True)
    client = _client(folder)
    collection = client.get_or_create_collection(
        COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine", **hnsw}}
    )
    if previous is not None and not same:
        for ids, vectors in _vectors_of(previous, set(vector_ids)):
            _add(client, collection, ids, vectors)
    have = set(collection.get(include=[])["ids"])
    surplus, missing = sorted(have - set(vector_ids)), [i for i in dict.fromkeys(vector_ids) if i not in have]
    for batch in _batches(surplus, client.get_max_batch_size()):
        collection.delete(ids=list(batch))
    for ids, vectors in embed(missing) if missing else ():
        _add(client, collection, ids, vectors)
    return len(missing)


def _configuration(folder: Path) -> dict[str, int | None]:
    hnsw = _client(folder).get_collection(COLLECTION, embedding_function=None).configuration.get("hnsw") or {}
    return {name: hnsw.get(name) for name in HNSW_DEFAULTS}


def _vectors_of(folder: Path, among: set[str]) -> Iterator[tuple[list[str], Matrix]]:
    """Vectors of another collection, those of these ids."""
    collection = _client(folder).get_collection(COLLECTION, embedding_function=None)
    ids = [i for i in collection.get(include=[])["ids"] if i in among]
    for batch in _batches(ids, _READ):
        batch_rows = collection.get(ids=list(batch), include=["embeddings"])
        yield batch_rows["ids"], batch_rows["embeddings"]


def _add(client: ClientAPI, collection: Collection, ids: Sequence[str], vectors: Matrix) -> None:
    size = client.get_max_batch_size()
    for start in range(0, len(ids), size):
        collection.add(ids=list(ids[start : start + size]), embeddings=vectors[start : start + size])


def _batches(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[i : i + size] for i in range(0, len(items), size))


class DenseIndex:
    """Nearest vectors by cosine. Under `exact_below` vectors every one is compared, by numpy."""

    def __init__(self, folder: Path, exact_below: int) -> None:
        self._collection = _client(folder).get_collection(COLLECTION, embedding_function=None)
        self.size: int = self._collection.count()
        self.exact = self.size < exact_below
        self._ids: list[str] = []
        self._matrix: Matrix | None = None
        if self.exact and self.size:
            self._ids, self._matrix = self._load(None)

    def _load(self, ids: Sequence[str] | None) -> tuple[list[str], Matrix]:
        """Vectors of the ids (all without), sorted by id so that ties fall the same way every time."""
        import numpy as np

        names = sorted(self._collection.get(include=[])["ids"] if ids is None else set(ids))
        vectors: dict[str, Matrix] = {}
        for batch in _batches(names, _READ):
            rows = self._collection.get(ids=list(batch), include=["embeddings"])
            vectors.update(zip(rows["ids"], rows["embeddings"], strict=True))
        return names, np.asarray([vectors[i] for i in names], dtype=np.float32)

    def search(self, queries: Matrix, k: int, among: Sequence[str] | None = None) -> list[list[tuple[str, float]]]:
        """The k nearest vectors of each query as (id, cosine), best first.

        Args:
            queries: unit vectors, shape (questions, dimension).
            among: search these ids only (a metadata filter).
        """
        if not self.size or not len(queries) or (among is not None and not among):
            return [[] for _ in queries]
        if self._matrix is not None:
            return self._search_exactly(queries, k, among)
        limits = {} if among is None else {"ids": list(among)}
        result = self._collection.query(
            query_embeddings=queries, n_results=min(k, self.size), include=["distances"], **limits
        )
        pairs = zip(result["ids"], result["distances"], strict=True)
        return [[(i, 1.0 - float(d)) for i, d in zip(ids, far, strict=True)] for ids, far in pairs]

    def _search_exactly(self, queries: Matrix, k: int, among: Sequence[str] | None) -> list[list[tuple[str, float]]]:
        import numpy as np

        matrix = cast("Matrix", self._matrix)
        allowed = None if among is None else set(among)
        rows = np.array([j for j, i in enumerate(self._ids) if allowed is None or i in allowed], dtype=np.int64)
        cosines = queries @ matrix[rows].T if allowed is not None else queries @ matrix.T
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        return [[(self._ids[rows[j]], float(line[j])) for j in best] for line, best in zip(cosines, order, strict=True)]

    def vectors(self, ids: Sequence[str]) -> dict[str, Matrix]:
        """The stored vectors of the ids."""
        import numpy as np

        if self._matrix is not None:
            position = {i: j for j, i in enumerate(self._ids)}
            return {i: self._matrix[position[i]] for i in ids}
        rows = self._collection.get(ids=sorted(set(ids)), include=["embeddings"])
        return {i: np.asarray(v, dtype=np.float32) for i, v in zip(rows["ids"], rows["embeddings"], strict=True)}
