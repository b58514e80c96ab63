"""LangChain's hybrid retriever (BM25Retriever + vectors in an EnsembleRetriever) beside ours, same run, same model.

python -m benchmarks.retrieval_langchain SHARED_DATA
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.retrieval_quality import BUILD, mean, opened
from harness.metrics.retrieval import per_case
from harness.retrieval.embed import load_embedder
from harness.retrieval.pipeline import HybridRetriever
from harness.settings import RetrievalSettings
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


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    index, cases = opened("anthropic", Path(sys.argv[1]))
    index.embedder = load_embedder("minilm")
    ours = HybridRetriever(index, RetrievalSettings(), depth=DEPTH, cache_seconds=0)
    rows = {
        "harness": measured(cases, lambda q: [hit.passage for hit in ours.retrieve([q])[0].hits]),
        "langchain": measured(cases, langchain_retriever(index.passages)),
    }
    print(json.dumps(rows, indent=1))
