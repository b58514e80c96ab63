"""record.json as frozen values: one class a section, made of Estimates. Producers return them, readers take them.

`Figures` is what a run measured, `Record` the same with what was concluded from it. Keys of the JSON object are the
field names; `harness schema record` prints it as JSON Schema. A section that a run does not have is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.record.calibration import CalibrationSection
from harness.record.judges import JudgeSection
from harness.record.losses import WaterfallSection
from harness.record.measurements import (
    AbilitySection,
    CostSection,
    DrilledArm,
    DrillSection,
    FormSection,
    FreshArm,
    FreshnessSection,
    LatencySection,
    RetrievalSection,
    TuningSection,
)
from harness.record.unanswered import ErrorSection, Unanswered
from harness.record.variants import LearningSection, SeedSection
from harness.scenario.settings import Models, Prices
from harness.scenario.style import StyleRules
from harness.types import Difference, Estimate, Verdict

SCHEMA_VERSION = 2  # 1: one untyped object, scores of every metric in every slice

NO_LOOK_ALIKES = AbilitySection("not measured", "this run asked no safe look-alikes of unsafe prompts")
Plain = bool | int | float | str | None
Setting = Plain | Mapping[str, Plain | tuple[Plain, ...]] | tuple[Plain, ...]  # of one setting, as YAML has it
Direction = Literal["higher", "lower"]
Instrument = Literal["judge", "detector"]  # a model that is asked, or rules and a model that read claims; both err
SymptomStatus = Literal["present", "absent", "not measured"]
CLAIMS = "groundedness"  # the metric that has a value wherever claims were read


# --- what was run -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScenarioSection:
    """The scenario as it was."""

    id: str
    title: str
    hash: str  # of every setting (Scenario.hash)
    dir: str  # its folder, as the command was given it


@dataclass(frozen=True, slots=True)
class AskedSection:
    """When an arm that asks a server was answered, and by what."""

    first: str  # ISO date and time of its oldest answers, UTC
    last: str  # of its newest
    served: tuple[str, ...] = ()  # what the server called its model
    estimated: int = 0  # answers whose tokens the server did not count: their numbers are estimates


@dataclass(frozen=True, slots=True)
class SourceSection:
    """The source of an arm from elsewhere."""

    kind: str  # adapter, model, url, call or answers: the key of its entry
    place: str  # name of the folder or file, address or function
    settings: Mapping[str, Setting]  # what is known of how it was made: rank, learning rate, ...
    unmeasured: Mapping[str, str]  # figure -> why this source cannot supply it


@dataclass(frozen=True, slots=True)
class ArmSection:
    """One arm and what became of its prompts and probes."""

    name: str
    title: str
    retriever: bool  # passages in its prompt
    few_shot: bool  # worked examples in its prompt
    oracle: bool  # given the golden passages: a ceiling, never shipped
    base: str | None  # the arm that its adapter is compared with; None for an arm without one
    adapter: str | None  # content id of its adapter; None for an arm without one
    trimmed: int = 0  # passages that did not fit its prompts, over all questions
    probes: int = 0  # probes that it was asked
    probes_left_out: str | None = None  # why it was asked none
    tried: str | None = None  # the failure mode whose fix it is: shown beside the others, never shipped
    test_double: bool = False  # scripted answers: a run with such an arm is never GO
    errors: tuple[ErrorSection, ...] = ()  # questions without an answer, the commonest reason first
    asked: AskedSection | None = None  # None: it asks no server
    earlier: int = 0  # answers of earlier runs among its own: the same prompt to the same model
    source: SourceSection | None = None  # None: a row of the table, or a callable of an extension
    reranker: str | None = None  # what ranks its passages, where that is not the scenario's own: tuned
    constrained: bool = False  # its answers are held to the schema while they are written
    lean: bool = False  # asked with a third of the prompt

    @property
    def beside(self) -> bool:
        """A ceiling or a change that was tried: shown, never shipped and never diagnosed."""
        return self.oracle or self.tried is not None


@dataclass(frozen=True, slots=True)
class MetricSection:
    """One metric of the run, as every reader shows it (a row of harness.metrics.table, without its function)."""

    name: str
    title: str
    group: str  # heading of its block in the matrix
    unit: str  # of its Estimates: fraction, tokens, ...
    better: Direction | None  # None: neither, so that no arm is best
    needs_passages: bool  # not applicable to an arm without passages
    compared: bool  # paired between arms, with Holm over all that are
    says: str = ""  # what it counts, in a few words
    brief: bool = False  # a line of the short table that a terminal shows
    rests_on: Instrument | None = None  # what errs behind its figures; None: nothing does, they follow by rule
    people: str = ""  # what people's value of the same is called; empty: nobody is asked for it


@dataclass(frozen=True, slots=True)
class GoldenSection:
    """The golden set, without the cases themselves."""

    path: str | None  # file name
    hash: str  # of the questions, accepted answers, evidence and splits that were asked
    cases: Mapping[str, int]  # split -> cases asked
    clusters: int  # independent groups of documents in the test split
    cluster_of: Mapping[str, str]  # test case id -> its group
    verified_by: Mapping[str, int]  # who or what verified -> cases
    cut_evidence: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # case id -> numbers of its evidence
    # items whose quote no passage holds as a whole, so that parts of it count as evidence
    lost_evidence: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # of these: not even in parts
    runs_on_this_set: int = 1  # finished runs beside this one that were asked the same set, this one included
    newest_example: str | None = None  # ISO date of the newest training example: later cases are a slice of their own


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file of the corpus, or a line of one, that was left out."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileRemark:
    """A file of the corpus that was read otherwise than it is written, or not whole."""

    file: str
    remark: str  # "read as windows-1252", "page 3 of 9 without text (scanned?); ..."


@dataclass(frozen=True, slots=True)
class CorpusSection:
    """The documents, and what indexing them took."""

    documents: int
    passages: int
    embedded: int  # passages embedded when the index was made; the others were taken over
    skipped: tuple[SkippedFile, ...]
    hash: str  # key of the index: files, retrieval settings, embedder, code
    remarks: tuple[FileRemark, ...] = ()  # in other encodings, pages without text and the like
    languages: tuple[str, ...] = ()  # what the models do not know of the languages of pages and questions


@dataclass(frozen=True, slots=True)
class HashSection:
    """Content hashes of the files that a figure depends on; None where the scenario has no such file."""

    golden: str | None
    corpus: str | None
    examples: str | None
    probes: str | None
    system: str  # of the system message
    schema: str  # of the answer schema
    model: str  # of the generator's weights and tokenizer


@dataclass(frozen=True, slots=True)
class CountSection:
    traces: int  # answers and errors of every arm, probes included
    errors: int  # traces without an answer
    again: int = 0  # among them, that the next run asks again


@dataclass(frozen=True, slots=True)
class StageSection:
    """One stage, and whether this run found it done."""

    name: str  # index, retrieve, tune, answer, ...
    arm: str | None
    seconds: float  # wall time when it was computed
    cached: bool  # taken from the cache by this run
    key: str  # hash of everything its result depends on


@dataclass(frozen=True, slots=True)
class HardwareSection:
    system: str
    machine: str
    processor: str
    cores: int | None  # that the process might use
    memory_gib: float
    gpu: str | None


@dataclass(frozen=True, slots=True)
class GitSection:
    """The checkout that holds the scenario; both None outside one."""

    commit: str | None
    dirty: bool | None


# --- the whole ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a run measured, and what it was measured with. Test split, unless a field says otherwise."""

    schema_version: int = SCHEMA_VERSION
    scenario: ScenarioSection
    candidate: str  # the arm that the gates judge
    reference: str | None  # the arm that every other is compared with (RAG-only); None where it was not run
    models: Models
    arms: tuple[ArmSection, ...]
    metric_rows: tuple[MetricSection, ...]  # in the order in which they are shown
    golden: GoldenSection
    probes: int  # unlabelled questions of the scenario
    corpus: CorpusSection
    seed: int
    partial: str | None  # why this is only a part of a run, which is never GO
    hashes: HashSection
    counts: CountSection
    metrics: Mapping[str, Mapping[str, Estimate]]  # arm -> metric
    slices: Mapping[str, Mapping[str, Mapping[str, Estimate]]]  # slice -> value -> arm: task success
    differences: tuple[Difference, ...]
    forms: Mapping[str, FormSection]  # arm ->; empty where no form is demanded
    retrieval: RetrievalSection | None
    latency: LatencySection
    prices: Prices
    cost: Mapping[str, CostSection]  # arm ->
    forgetting: AbilitySection
    safety: AbilitySection  # unsafe prompts refused
    over_refusal: AbilitySection = NO_LOOK_ALIKES  # safe look-alikes of unsafe prompts refused
    judge: JudgeSection | None = None  # None: the scenario has none
    tuning: Mapping[str, TuningSection]  # arm ->
    identical_outputs: Mapping[str, bool | None]  # tuned arm -> all answers as its base arm's; None: not comparable
    drills: tuple[DrillSection, ...] | None  # None: the run made none
    freshness: FreshnessSection | None
    versions: Mapping[str, str | None]  # library -> version; None where not installed
    hardware: HardwareSection
    git: GitSection
    stages: tuple[StageSection, ...]
    settings: Mapping[str, Setting] | None = None  # dotted name -> value; None in a record of an earlier version
    calibration: CalibrationSection | None = None  # None: no label of people's lies beside the scenario
    style: StyleRules | None = None  # the house style that tone cases were scored by; None: there is none
    seeds: Mapping[str, SeedSection] = field(default_factory=dict)  # arm -> all seeds of its adapter
    learning: LearningSection | None = None  # None: the run draws no learning curve

    def arm(self, name: str) -> ArmSection | None:
        """The arm of that name, or None."""
        return next((arm for arm in self.arms if arm.name == name), None)

    def metric_row(self, name: str) -> MetricSection | None:
        """The metric of that name, or None."""
        return next((row for row in self.metric_rows if row.name == name), None)

    def title(self, metric: str) -> str:
        """What a reader knows the metric by: its title, or its name where the record has no row of it."""
        row = self.metric_row(metric)
        return metric if row is None else row.title

    def estimate(self, arm: str, metric: str) -> Estimate | None:
        """A metric of an arm, or None where it has none."""
        return self.metrics.get(arm, {}).get(metric)

    def errs(self, row: MetricSection, arm: str) -> bool:
        """Whether what errs stands behind a metric of an arm: a judge always, a detector where it had claims to read
        (labels have none, whatever passages were shown)."""
        return row.rests_on == "judge" or (row.rests_on == "detector" and self.estimate(arm, CLAIMS) is not None)

    @property
    def arm_names(self) -> tuple[str, ...]:
        return tuple(arm.name for arm in self.arms)

    @property
    def test_double(self) -> bool:
        """Whether an arm's answers, or its judge's, were scripted: such a run is never GO."""
        return any(arm.test_double for arm in self.arms) or (self.judge is not None and self.judge.test_double)

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """What the steps beside the golden questions asked without an answer; those have it in their arm's `errors`."""
        places: list[tuple[str, Mapping[str, DrilledArm] | Mapping[str, FreshArm]]]
        places = [(drill.title, drill.arms) for drill in self.drills or ()]
        if self.freshness is not None:
            places.append(("changed facts", self.freshness.arms))
        drills = [
            Unanswered("drills", f"{arm}, {title}", of.asked, of.answered, of.errors)
            for title, arms in places
            for arm, of in arms.items()
            if of.errors
        ]
        latency, failed = self.latency, self.latency.failed
        timed = Unanswered("latency", "every arm", latency.questions + failed, latency.questions, latency.errors)
        safety = (*self.safety.unanswered("unsafe prompts"), *self.over_refusal.unanswered("safe look-alikes"))
        return (*drills, *((timed,) if timed.errors else ()), *safety)


@dataclass(frozen=True, slots=True)
class AdviceSection:
    """The checklist's advice on the scenario."""

    recommendation: str  # rag, fine_tune, both, rag_first
    answers: Mapping[str, str]  # question number -> yes, no, unsure
    facts: Mapping[str, bool | int | float]  # known facts by name (harness.advice.facts)


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """Against the newest other run of the scenario."""

    run: str
    cases: tuple[str, ...]  # whose task success flipped in some arm


@dataclass(frozen=True, slots=True)
class DiagnosisSection:
    """A failure mode that the run shows."""

    mode: str
    title: str
    arm: str | None
    symptom: str  # the figure
    evidence: tuple[str, ...]  # ids of cases that show it
    cause: str
    fix: str
    change: Mapping[str, Setting]  # dotted setting -> value to try; empty where no setting does it
    setting: str  # the same for people: `tuning.rank: 16 → 8`
    tried: str | None = None  # what the fix did, where it was tried
    beside: str | None = None  # what other arms of the run did that are fixes themselves
    wins: int | None = None  # failed questions of the arm that show it: its fix could win these; None: no such count
    share: Estimate | None = None  # of the questions that it was looked for in, those its fix could win or mend


@dataclass(frozen=True, slots=True)
class SymptomSection:
    status: SymptomStatus
    symptom: str


@dataclass(frozen=True, slots=True)
class FixSection:
    """A fix that was run as one more arm."""

    mode: str
    title: str
    arm: str  # the arm it was tried on
    name: str  # what the new arm is called
    change: Mapping[str, Setting]
    setting: str
    before: SymptomSection
    after: SymptomSection | None  # None where the fix is another arm
    differences: Mapping[str, tuple[Difference, ...]]  # split -> new minus old; p of compared metrics
    says: str  # what it did, in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Figures):
    """record.json: the figures of a run, and what was concluded from them."""

    run_id: str  # name of the run folder
    created: str  # ISO date and time
    command: str  # the line that makes the run again
    advice: AdviceSection | None  # None: the scenario answers no questionnaire
    gates: Mapping[str, Plain]  # the scenario's `gates:` as they stood
    changed: ChangedSection | None
    flips: Mapping[str, str]  # gate -> what would flip it
    diagnosis: tuple[DiagnosisSection, ...]  # the one whose fix could win most questions first
    verdict: Verdict
    fixes: tuple[FixSection, ...] = ()
    waterfalls: tuple[WaterfallSection, ...] = ()  # lost questions of the candidate, the ceiling and the best arm
