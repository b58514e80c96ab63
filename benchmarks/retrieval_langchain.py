"""LangChain's hybrid retriever (BM25Retriever + vectors in an EnsembleRetriever) beside ours, same run, same model.

    python -m benchmarks.retrieval_langchain SHARED_DATA                    # quality, on the documentation questions
    python -m benchmarks.retrieval_langchain SHARED_DATA --passages 20000   # indexing and search at size

At size both get the texts and vectors of `retrieval_scale`, LangChain keeps its vectors in its own Chroma store, and
the questions are asked in turns, so that a busy machine is busy for both. Needs langchain-classic,
langchain-community and langchain-chroma.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import retrieval_scale as scale
from benchmarks.retrieval_quality import BUILD, mean, opened
from harness.metrics.retrieval import per_case
from harness.retrieval.embed import load_embedder
from harness.retrieval.pipeline import HybridRetriever
from harness.scenario.settings import RetrievalSettings
from harness.types import Case, Passage

DEPTH = 3


def langchain_retriever(passages: tuple[Passage, ...]) -> Callable[[str], list[Passage]]:
    """Its own defaults: whitespace BM25Okapi, one vector a text, weights 1 : 1, RRF with 60; ten from either side."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    model = load_embedder("minilm")

    class MiniLM(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in vector] for vector in model.embed(texts)]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    documents = [Document(page_content=p.text, metadata={"row": i}) for i, p in enumerate(passages)]
    words = BM25Retriever.from_documents(documents, k=10)
    vectors = InMemoryVectorStore.from_documents(documents, MiniLM()).as_retriever(search_kwargs={"k": 10})
    both = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])
    return lambda question: [passages[d.metadata["row"]] for d in both.invoke(question)[:DEPTH]]


def measured(cases: tuple[Case, ...], ask: Callable[[str], list[Passage]]) -> dict[str, float]:
    found, seconds = [], []
    ask(cases[0].question)
    for case in cases:
        start = time.perf_counter()
        found.append(ask(case.question))
        seconds.append(time.perf_counter() - start)
    values = per_case(cases, found, DEPTH)
    row = {m: round(mean(values[m]), 4) for m in ("recall", "precision", "mrr")}
    return row | {"p50_ms": round(1000 * statistics.median(seconds), 1)}


# --- at size ------------------------------------------------------------------------------------------------------


def at_size(data: Path, count: int) -> dict[str, Any]:
    """Seconds to index, and milliseconds a question, of both on the same passages, vectors and questions."""
    noisy = scale.prepared(data)
    known = list(scale.texts(data, count))
    corpus = BUILD / f"beside-{count}.jsonl"
    rows = ({"id": f"p{i}", "source": f"d{i // 10}", "text": text} for i, text in enumerate(known))
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    home = BUILD / f"beside-{count}-{time.time_ns()}"
    index, ours_built = scale._timed(lambda: scale.open_index(corpus, RetrievalSettings(), "minilm", home / "ours"))
    theirs, theirs_built = scale._timed(lambda: _langchain_chroma(known, noisy, home / "theirs"))
    ours = HybridRetriever(index, RetrievalSettings(), depth=10, cache_seconds=0)
    asked = [s.split(",")[0] for s in random.Random(8).sample(scale.sentences(data), scale.QUERIES)]
    ways = {"harness": lambda q: ours.retrieve([q])[0].hits, "langchain": theirs.invoke}
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for number, question in enumerate([*asked[:3], *asked]):
        for name, ask in ways.items():
            seconds = scale._timed(lambda: ask(question))[1]  # noqa: B023
            taken[name] += [seconds] if number >= 3 else []
    built = {"harness": ours_built, "langchain": theirs_built}
    return {"passages": count, "questions": len(asked)} | {
        name: {
            "index_seconds_without_encoder": built[name],
            "wall_ms": _spread([1000 * t["wall"] for t in times]),
            "processor_ms": _spread([1000 * t["cpu"] for t in times]),
        }
        for name, times in taken.items()
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 1), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1)}


def _langchain_chroma(known: list[str], model: Any, folder: Path) -> Any:
    """BM25Retriever and Chroma, ten from either side, fused by RRF: what its documentation shows."""
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    class Same(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in vector] for vector in model.embed(texts)]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    documents = [Document(page_content=text, metadata={"row": i}) for i, text in enumerate(known)]
    words = BM25Retriever.from_documents(documents, k=10)
    vectors = Chroma.from_documents(documents, Same(), persist_directory=str(folder)).as_retriever(
        search_kwargs={"k": 10}
    )
    return EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 3:
        print(json.dumps(at_size(Path(sys.argv[1]), int(sys.argv[3])), indent=1))
        raise SystemExit
    index, cases = opened("anthropic", Path(sys.argv[1]))
    index.embedder = load_embedder("minilm")
    ours = HybridRetriever(index, RetrievalSettings(), depth=DEPTH, cache_seconds=0)
    rows = {
        "harness": measured(cases, lambda q: [hit.passage for hit in ours.retrieve([q])[0].hits]),
        "langchain": measured(cases, langchain_retriever(index.passages)),
    }
    print(json.dumps(rows, indent=1))
