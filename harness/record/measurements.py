"""The measured sections of record.json: form, retrieval, latency, cost, ability, tuning, drills.

Estimates of rates are fractions of 1, differences are points, latencies milliseconds; a field says where it differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.record.unanswered import ErrorSection, Unanswered
from harness.scenario.settings import Tuning
from harness.types import Estimate


@dataclass(frozen=True, slots=True)
class FormSection:
    """Form over golden answers of the test split and probes together; rates as fractions of 1."""

    schema: Estimate  # valid after at most one repair
    schema_first_try: Estimate
    repair: Estimate  # answers that needed a repair
    n_cases: int
    n_probes: int


@dataclass(frozen=True, slots=True)
class RerankerTrial:
    """Dev questions ranked with and without a tuned re-ranker, paired; fractions of 1, the difference in points."""

    metric: str
    k: int
    queries: int
    without_it: Estimate
    with_it: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class RerankerSection:
    """A tuned re-ranker: its training, its gain, and whether it is used."""

    kept: bool  # only where its gain on dev is proven
    reason: str
    start: str  # the model that training started from
    questions: int  # training questions
    left_out: Mapping[str, int]  # why questions could not be used -> how many
    golden_passages_kept_out: int
    dev_questions: int
    seed: int
    pairs: int | None = None  # labelled pairs trained on; None where none was trained
    steps: int | None = None
    held_out: int | None = None  # questions that chose the weight
    weight: float | None = None  # its share of the final order
    dev: RerankerTrial | None = None
    seconds: float | None = None  # wall time of training and judging


@dataclass(frozen=True, slots=True)
class RetrievalSection:
    """The retriever alone, on the test cases that name evidence."""

    k: Mapping[str, Mapping[str, Estimate]]  # passages looked at, as text -> recall, precision, hit, mrr, ndcg
    queries: int
    reranker: RerankerSection | None = None  # None where none was to be tuned
    found: Mapping[str, float] = field(default_factory=dict)  # case id -> share of its evidence that was found


@dataclass(frozen=True, slots=True)
class Quantiles:
    p50: Estimate  # ms
    p95: Estimate  # ms


@dataclass(frozen=True, slots=True)
class ArmLatency:
    """One arm, warm, one request at a time."""

    retrieval: Quantiles  # L_r: the question to its passages
    generation: Quantiles  # L_g: rendering, prefill, decoding, validation
    first_token: Quantiles  # from the start of generation
    total: Quantiles  # L_r + L_g
    ratio: Estimate | None  # p95 over the reference arm's; None where that one was not run
    by_question: tuple[
        float, ...
    ] = ()  # L_r + L_g of each question, ms, in one order for all arms that were timed here
    elsewhere: bool = False  # timed by whoever made the answers, on a machine of theirs
    retrieval_by_question: tuple[float, ...] = ()  # L_r of each question, ms, in the same order


@dataclass(frozen=True, slots=True)
class LatencySection:
    questions: int  # test cases asked one at a time; 0: not measured
    repeats: int  # of each; the median is kept
    arms: Mapping[str, ArmLatency]
    control: Estimate | None  # the same arm twice: the ratio that this machine reports where there is none
    failed: int = 0  # questions left out, since an arm did not answer them
    errors: tuple[ErrorSection, ...] = ()  # why not; `cases` are numbers of questions, from 1


@dataclass(frozen=True, slots=True)
class CostSection:
    """One arm's tokens a question, and 1,000 questions in units of `prices`."""

    input_tokens: Estimate | None
    output_tokens: Estimate | None
    retrieval_per_1000: float  # C_r: look-ups
    generation_per_1000: float | None  # C_g: tokens; None while no token price is set
    per_1000: float | None  # C_r + C_g


@dataclass(frozen=True, slots=True)
class PairedItems:
    """The same items asked of the base and of an adapter; accuracies are fractions of 1, the difference points."""

    n: int
    base: Estimate
    adapter: Estimate
    difference: Estimate  # adapter minus base
    p: float | None  # exact McNemar


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a general test."""

    subject: str
    items: PairedItems
    p_holm: float | None  # over the subjects


@dataclass(frozen=True, slots=True)
class AdapterItems:
    """One adapter beside the base on every item."""

    items: PairedItems
    lost: tuple[str, ...] = ()  # ids of items that only the base gets right
    gained: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class FormChange:
    """One adapter in one form of asking, beside the base on the same items."""

    rate: Estimate  # its accuracy, fraction of 1
    accuracy: Estimate  # adapter minus base, points
    likelihood: Estimate | None  # the same of the right choices' log-probability, nats a word; None: not known


@dataclass(frozen=True, slots=True)
class AskedForm:
    """One form of asking: by the letters of the choices, or by their words (cloze)."""

    form: str
    chance: float  # accuracy of guessing, fraction of 1
    base: Estimate  # accuracy, fraction of 1
    likelihood: Estimate | None  # mean log-probability of the right choice, nats a word of it; None: not known
    arms: Mapping[str, FormChange] = field(default_factory=dict)  # those that were asked in this form


@dataclass(frozen=True, slots=True)
class AbilitySection:
    """An ability that was not tuned, before and after tuning: general ability, or refusing what is unsafe."""

    status: Literal["measured", "not measured", "not applicable"]
    reason: str | None = None  # why it is not measured
    tasks: str | None = None
    items: int = 0
    chance: float | None = None  # accuracy of guessing, fraction of 1
    base: Estimate | None = None
    arms: Mapping[str, AdapterItems] = field(default_factory=dict)
    errors: Mapping[str, tuple[ErrorSection, ...]] = field(default_factory=dict)  # "base" or arm -> items not answered
    form: str | None = None  # of asking, that `base` and `arms` are in; None where there are no forms
    forms: tuple[AskedForm, ...] = ()  # all that the items were asked in

    @property
    def told_forms(self) -> tuple[AskedForm, ...]:
        """The forms, where they say more than `base` and `arms` do."""
        return self.forms if len(self.forms) > 1 or any(form.likelihood for form in self.forms) else ()

    @property
    def loss_of_everything(self) -> Estimate | None:
        """Points by which an adapter that only guesses falls behind the base; None where guessing is no measure."""
        of, chance = self.base, self.chance
        if chance is None or of is None or of.mean is None or of.low is None or of.high is None:
            return None
        mean, low, high = (100 * (chance - x) for x in (of.mean, of.high, of.low))
        return Estimate(mean, low, high, of.n, of.unscored, "points", of.method)

    def unanswered(self, what: str) -> tuple[Unanswered, ...]:
        """The models that left items of this kind without an answer."""
        rates = {"base": self.base, **{arm: of.items.adapter for arm, of in self.arms.items()}}
        rows = [(model, rate, self.errors.get(model, ())) for model, rate in rates.items()]
        return tuple(
            Unanswered("safety", f"{model}, {what}", self.items, rate.n, errors) for model, rate, errors in rows
            if rate is not None and errors
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a loss curve."""

    step: int
    epoch: float
    train_loss: float | None  # mean over the steps since the point before; None at the start
    eval_loss: float | None  # on the held-out examples; None where none are held out


@dataclass(frozen=True, slots=True)
class BaseModel:
    name: str
    hash: str  # of its weights
    licence: str | None = None  # as its own card says; None: it says nothing here


FEWEST_HELD_OUT = 8  # examples whose mean loss says something: four of the wiki's rose by 8 % by chance


@dataclass(frozen=True, slots=True)
class ExampleCounts:
    """The counts of the scenario's tuning examples, by what became of them."""

    examples: int  # trained on or held out
    replay: int  # general replay rows among them
    oracle_inserted: int  # retrieval had missed the evidence, so its passage was put in
    without_evidence: int  # left out: no passage known here holds the evidence
    too_long: int = 0  # left out: longer than the window (tuning.max_length, or the model's own)
    kinds: Mapping[str, int] = field(default_factory=dict)  # of RAFT rows, or of a teacher's answers -> how many
    other_book: int = 0  # preference pairs left out: with passages for a closed-book arm, without for an open-book one


@dataclass(frozen=True, slots=True)
class AdapterSection:
    """The making of an adapter: its training record, written once beside its weights."""

    id: str  # 16 hex digits over weights and config
    base: BaseModel
    method: str  # sft, dpo or raft
    settings: Tuning
    trainable: int  # weights that were trained
    parameters: int  # weights of base and adapter together
    examples: int  # rows trained on, replay included, held-out rows not
    held_out: int
    counts: ExampleCounts
    examples_hash: str
    seed: int
    epochs: float  # done, early stop counted
    seconds: float  # wall time of the training loop
    curve: tuple[CurvePoint, ...]
    best_step: int | None  # the checkpoint that was kept; None without held-out examples
    gap: float | None  # eval loss minus train loss at the end
    overfit: bool
    overfit_reason: str
    too_long: tuple[str, ...] = ()  # file:line of the examples that are longer than the window
    start: str | None = None  # content id of the adapter that training went on from; None: it began with the base
    peak_bytes: int | None = None  # of memory while it trained: of the card, else of the process; None: not known
    title: str = "LoRA"  # what was trained, in words

    @property
    def watched(self) -> bool:
        """Whether enough examples are held out to say that it overfits, or that it does not."""
        return self.held_out >= FEWEST_HELD_OUT

    @property
    def share(self) -> float:
        """Trained share of all weights."""
        return self.trainable / self.parameters


@dataclass(frozen=True, slots=True)
class TuningSection:
    """The adapter of one arm, and what its stage took."""

    adapter: AdapterSection
    seconds: float  # wall time of the stage: rows, loading, training, writing
    examples: int | None = None  # of the scenario's own, replay left out; None: not known of an adapter from elsewhere
    refusals: int | None = None  # of these, whose output is a refusal


# --- drills -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DrilledArm:
    """One arm under one drill; rates as fractions of 1, changes in points, paired by case."""

    before: Estimate  # task success without the drill
    after: Estimate
    change: Estimate  # after minus before
    change_without_form: Estimate  # the same with the form set aside
    lost: tuple[str, ...]  # cases that only succeed without the drill
    gained: tuple[str, ...]
    trimmed: int  # passages that did not fit
    from_memory: Estimate | None = None  # evidence taken out: still gives the accepted answer
    obeyed: Estimate | None = None  # hidden instruction: follows it
    asked: int = 0  # questions; those without an answer are unscored in the rates
    answered: int = 0
    errors: tuple[ErrorSection, ...] = ()  # the others by reason


@dataclass(frozen=True, slots=True)
class DrillSection:
    name: str
    title: str
    says: str
    cases: int
    sources: Mapping[str, int]  # where rewordings are from -> cases
    arms: Mapping[str, DrilledArm]


@dataclass(frozen=True, slots=True)
class FreshArm:
    """One arm after facts of the corpus changed; rates as fractions of 1."""

    before: Estimate  # right on the old fact, before the change
    new: Estimate  # right on the new one, after it
    old: Estimate  # still gives the old one, after it
    update_seconds: float | None  # to refresh the index; None without a retriever
    retune_seconds: float | None  # to train the adapter again; None without one
    asked: int = 0  # questions; those without an answer are unscored in the rates
    answered: int = 0
    errors: tuple[ErrorSection, ...] = ()  # the others by reason


@dataclass(frozen=True, slots=True)
class ChangedFact:
    id: str  # case
    doc: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class FreshnessSection:
    facts: int  # that were changed
    documents: int  # that hold them
    embedded: int | None  # passages embedded again; None without a retriever
    reused: int | None
    skipped: Mapping[str, int]  # why a case's fact could not be changed -> cases
    changes: tuple[ChangedFact, ...]
    arms: Mapping[str, FreshArm]
    reason: str | None = None  # why no arm was asked
