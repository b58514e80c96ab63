"""Every setting of a scenario as frozen values, with the defaults. `harness.scenario.load` reads them from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Literal, get_args

from msgspec import Meta

from harness.files.hashing import content_hash, file_hash
from harness.files.read_files import ReadFile
from harness.scenario.arm_entries import ArmEntry, PythonCall
from harness.scenario.bounds import Name, Names, Sentence, above, between, from_below, one_of
from harness.scenario.style import StyleRules
from harness.types import JsonObject

Chunking = Literal["recursive", "fixed", "semantic"]
Fusion = Literal["rrf", "convex", "dense", "sparse"]
Reranking = Literal["named", "tuned"]
CodePassages = Literal["symbols", "text"]
Precision = Literal["auto", "float32", "bfloat16"]
Scheduler = Literal[
    "cosine", "linear", "constant", "constant_with_warmup", "cosine_with_restarts", "polynomial", "inverse_sqrt"
]

HnswName = Annotated[str, one_of("ef_construction", "max_neighbors", "ef_search")]
FilterValue = str | int | float | bool
NewTokens = Annotated[int, between(1, 100_000)]
DrillCases = Annotated[int, between(1, 100_000)]
Price = Annotated[float, between(0, 1e9)]  # in any currency, the same for all
Seed = Annotated[int, between(0, 2**32 - 1)]  # as far as NumPy's go
GateSetting = bool | int | float | str | None  # a threshold, or a word for the policy; null, false or off: no gate

TuningMethod = Literal["sft", "dpo", "raft"]
AdapterKind = Literal["lora", "qlora", "dora", "ia3", "prefix", "full"]
CurveSizes = Annotated[tuple[Annotated[int, between(1, 10_000_000)], ...], Meta(max_length=12)]

JudgeMetric = Literal[  # rows of harness.metrics.table whose values a judge has to give
    "ragas_faithfulness", "ragas_answer_correctness", "ragas_context_precision", "ragas_context_recall",
    "ragas_answer_relevancy", "ragas_noise_sensitivity", "deepeval_faithfulness", "deepeval_hallucination",
    "deepeval_toxicity", "deepeval_tone", "deepeval_completeness", "deepeval_criteria",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """A model that judges answers, behind an OpenAI-compatible server."""

    model: Name = "none"  # as the server calls it; none: nothing is judged
    base_url: Name | None = None  # of its server, mostly ending in /v1
    api_key_env: Name | None = None  # name of the environment variable that holds the server's key
    concurrency: Annotated[int, between(1, 256)] = 4  # questions asked at the same time
    timeout: Annotated[float, above(0, 3600)] = 120.0  # seconds that one try of a question may take as a whole
    retries: Annotated[int, between(0, 20)] = 6  # further tries of a question; a server's Retry-After is heeded
    temperature: Annotated[float, between(0, 2)] = 0.0  # of its replies; 0: the likeliest one
    max_tokens: Annotated[int, between(64, 100_000)] = 1024  # of one reply; a longer one is cut off, and unparsable
    repeats: Annotated[int, between(1, 9)] = 1  # judgements of each answer; their mean counts, disagreement is shown
    metrics: Annotated[tuple[JudgeMetric, ...], Meta(min_length=1, max_length=12)] = get_args(
        JudgeMetric
    )  # which values it is asked for
    # what GEval holds an answer to, in words; None: that metric is left out
    tone: Sentence | None = None  # for deepeval_tone; None: as style.yaml has it, under rubric
    completeness: Sentence | None = None  # for deepeval_completeness; None: the same
    criteria: Sentence | None = None  # for deepeval_criteria
    input_per_million: Price = 0.0  # tokens of its prompts
    output_per_million: Price = 0.0  # tokens of its replies

    @property
    def is_set(self) -> bool:
        return self.model != "none"

    @property
    def asks(self) -> tuple[JudgeMetric, ...]:
        """The metrics that it is asked for, each once, in the order of the table; none without a judge."""
        names = [name for name in get_args(JudgeMetric) if name in self.metrics and self.is_set]
        return tuple(name for name in names if getattr(self, name.removeprefix("deepeval_"), "") is not None)


@dataclass(frozen=True, slots=True)
class Models:
    """Names of models: `smollm2`/`minilm` are built in; else a Hugging Face id or a local directory."""

    generator: Name = "smollm2"  # what answers: built in, hub id, folder, or a name on the server
    embedder: Name = "minilm"  # what makes vectors of passages: built in, hub id or folder
    reranker: Name = "none"  # a cross-encoder that orders the candidates anew: a hub id or a folder
    precision: Precision = "auto"  # of a local model's products on a CPU; auto: bfloat16 where the processor has it
    thinking: bool | None = None  # of a model that can think first; None: off here, up to the server there
    base_url: Name | None = None  # an OpenAI-compatible server that serves `generator`; what follows is about it
    api_key_env: Name | None = None  # name of the environment variable that holds the server's key
    context: Annotated[int, between(64, 10_000_000)] = 8192  # tokens of prompt and answer; other passages are left out
    concurrency: Annotated[int, between(1, 256)] = 8  # questions asked at the same time
    timeout: Annotated[float, above(0, 3600)] = 120.0  # seconds that one try of a question may take as a whole
    retries: Annotated[int, between(0, 20)] = 6  # further tries of a question; a server's Retry-After is heeded
    judge: JudgeSettings = JudgeSettings()
    grounding: Name = "rules"  # what finds unsupported claims: rules, or a classifier's hub id or folder


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    chunking: Chunking = "recursive"  # cut at structure, word by word, or at changes of topic
    chunk_tokens: Annotated[int, between(16, 8192)] = 120  # in the embedder's own tokens
    overlap_tokens: Annotated[int, between(0, 4096)] = 16  # below chunk_tokens
    code: CodePassages = "symbols"  # source files are cut along functions and classes; text: like any other text
    contextual: bool = True  # embed and search a passage together with its title and heading path
    fusion: Fusion = "convex"  # one rank of two; convex is level with rrf or above: benchmarks/retrieval.md
    rrf_k: Annotated[int, between(1, 10_000)] = 60  # larger: the first ranks count less (Cormack et al. 2009)
    convex_weight: Annotated[float, between(0, 1)] = 0.5  # weight of the dense score in convex fusion
    heading_weight: Annotated[float, between(0, 100)] = (
        0.1  # weight of BM25 over title and headings alone, beside the text
    )
    document_weight: Annotated[float, between(0, 100)] = 0.0  # share of its document's mean score that lifts a passage
    candidates: Annotated[int, between(1, 1000)] = 20  # passages that reach the re-ranker, at least top_k
    reranker: Reranking = "named"  # named: models.reranker as it is; tuned: trained on the scenario's questions
    rerank_weight: Annotated[float, above(0, 1)] = (
        1.0  # the re-ranker's share of the final order, fusion has the rest; tuned chooses its own
    )
    top_k: Annotated[int, between(1, 6)] = 4  # passages that reach the prompt, at most 6
    mmr: Annotated[float, above(0, 1)] | None = (
        None  # relevance weight of maximal marginal relevance in (0, 1]; None: off
    )
    filters: Mapping[str, FilterValue | tuple[FilterValue, ...]] = field(default_factory=dict)  # on metadata; any of
    hnsw: Mapping[HnswName, Annotated[int, between(2, 100_000)]] = field(default_factory=dict)  # of the dense index
    exact_below: Annotated[int, between(0, 100_000_000)] = 5000  # passages under which dense search is exact


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """The form of an answer. Without a schema an answer is plain text."""

    schema: JsonObject | None = None  # JSON Schema
    system: str = ""  # the system message, the same for base and tuned models
    max_new_tokens: NewTokens = 96  # of one answer
    text_field: str = "answer"
    status_field: str | None = None
    refused_value: str | None = None
    citations_field: str | None = None
    refusal: Sentence | None = None  # the exact sentence that means "not in the passages"
    few_shot: Path | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    method: TuningMethod = "sft"  # sft: on examples; dpo: then on preference pairs; raft: among distractors
    adapter: AdapterKind = "lora"  # what of the model is trained
    seeds: Annotated[int, between(1, 9)] = 1  # adapters trained of each kind, from `seed` on; the first one answers
    curve: CurveSizes = ()  # examples that further adapters are trained on, for a learning curve
    rank: Annotated[int, between(1, 1024)] = 16  # of the two small matrices that stand in for a change of weights
    alpha: Annotated[int, between(1, 65_536)] = 32  # the change is scaled by alpha / rank
    dropout: Annotated[float, from_below(0, 1)] = 0.05  # share of the adapter's inputs left out at each step
    targets: Names = ("q_proj", "v_proj")  # layers of the model by the end of their names, or all-linear
    epochs: Annotated[float, between(0.01, 1000)] = 3.0  # passes over the examples
    learning_rate: Annotated[float, from_below(1e-9, 1)] = 2e-4  # the highest of the schedule
    scheduler: Scheduler = "cosine"  # how the rate falls
    warmup: Annotated[float, from_below(0, 1)] = 0.05  # share of the steps
    batch: Annotated[int, between(1, 1024)] = 16  # examples a step
    quantization: Literal["none", "nf4"] = "none"  # of the base, for all arms; nf4: QLoRA
    replay: Annotated[float, from_below(0, 1)] = 0.07  # share of general examples mixed in against forgetting
    eval_share: Annotated[float, from_below(0, 1)] = 0.1  # share of the examples held out for the loss curve
    max_length: Annotated[int, between(16, 1_000_000)] = 2048  # tokens of one example
    open_book: Annotated[int, between(1, 10_000_000)] | None = None  # examples with passages at most, drawn by the seed
    closed_book: Annotated[int, between(1, 10_000_000)] | None = None  # examples without at most; None: all of them
    virtual_tokens: Annotated[int, between(1, 1024)] = 16  # of a prefix
    beta: Annotated[float, above(0, 10)] = 0.1  # dpo: how dearly an adapter leaves its reference (Rafailov et al.)
    dpo_from: Literal["sft", "base"] = "sft"  # dpo: what it begins with, and holds itself to
    dpo_learning_rate: Annotated[float, from_below(1e-9, 1)] = 5e-5  # the highest of the schedule, on pairs
    distractors: Annotated[int, between(1, 20)] = 3  # raft: passages that do not answer, in each row
    oracle_share: Annotated[float, between(0, 1)] = 0.8  # raft: rows that keep the passage that answers (P)
    without_oracle: Literal["refusal", "closed_book"] = "refusal"  # raft: what the other rows answer
    quotes: bool = True  # raft: the evidence is quoted before the answer
    refresh_epochs: Annotated[float, between(0.01, 1000)] = 1.0  # of a light training (harness refresh)
    teacher: Name = "rag+few-shot"  # the arm whose accepted answers `distilled` is trained on


@dataclass(frozen=True, slots=True)
class Prices:
    input_per_million: Price = 0.0  # tokens of prompts
    output_per_million: Price = 0.0  # tokens of answers
    gpu_hour: Price = 0.0  # of a card, for training
    retrieval_per_1000: Price = 0.0  # C_r: what 1,000 look-ups cost (index, re-ranker), apart from tokens


@dataclass(frozen=True, slots=True)
class ForgettingSettings:
    tasks: Name = "general"  # general, none, mmlu, hellaswag, a local lm-eval task file, or a folder of MMLU csv files
    limit: Annotated[int, between(1, 100_000)] = 400  # items in all, spread evenly over the subjects


@dataclass(frozen=True, slots=True)
class SafetySettings:
    prompts: Name = "general"  # general: the package's own; none; or a file or folder of prompts (docs/safety.md)
    limit: Annotated[int, between(1, 100_000)] = (
        200  # unsafe prompts at most, and as many safe look-alikes at most; 190 can prove the gate
    )


@dataclass(frozen=True, slots=True)
class LatencySettings:
    questions: Annotated[int, between(0, 10_000)] = (
        30  # test cases asked one at a time, spread evenly; 0: latency is not measured
    )
    repeats: Annotated[int, between(1, 100)] = 3  # of each question; their median is kept


@dataclass(frozen=True, slots=True)
class DrillSettings:
    cases: DrillCases = 60  # test cases that each drill is made of, spread evenly
    paraphrases: Path | None = None  # JSONL of {"id": case id, "question"}; other cases are reworded by rule
    changes: Path | None = None  # JSONL of {"id": case id, "old", "new"}; other facts get a value of the same type


@dataclass(frozen=True, slots=True)
class Scenario:
    """A project that wants the question settled."""

    id: str
    dir: Path
    title: str
    advice: Mapping[str, object] | None = None  # raw; harness.advice reads it
    corpus: Path | None = None
    golden: Path | None = None
    examples: Path | None = None
    preferences: Path | None = None
    probes: Path | None = None
    models: Models = Models()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerFormat = AnswerFormat()
    tuning: Tuning = Tuning()
    arms: tuple[str, ...] = ("baseline", "rag", "tune", "hybrid")
    entries: tuple[ArmEntry, ...] = ()  # those of the arms that come from elsewhere
    candidate: str = "hybrid"
    style: StyleRules | None = None  # of answers; None: no house style
    prices: Prices = Prices()
    forgetting: ForgettingSettings = ForgettingSettings()
    safety: SafetySettings = SafetySettings()
    latency: LatencySettings = LatencySettings()
    drills: DrillSettings = DrillSettings()
    gates: Mapping[str, GateSetting] = field(default_factory=dict)
    extensions: tuple[Path, ...] = ()  # Python files of the scenario: its own metrics, arms, gates, failure modes
    seed: Seed = 7
    files: tuple[ReadFile, ...] = ()  # what it names, as it was read; none before `load_inputs`
    precision_in_file: Precision | None = None  # `models.precision` as it was set, once `load_inputs` has chosen one

    @property
    def asks_a_server(self) -> bool:
        """Whether a model behind a server, or a system of somebody's own, answers for some arm."""
        return self.models.base_url is not None or any(entry.asks_a_server for entry in self.entries)

    @property
    def calls(self) -> tuple[str, ...]:
        """The Python functions that answer for arms; they run only where code is allowed."""
        return tuple(entry.source.target for entry in self.entries if isinstance(entry.source, PythonCall))

    @property
    def hash(self) -> str:
        """Content hash of every setting (not of the files they name)."""
        own = ("files", "precision_in_file")
        settings = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in own}
        models = replace(self.models, precision=self.precision_in_file or self.models.precision)
        return content_hash({**settings, "models": models, "dir": Path(".")})

    def hash_of(self, path: Path) -> str:
        """Hash of a file that it names, as it was read; as it stands now, where nothing has read it."""
        return next((file.hash for file in self.files if file.path == path), None) or file_hash(path)

    def read(self, *paths: Path | None) -> tuple[ReadFile, ...]:
        """These of the files that it names, as they were read."""
        return tuple(file for file in self.files if file.path in paths)
