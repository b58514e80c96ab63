"""What people's ratings say of a run, as its record keeps it: values by answer, corrected figures, errors of judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.types import Difference, Estimate


@dataclass(frozen=True, slots=True)
class RatedValue:
    """People's value of one answer: the mean over those who rated it."""

    value: float  # 0 to 1
    chance: float  # with which an answer of its arm and outcome was rated


Rated = Mapping[str, Mapping[str, Mapping[str, RatedValue]]]  # arm -> what is measured -> case id ->


@dataclass(frozen=True, slots=True)
class AccuracySection:
    """A judged metric held against people's values of the same answers, good being 1; rates as fractions of 1."""

    arm: str
    metric: str
    sensitivity: Estimate  # of what people call good: judged good
    specificity: Estimate  # of what people call bad: judged bad


@dataclass(frozen=True, slots=True)
class AgreementSection:
    """How far people agree with each other on one question."""

    question: str
    raters: tuple[str, ...]  # two: Cohen's kappa; all of them: Krippendorff's alpha
    coefficient: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationSection:
    """The labels beside a scenario, as far as they are of this run's answers, and what follows from them."""

    labels: str  # hash of the files' content
    files: tuple[str, ...]  # sheet ids
    raters: Mapping[str, int]  # who -> answers rated
    ratings: int  # of this run's answers, counted by rater
    elsewhere: int  # of answers that this run does not have: another text, other passages, no such arm
    rated: Rated
    corrected: Mapping[str, Mapping[str, Estimate]]  # arm -> metric -> what people would find
    differences: tuple[Difference, ...]  # the same of paired differences, in points; not tested
    accuracy: tuple[AccuracySection, ...]
    agreement: tuple[AgreementSection, ...]
    doubted: Mapping[str, str]  # case id whose golden label people call wrong or unclear -> what they say
