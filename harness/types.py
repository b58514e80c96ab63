"""The nouns as frozen values and the seams as one-method protocols.

Values know nothing of storage, and functions that take them return new ones. Unknown is None with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

JsonObject = Mapping[str, object]  # a JSON document of the user's or the model's: its keys are not ours

Kind = Literal["lookup", "multi_hop", "style", "unanswerable"]
Category = Literal["factual", "tone", "completeness"]
Split = Literal["train", "dev", "test"]
Role = Literal["system", "user", "assistant"]
GateStatus = Literal["pass", "fail", "not proven", "not applicable", "not measured"]
VerdictWord = Literal["GO", "NO-GO", "NOT PROVEN"]
AgreementWord = Literal["agrees", "disagrees", "not comparable"]

KINDS: tuple[Kind, ...] = ("lookup", "multi_hop", "style", "unanswerable")
CATEGORIES: tuple[Category, ...] = ("factual", "tone", "completeness")
SPLITS: tuple[Split, ...] = ("train", "dev", "test")


# --- the corpus ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """One source file of the corpus."""

    id: str  # path inside the corpus folder, with forward slashes
    title: str
    text: str  # what people read: markup and front matter removed
    timestamp: str | None = None  # ISO date the content is from, if it says so
    metadata: Mapping[str, str] = field(default_factory=dict)  # front matter and reader facts (owner, status, ...)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a document: the unit that is indexed, retrieved, shown and cited."""

    id: str  # stable under edits elsewhere in the corpus
    doc: str  # Document.id
    title: str  # shown above the text in the prompt
    text: str
    timestamp: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""  # heading path ("Billing > Refunds"); embedded and searched with the text, not shown


@dataclass(frozen=True, slots=True)
class Hit:
    """One retrieved passage, best first; `score` is the score of the last stage that ordered it."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages that a retriever ranks for one question, and the time it took."""

    hits: tuple[Hit, ...]
    seconds: Mapping[str, float]  # wall seconds by stage (embed, dense, sparse, fuse, rerank); batch time / questions


# --- the golden set --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of evidence that a passage can carry: a quote in a document, or an id (of a passage or a document)."""

    doc: str | None = None
    quote: str | None = None
    id: str | None = None  # set instead of doc and quote
    cut: bool = False  # no passage of the index holds the quote as a whole, so that parts of it count


@dataclass(frozen=True, slots=True)
class Case:
    """One golden question. Only `question` ever reaches an arm."""

    id: str
    question: str
    accept: tuple[str, ...] = ()  # accepted answers; empty only where kind is 'unanswerable'
    key_points: tuple[str, ...] = ()  # what a complete answer mentions
    evidence: tuple[Evidence, ...] = ()
    kind: Kind = "lookup"
    category: Category = "factual"
    split: Split = "test"
    timestamp: str | None = None
    source: str | None = None  # document or author group that an unanswerable or document-less case belongs to
    verified_by: str | None = None  # truthfully who or what verified it
    where: str = ""  # file:line, for messages


@dataclass(frozen=True, slots=True)
class Probe:
    """An unlabelled question, asked only for the form of its answer."""

    id: str
    question: str


@dataclass(frozen=True, slots=True)
class Example:
    """One tuning example. `context` None means: retrieved by the arm's own retriever when the examples are built."""

    user: str
    output: JsonObject | str
    use: Literal["open_book", "closed_book", "both"]
    context: tuple[Passage, ...] | None = None
    evidence: tuple[Evidence, ...] = ()
    rejected: JsonObject | str | None = None  # set in preference pairs only
    timestamp: str | None = None
    replay: bool = False  # general replay, mixed in against forgetting
    where: str = ""

    def of_book(self, book: str | None) -> bool:
        """Whether it is one of the scenario's own of this book; general replay belongs to none."""
        return self.use in (book, "both") and not self.replay


# --- prompts and generations -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


Prompt = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Decoding:
    """Settings of decoding. Greedy unless `temperature` > 0."""

    max_new_tokens: int = 96
    temperature: float = 0.0
    seed: int = 0
    schema: str | None = None  # JSON Schema, as JSON text, that every answer is held to; None: nothing holds them


@dataclass(frozen=True, slots=True)
class Generation:
    """One generated text."""

    text: str
    prompt_tokens: int | None  # None where the generator counts none
    completion_tokens: int | None
    seconds: float  # wall seconds of the batch divided by its size; excludes model load
    first_token_seconds: float | None = None  # measured only when asked one at a time
    finish: Literal["stop", "length"] = "stop"
    waited: float = 0.0  # seconds of failed tries and of waits that a server asked for; not part of `seconds`
    served: str | None = None  # what a server says its model is; None where nothing says
    estimated: bool = False  # tokens were estimated here: the server counted none, or nonsense
    passages: tuple[Passage, ...] | None = None  # what a system of somebody's own says that it has read


@dataclass(frozen=True, slots=True)
class Failure:
    """The lack of a generated text, with the reason: the error of one question, which ends no run."""

    reason: str  # one line
    again: bool = True  # whether the next run asks the question again; False: it would fail in the same way


Reply = Generation | Failure


# --- answers, traces, scores -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer. Without a demanded schema every field but `demanded` is vacuous."""

    demanded: bool  # the scenario has an answer schema
    first_try: bool  # valid as generated
    valid: bool  # valid after at most one repair
    repaired: bool  # a repair was needed and attempted
    error: str | None = None  # the first schema error of the final object, or None


@dataclass(frozen=True, slots=True)
class Answer:
    """One arm's answer to one question."""

    raw: str  # the text as generated
    text: str  # the answer itself (the schema's text field, or the whole text)
    parsed: JsonObject | None  # the object after repair, None if there is none or it is invalid
    form: Form
    refused: bool
    cited: tuple[str, ...]  # labels as written ("S1"), in order, without repeats
    hits: tuple[Hit, ...] = ()  # the passages that were in the prompt, in prompt order: label S1 is hits[0]
    retrieved: tuple[str, ...] = ()  # ids of everything retrieved, best first (>= hits; the rest was trimmed)
    prompt_tokens: int | None = 0  # None where the generator counts none
    completion_tokens: int | None = 0
    seconds: float = 0.0  # share of batch wall time; throughput, not latency
    truncated: bool = False  # stopped by max_new_tokens

    @property
    def cited_passages(self) -> tuple[Passage | None, ...]:
        """The passage behind each cited label; None for a label that was not in the prompt."""
        by_label = {f"S{i}": hit.passage for i, hit in enumerate(self.hits, start=1)}
        return tuple(by_label.get(label) for label in self.cited)


@dataclass(frozen=True, slots=True)
class Trace:
    """One case x one arm: an Answer or an error, never both, never neither."""

    case_id: str
    arm: str
    answer: Answer | None = None
    error: str | None = None
    probe: bool = False  # asked for form only

    def __post_init__(self) -> None:
        if (self.answer is None) == (self.error is None):
            raise ValueError(f"trace {self.case_id}/{self.arm}: exactly one of answer and error must be set")


@dataclass(frozen=True, slots=True)
class Score:
    """One metric on one trace: a value, or None with the reason."""

    case_id: str
    arm: str
    metric: str
    value: float | None
    reason: str | None = None
    applicable: bool = True  # False: the metric has no meaning for this case, so that it is not counted as unscored

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError(f"score {self.metric} of {self.case_id}/{self.arm}: None needs a reason")


@dataclass(frozen=True, slots=True)
class Unscored:
    """The lack of a metric's value for this case, with the reason; `applicable` False when structurally so."""

    reason: str
    applicable: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval. `low`/`high` are None where no interval can be had (n < 2)."""

    mean: float | None
    low: float | None
    high: float | None
    n: int
    unscored: int = 0
    unit: str = "fraction"  # fraction (of 1), points, seconds, ms, tokens, ratio, currency
    method: str = ""  # how the interval was made: clopper-pearson, cluster-bootstrap, ...


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference of one metric: arm minus other, over the cases both have."""

    metric: str
    arm: str
    against: str
    estimate: Estimate
    p: float | None = None  # exact McNemar for rates, else bootstrap; None where not tested
    p_holm: float | None = None  # adjusted over the whole matrix


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate, judged."""

    name: str
    title: str  # one line a manager can read
    status: GateStatus
    estimate: Estimate | None
    threshold: float | None
    direction: Literal[">=", ">", "<="]
    unit: str
    reason: str
    n_needed: int | None = None  # cases or probes that would settle it, where not proven
    absolute: bool = True  # judges the arm alone; False: against another arm
    counts: str = "questions"  # what `n` and `n_needed` count: questions, answers, items, prompts


@dataclass(frozen=True, slots=True)
class Verdict:
    word: VerdictWord
    candidate: str
    ship: str | None  # the arm to ship, or None
    sentence: str  # which arm to ship and why, one sentence
    gates: tuple[Gate, ...]
    advised: str | None  # what the checklist recommended
    agreement: AgreementWord  # of the arm to ship with what was advised; the reason in agreement_reason
    agreement_reason: str
    notes: tuple[str, ...] = ()  # one training seed, machine-made golden set, point policy, ...


# --- seams -----------------------------------------------------------------------------------------------------


class Retriever(Protocol):
    """Questions in, ranked passages out, in the same order."""

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]: ...


class Reranker(Protocol):
    def score(self, question: str, passages: Sequence[Passage]) -> list[float]:
        """One relevance score a passage, higher is better."""
        ...
