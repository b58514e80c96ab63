"""The tuned re-ranker: trained on the training questions, kept or not on dev, measured with and without it on test.

    python -m benchmarks.retrieval_reranker scenarios/helpdesk
    python -m benchmarks.retrieval_reranker SHARED_DATA          # SQuAD 2.0; its paragraphs take hours on a busy core

On SQuAD all paragraphs of the development set are the corpus; its articles are dealt by seed to train (8), dev (3) and
test (5), so that no paragraph is learned from and asked about. Prints one JSON object with paired test figures.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.retrieval_datasets import squad2
from harness.engine.store import default_store
from harness.golden.clusters import case_clusters
from harness.golden.load import load_cases
from harness.metrics.retrieval import per_case
from harness.record.codec import plain
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.load import load_scenario
from harness.stages.rerank import ranking_on, reranker_of
from harness.stats import mean, paired

BUILD = Path("build/benchmarks/retrieval")
TEST_QUESTIONS = 250


def dealt(data: Path, top_k: int = 4) -> Path:
    """The scenario folder, golden cases labelled by the split of their article."""
    folder = squad2(data / "squad2", BUILD / "squad2-reranker")
    golden = folder / "golden.jsonl"
    rows = [json.loads(line) for line in golden.read_text(encoding="utf-8").splitlines()]
    articles = sorted({row["evidence"][0].rsplit("-", 1)[0] for row in rows})
    random.Random(7).shuffle(articles)
    split = {a: "train" if i < 8 else "dev" if i < 11 else "test" for i, a in enumerate(articles)}
    labelled = [{**row, "split": split[row["evidence"][0].rsplit("-", 1)[0]]} for row in rows]
    golden.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in labelled), encoding="utf-8")
    (folder / "scenario.yaml").write_text(
        "title: SQuAD with a tuned re-ranker\ncorpus: corpus.jsonl\ngolden: golden.jsonl\n"
        f"retrieval: {{reranker: tuned, top_k: {top_k}}}\n",
        encoding="utf-8",
    )
    return folder


def measured(folder: Path) -> dict[str, Any]:
    as_written = load_scenario(folder)
    scenario = replace(as_written, retrieval=replace(as_written.retrieval, reranker="tuned"))
    assert scenario.corpus is not None
    assert scenario.golden is not None
    index = open_index(scenario.corpus, scenario.retrieval, "minilm", BUILD / f"{folder.name}-index")
    start = time.perf_counter()
    store, stage = default_store(), reranker_of(scenario)
    assert stage is not None
    ranking = ranking_on(scenario, index, store, lambda _, done, total: print(f"step {done}/{total}", file=sys.stderr))
    seconds = time.perf_counter() - start
    test = [
        case for case in load_cases(scenario.golden, answers_required=False) if case.split == "test" and case.evidence
    ]
    picked = random.Random(8).sample(test, min(TEST_QUESTIONS, len(test)))
    of = case_clusters(picked, index.passages)
    labels = [of[case.id] for case in picked]
    values, latency = {}, {}
    for name, reranker in (("without", None), ("tuned", ranking.reranker)):
        settings = replace(ranking.settings, rerank_weight=ranking.settings.rerank_weight if reranker else 1.0)
        retriever = HybridRetriever(index, settings, reranker, depth=10, cache_seconds=0)
        begun = time.perf_counter()
        retrievals = retriever.retrieve([case.question for case in picked])
        latency[name] = 1000 * (time.perf_counter() - begun) / len(picked)
        ranked = [[hit.passage for hit in retrieval.hits] for retrieval in retrievals]
        values[name] = {k: per_case(picked, ranked, k) for k in (1, scenario.retrieval.top_k, 10)}
    figures: dict[str, Any] = {}
    for k, name in ((1, "recall"), (scenario.retrieval.top_k, "ndcg"), (10, "mrr")):
        before, after = values["without"][k][name], values["tuned"][k][name]
        gain = paired(after, before, labels, scenario.seed)
        figures[f"{name}@{k}"] = {
            "without": asdict(mean(before, labels, unit="fraction")),
            "tuned": asdict(mean(after, labels, unit="fraction")),
            "difference_points": asdict(gain),
        }
    return {
        "training": plain(store.result(stage)),
        "seconds": seconds,
        "test_questions": len(picked),
        "articles": len(set(labels)),
        "ms_a_question": latency,
        "test": figures,
    }


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    named = Path(sys.argv[1])
    print(json.dumps(measured(named if (named / "scenario.yaml").is_file() else dealt(named)), indent=1))
