"""The index at size: speed, memory, disk, recall of HNSW against exact search, and one changed document.

    python -m benchmarks.retrieval_scale SHARED_DATA --passages 20000
    python -m benchmarks.retrieval_scale SHARED_DATA --documents 5000
    python -m benchmarks.retrieval_scale SHARED_DATA --real 4000

Texts are sentences of SQuAD paragraphs, recombined with a seed. Encoding this many texts would measure the encoder and
nothing else, so the vectors are those of real paragraphs with seeded noise and the encoder is timed apart, on a sample
of the same texts; `share_of_encoder` puts both together. A question is always embedded by the real model.
`--real` extrapolates nothing: short passages, the real encoder, end to end, beside the encoder alone on the same texts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.retrieval import index as indexing
from harness.retrieval.embed import LocalEmbedder, load_embedder
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.settings import RetrievalSettings

BUILD = Path("build/benchmarks/retrieval")
SAMPLE = 200  # texts the encoder is timed on
QUERIES = 100


class NoisyEmbedder(LocalEmbedder):
    """Vectors of real paragraphs plus noise for large batches; the real model for a few texts."""

    def __init__(self, real: LocalEmbedder, centres: np.ndarray) -> None:
        super().__init__("minilm", real.folder, real.identity.revision)
        self._real = real
        self._centres = centres
        self._draw = np.random.default_rng(7)
        self.really_embedded = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if len(texts) < 20:
            self.really_embedded += len(texts)
            return self._real.embed(texts)
        picked = self._centres[self._draw.integers(0, len(self._centres), len(texts))]
        noisy = picked + self._draw.normal(0, 0.6 / np.sqrt(picked.shape[1]), picked.shape).astype(np.float32)
        return noisy / np.linalg.norm(noisy, axis=1, keepdims=True)


def sentences(data: Path) -> list[str]:
    found = []
    for article in json.loads((data / "squad2" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            found += [s.strip() for s in paragraph["context"].split(". ") if len(s) > 30]
    return found


def texts(data: Path, count: int) -> Iterator[str]:
    draw, known = random.Random(7), sentences(data)
    for number in range(count):
        yield f"Entry {number}. " + ". ".join(draw.sample(known, 3)) + "."


def prepared(data: Path) -> NoisyEmbedder:
    """The stand-in embedder, put where `open_index` finds it."""
    real = load_embedder("minilm")
    file = BUILD / "centres.npy"
    if not file.is_file():
        np.save(file, real.embed(list(texts(data, 400))))
    noisy = NoisyEmbedder(real, np.load(file))
    indexing.load_embedder = lambda name: noisy  # type: ignore[assignment]
    return noisy


def scale(data: Path, count: int) -> dict[str, Any]:
    noisy = prepared(data)
    corpus = BUILD / f"scale-{count}.jsonl"
    rows = ({"id": f"p{i}", "source": f"d{i // 10}", "text": t} for i, t in enumerate(texts(data, count)))
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    home = BUILD / f"scale-{count}-index-{time.time_ns()}"
    built, build_cpu = _timed(lambda: open_index(corpus, RetrievalSettings(), "minilm", home))
    encoder_cpu = _encoder_seconds(noisy, list(texts(data, SAMPLE))) * count / SAMPLE
    index, reopen = _timed(lambda: indexing.read_index(home, RetrievalSettings(), "minilm"))
    questions = [s.split(",")[0] for s in random.Random(8).sample(sentences(data), QUERIES)]
    retriever = HybridRetriever(index, RetrievalSettings(), cache_seconds=0)
    retriever.retrieve(questions[:3])
    found = [retriever.retrieve([question])[0] for question in questions]
    stages = {s: [1000 * r.seconds[s] for r in found] for s in found[0].seconds}
    return {
        "passages": count,
        "index_cpu_seconds_without_encoder": build_cpu["cpu"],
        "index_wall_seconds_without_encoder": build_cpu["wall"],
        "encoder_cpu_seconds_extrapolated_from_sample": encoder_cpu,
        "share_of_encoder": encoder_cpu / (encoder_cpu + build_cpu["cpu"]),
        "reopen_wall_seconds": reopen["wall"],
        "query_ms": {s: {"p50": float(np.median(v)), "p95": float(np.quantile(v, 0.95))} for s, v in stages.items()},
        "hnsw_recall_at_10": _recall(index, noisy.embed(questions * 2)[:QUERIES]),
        "disk_mb": sum(f.stat().st_size for f in built.folder.rglob("*") if f.is_file()) / 1e6,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def end_to_end(data: Path, count: int) -> dict[str, Any]:
    """Passages a second of indexing, and of the encoder alone on the same texts in the same batches; nothing made up.

    Each is done twice, in turns, since a shared machine's speed drifts; the better of the two counts on both sides.
    """
    known = list(dict.fromkeys(sentences(data)))[:count]
    corpus = BUILD / f"real-{len(known)}.jsonl"
    rows = ({"id": f"p{i}", "source": f"d{i // 10}", "text": text} for i, text in enumerate(known))
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    encoder = load_embedder("minilm")
    encoder.embed(known[:2])
    ordered = sorted(known, key=len)
    alone, whole = [], []
    for turn in range(2):
        alone.append(_timed(lambda: [encoder.embed(ordered[i : i + 1024]) for i in range(0, len(ordered), 1024)])[1])
        home = BUILD / f"real-{len(known)}-index-{time.time_ns()}-{turn}"
        built, seconds = _timed(lambda: open_index(corpus, RetrievalSettings(), "minilm", home))  # noqa: B023
        whole.append(seconds)
    rates = {name: len(known) / min(run["wall"] for run in runs) for name, runs in (("a", alone), ("w", whole))}
    return {
        "passages": len(known),
        "tokens_mean": float(np.mean(encoder.counts(known))),
        "embedded": built.report.embedded,
        "encoder_alone": alone,
        "indexing": whole,
        "encoder_passages_per_second": rates["a"],
        "indexing_passages_per_second": rates["w"],
        "share_of_encoder": rates["w"] / rates["a"],
        "steps": dict(built.report.seconds),
    }


def _encoder_seconds(noisy: NoisyEmbedder, sample: list[str]) -> float:
    noisy._real.embed(sample[:2])
    return _timed(lambda: noisy._real.embed(sample))[1]["cpu"]


def _timed(work: Any) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _recall(index: indexing.Index, queries: np.ndarray) -> float:
    """Share of the ten truly nearest vectors that HNSW finds."""
    near = index.dense.search(queries, 10)
    ids, matrix = index.dense._load(None)
    exact = np.argsort(-(queries @ matrix.T), axis=1, kind="stable")[:, :10]
    hits = [len({i for i, _ in a} & {ids[j] for j in b}) for a, b in zip(near, exact, strict=True)]
    return float(np.mean(hits) / 10)


def one_changed(data: Path, count: int) -> dict[str, Any]:
    """One document in `count` changed: what is embedded again and how long it takes."""
    noisy = prepared(data)
    corpus = BUILD / f"documents-{count}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts(data, count)):
        (corpus / f"d{number}.md").write_text(f"# Document {number}\n\n{text}\n", encoding="utf-8")
    home = BUILD / f"documents-{count}-index-{time.time_ns()}"
    _, first = _timed(lambda: open_index(corpus, RetrievalSettings(), "minilm", home))
    _, unchanged = _timed(lambda: open_index(corpus, RetrievalSettings(), "minilm", home))
    (corpus / "d7.md").write_text("# Document 7\n\nThis one was changed just now.\n", encoding="utf-8")
    before = noisy.really_embedded
    again, changed = _timed(lambda: open_index(corpus, RetrievalSettings(), "minilm", home))
    return {
        "documents": count,
        "passages": len(again.entries),
        "first": first,
        "unchanged": unchanged,
        "one_changed": changed,
        "passages_embedded": again.report.embedded,
        "really_embedded": noisy.really_embedded - before,
        "steps": dict(again.report.seconds),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--real", type=int)
    asked = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    if asked.real:
        result = end_to_end(asked.data, asked.real)
    elif asked.passages:
        result = scale(asked.data, asked.passages)
    else:
        result = one_changed(asked.data, asked.documents or 5000)
    print(json.dumps(result, indent=1))
