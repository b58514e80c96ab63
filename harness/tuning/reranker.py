"""`retrieval.reranker: tuned`: a cross-encoder trained on the scenario's own questions, kept only if it helps on dev.

It starts from `models.reranker` where one is named, else from the embedder (Nogueira & Cho 2019, begun from a sentence
encoder: the head is new, the layers are not). Its weight against the fused order is chosen on training questions held
out from the training; the dev split judges once, paired by question. What did not prove its worth there is not used,
and the result says so with both figures.
"""

from __future__ import annotations

import os
import random
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.golden.clusters import case_clusters
from harness.metrics.retrieval import per_case
from harness.record.measurements import RerankerSection, RerankerTrial
from harness.retrieval.pipeline import HybridRetriever, Index
from harness.retrieval.rerank import CrossEncoderReranker, load_reranker
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.stats import mean, paired
from harness.tuning.pairs import Lessons, RankingPair, TrainingQuestion, by_name, holders, labelled_pairs, lessons
from harness.types import Case, Passage, Reranker, Retriever

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments

Progress = Callable[[int, int], None]  # steps done, steps in all

MODEL = "model"  # folder of the trained weights
STEPS = 100  # about two minutes on one busy core
BATCH = 16
NEGATIVES = 3  # hard ones for each right passage
PASSES = 3  # over the pairs, where they are too few to fill the steps
LEARNING_RATE = 1e-4
MOST_TOKENS = 256  # of question and passage together
LEAST_QUESTIONS = 50  # under this there is nothing to learn and to choose a weight on
MOST_HELD_OUT = 60  # training questions that choose the weight
MOST_DEV = 200  # dev questions that judge, spread evenly
WEIGHTS = (0.1, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A re-ranker, with the retrieval settings that go with it."""

    reranker: Reranker | None
    settings: RetrievalSettings


def named_ranking(scenario: Scenario) -> Ranking:
    """The re-ranker that the scenario names."""
    return Ranking(load_reranker(scenario.models.reranker), scenario.retrieval)


def tuned_ranking(scenario: Scenario, outcome: RerankerSection, folder: Path) -> Ranking:
    """The re-ranker that was tuned into a folder, with its weight; the named one where it did not prove its worth."""
    if not outcome.kept or outcome.weight is None:
        return named_ranking(scenario)
    settings = replace(scenario.retrieval, rerank_weight=outcome.weight)
    return Ranking(CrossEncoderReranker(str(folder / MODEL)), settings)


def make_reranker(scenario: Scenario, index: Index, folder: Path, progress: Progress | None = None) -> RerankerSection:
    """Train a re-ranker, judge it, and keep its model in `folder` where it proved its worth.

    The model is trained under a name of its own, so that it appears whole or not at all.
    """
    work = folder / f"work.{uuid.uuid4().hex[:6]}"
    work.mkdir(parents=True)
    try:
        outcome = _outcome(scenario, index, lessons(scenario, index.passages), work / MODEL, progress)
        if outcome.kept:  # else 90 MB that nobody will read
            shutil.rmtree(folder / MODEL, ignore_errors=True)
            os.replace(work / MODEL, folder / MODEL)
        return outcome
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _outcome(
    scenario: Scenario, index: Index, material: Lessons, model: Path, progress: Progress | None
) -> RerankerSection:
    """The re-ranker trained into `model` and judged; nothing is trained where nothing could be learnt or shown."""
    untrained = RerankerSection(
        kept=False,
        reason="",
        start=_start(scenario)[0],
        questions=len(material.questions),
        left_out=material.left_out,
        golden_passages_kept_out=len(material.golden),
        dev_questions=len(material.dev),
        seed=scenario.seed,
    )
    if len(material.questions) < LEAST_QUESTIONS:
        reason = f"{len(material.questions)} usable training questions, at least {LEAST_QUESTIONS} needed"
        return replace(untrained, reason=reason)
    if not material.dev:
        return replace(untrained, reason="no dev case with evidence, so that nothing can show whether it helps")
    start = time.perf_counter()
    outcome = _trained(untrained, scenario, index, material, model, progress)
    return replace(outcome, seconds=round(time.perf_counter() - start, 1))


def _trained(
    untrained: RerankerSection,
    scenario: Scenario,
    index: Index,
    material: Lessons,
    model: Path,
    progress: Progress | None,
) -> RerankerSection:
    settings, seed = scenario.retrieval, scenario.seed
    learnt, held_out = split_questions(material.questions, index.passages, seed)
    examples = _examples(learnt, held_out, material, index, scenario)
    steps = min(STEPS, -(-len(examples) * PASSES // BATCH))
    train(_start(scenario)[1], examples, steps, model, seed, progress)
    reranker = CrossEncoderReranker(str(model))
    weight = chosen_weight(held_out, index, settings, reranker)
    retriever = HybridRetriever(index, replace(settings, rerank_weight=weight), reranker, cache_seconds=0)
    rival = HybridRetriever(index, settings, load_reranker(scenario.models.reranker), cache_seconds=0)
    dev = judge_on_dev(material.dev, index.passages, retriever, rival, seed)
    reason = "the whole interval of its gain on dev is above 0"
    if not is_proven(dev):
        reason = "its gain on dev is not proven: the interval does not clear 0"
    return replace(
        untrained,
        kept=is_proven(dev),
        reason=reason,
        pairs=len(examples),
        steps=steps,
        held_out=len(held_out),
        weight=weight,
        dev=dev,
    )


def _examples(
    learnt: Sequence[TrainingQuestion],
    held_out: Sequence[TrainingQuestion],
    material: Lessons,
    index: Index,
    scenario: Scenario,
) -> list[RankingPair]:
    """Labelled pairs of the questions to learn from; no passage that answers a held-out question is in them."""
    passage_of = by_name(index.passages)
    apart = {p.id for question in held_out for item in question.evidence for p in holders(item, passage_of)}
    plain = HybridRetriever(index, _first_stage(scenario.retrieval), depth=scenario.retrieval.candidates)
    unseen = replace(material, golden=material.golden | apart)
    return labelled_pairs(learnt, unseen, index.passages, plain, NEGATIVES, scenario.seed)


def _start(scenario: Scenario) -> tuple[str, str]:
    """(name, what loads it) of the model that training starts from."""
    from harness.retrieval.embed import load_embedder

    name = scenario.models.reranker
    return (name, name) if name != "none" else (
        scenario.models.embedder, str(load_embedder(scenario.models.embedder).folder)
    )  # fmt: skip


def _first_stage(settings: RetrievalSettings) -> RetrievalSettings:
    """The order that a re-ranker is given: fused, not yet made diverse."""
    return replace(settings, mmr=None)


def split_questions(
    questions: Sequence[TrainingQuestion], passages: Sequence[Passage], seed: int
) -> tuple[list[TrainingQuestion], list[TrainingQuestion]]:
    """(questions to learn from, as many as the steps can use; questions that choose the weight).

    Whole documents are held out: a re-ranker learns which passages are answers and does best on those;
    on helpdesk its weight came out as 1 that way, and dev, all of whose passages are new to it, fell by 38 points.
    """
    of = case_clusters(_cases(questions), passages)
    groups: dict[str, list[int]] = {}
    for number in range(len(questions)):
        groups.setdefault(of[str(number)], []).append(number)
    enough, apart = min(MOST_HELD_OUT, len(questions) // 5), list[int]()
    draw = random.Random(f"{seed}:reranker")
    for label in draw.sample(sorted(groups), len(groups)):
        if len(apart) < enough and len(apart) + len(groups[label]) <= len(questions) // 2:
            apart += groups[label]
    learnt = [number for number in range(len(questions)) if number not in set(apart)]
    most = STEPS * BATCH // (1 + NEGATIVES)
    return [questions[i] for i in draw.sample(learnt, min(most, len(learnt)))], [questions[i] for i in apart]


def _cases(questions: Sequence[TrainingQuestion]) -> list[Case]:
    """Training questions as golden cases, called by their number."""
    return [Case(id=str(i), question=each.question, evidence=each.evidence) for i, each in enumerate(questions)]


def train(
    start: str, examples: Sequence[RankingPair], steps: int, out: Path, seed: int, progress: Progress | None = None
) -> None:
    """Train a cross-encoder on labelled pairs and write it to `out` (safetensors).

    Binary cross-entropy over right and hard wrong passages, the right ones weighted up to their number; AdamW, a tenth
    of the steps to warm up, then falling linearly. The same seed gives the same weights on one machine.
    """
    import torch
    from datasets import Dataset  # type: ignore[import-untyped,unused-ignore]
    from sentence_transformers import CrossEncoder
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
    from transformers import PrinterCallback, TrainerCallback

    class Steps(TrainerCallback):  # type: ignore[misc]
        def on_step_end(
            self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
        ) -> None:
            if progress is not None:
                progress(state.global_step, steps)

    torch.manual_seed(seed)  # the new head
    on_cpu = not torch.cuda.is_available()
    model = CrossEncoder(start, num_labels=1, max_length=MOST_TOKENS, device="cpu" if on_cpu else "cuda")
    rows = Dataset.from_dict(
        {
            "question": [pair.question for pair in examples],
            "passage": [pair.passage for pair in examples],
            "label": [pair.label for pair in examples],
        }
    )
    right = sum(pair.label for pair in examples)
    loss = BinaryCrossEntropyLoss(model, pos_weight=torch.tensor((len(examples) - right) / right))
    settings = CrossEncoderTrainingArguments(
        output_dir=str(out.with_name("work")), max_steps=steps, per_device_train_batch_size=BATCH,
        learning_rate=LEARNING_RATE, warmup_steps=max(1, steps // 10), lr_scheduler_type="linear", seed=seed,
        use_cpu=on_cpu, bf16=False, save_strategy="no", report_to="none", disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip
    trainer = CrossEncoderTrainer(model=model, args=settings, train_dataset=rows, loss=loss, callbacks=[Steps()])
    trainer.remove_callback(PrinterCallback)  # prints to standard output, where a command's one JSON object goes
    trainer.train()
    model.save_pretrained(str(out), create_model_card=False)
    shutil.rmtree(settings.output_dir or "", ignore_errors=True)


def chosen_weight(
    held_out: Sequence[TrainingQuestion], index: Index, settings: RetrievalSettings, reranker: Reranker
) -> float:
    """The re-ranker's weight against the fused order that ranks held-out training questions best (nDCG at top_k).

    The smallest where several do equally well, or where no question could be held out.
    """
    cases, caching = _cases(held_out), CachingReranker(reranker)
    totals: dict[float, float] = {}
    for weight in WEIGHTS:
        retriever = HybridRetriever(index, replace(settings, rerank_weight=weight), caching, cache_seconds=0)
        totals[weight] = sum(filter(None, _ndcg(cases, retriever, settings.top_k)))
    return max(WEIGHTS, key=lambda weight: (totals[weight], -weight))


def judge_on_dev(
    dev: Sequence[Case], passages: Sequence[Passage], ours: HybridRetriever, theirs: HybridRetriever, seed: int
) -> RerankerTrial:
    """Dev questions with and without the tuned re-ranker, paired."""
    picked, k = _spread(dev, MOST_DEV), theirs.settings.top_k
    of = case_clusters(picked, passages)
    labels = [of[case.id] for case in picked]
    with_it, without = _ndcg(picked, ours, k), _ndcg(picked, theirs, k)
    return RerankerTrial(
        metric="ndcg",
        k=k,
        queries=len(picked),
        without_it=mean(without, labels, unit="fraction"),
        with_it=mean(with_it, labels, unit="fraction"),
        difference=paired(with_it, without, labels, seed),
    )


def is_proven(trial: RerankerTrial) -> bool:
    """Whether the gain's whole interval is above 0."""
    return trial.difference.low is not None and trial.difference.low > 0


def _ndcg(cases: Sequence[Case], retriever: Retriever, k: int) -> list[float | None]:
    retrievals = retriever.retrieve([case.question for case in cases])
    return per_case(cases, [[hit.passage for hit in retrieval.hits] for retrieval in retrievals], k)["ndcg"]


def _spread(cases: Sequence[Case], most: int) -> list[Case]:
    return [cases[int(i * len(cases) / most)] for i in range(most)] if len(cases) > most else list(cases)


class CachingReranker:
    """A re-ranker that reads each question's candidates once."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._known: dict[tuple[str, ...], list[float]] = {}

    def score(self, question: str, passages: Sequence[Passage]) -> list[float]:
        key = (question, *(passage.id for passage in passages))
        if key not in self._known:
            self._known[key] = self._reranker.score(question, passages)
        return self._known[key]
