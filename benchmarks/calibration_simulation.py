"""Does the correction by people's ratings hold? Coverage, width, and how often a gate passes falsely.

    python -m benchmarks.calibration_simulation [--draws 200] [--seed 3] [--only rate gain gate]

Every draw: 300 answers about 100 documents, three each (intracluster correlation 0.15), judged by a detector of a given
sensitivity and specificity; people rate 30 to 300 of them, drawn as `harness judge sheet` draws. People are right.
Beside the corrected interval stand that of the ratings alone (Clopper-Pearson of as many answers drawn plainly; Tango's
of the rated pairs) and that of the judged values alone. Exits with 1 if the coverage, averaged over the detectors of a
line, is below 93 %, or if a gate at its threshold passes in more than 2.5 % and Monte Carlo error.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import special

import harness.stats as stats
from harness.ratings.draw import shares
from harness.stats.calibrated import JudgedColumn, calibrated_difference, calibrated_rate
from harness.stats.intervals import tango
from harness.types import Estimate
from harness.verdict.gates import GATES, status_of
from harness.verdict.measures import Measurement

DOCUMENTS, PER_DOCUMENT, ICC = 100, 3, 0.15
CASES = DOCUMENTS * PER_DOCUMENT
CLUSTERS = [i // PER_DOCUMENT for i in range(CASES)]
DETECTORS = ((0.6, 0.6), (0.6, 0.95), (0.8, 0.8), (0.95, 0.6), (0.95, 0.95))  # sensitivity, specificity
TRUTHS = (0.5, 0.7, 0.9, 0.97)
RATINGS = (30, 60, 120, 300)
FLOOR, NOMINAL = 0.93, 0.025
Rng = np.random.Generator


@dataclass(frozen=True)
class Detector:
    """A detector by its errors: how often it takes for good what is, and for bad what is."""

    sensitivity: float
    specificity: float

    def values(self, rng: Rng, truth: np.ndarray) -> np.ndarray:
        """What it says of each answer."""
        sure = rng.random(truth.size)
        return np.where(truth == 1, sure < self.sensitivity, sure >= self.specificity).astype(float)


def truths(rng: Rng, rates: Sequence[float]) -> list[np.ndarray]:
    """Good answers of arms at these rates, a row an arm: alike within documents, and between arms on one case."""

    def document() -> np.ndarray:
        return math.sqrt(ICC / 2) * np.repeat(rng.standard_normal(DOCUMENTS), PER_DOCUMENT)

    common = document() + math.sqrt((1 - ICC) / 2) * rng.standard_normal(CASES)
    own = [document() + math.sqrt((1 - ICC) / 2) * rng.standard_normal(CASES) for _ in rates]
    return [(common + row < special.ndtri(rate)).astype(float) for rate, row in zip(rates, own, strict=True)]


def rated(rng: Rng, truth: np.ndarray, judged: np.ndarray, ratings: int, places: np.ndarray) -> JudgedColumn:
    """The column with people's values on the answers that a sheet would hold; `places` is the order of the cases."""
    people: list[float | None] = [None] * CASES
    chances = [1.0] * CASES
    groups = {value: places[judged[places] == value] for value in (0.0, 1.0)}
    taken = shares({str(value): len(rows) for value, rows in groups.items()}, ratings)
    for value, rows in groups.items():
        for i in rows[: taken[str(value)]]:
            people[i], chances[i] = float(truth[i]), taken[str(value)] / len(rows)
    return JudgedColumn(judged.tolist(), people, chances, CLUSTERS)


# --- coverage -----------------------------------------------------------------------------------------------------


@dataclass
class Count:
    """Intervals of one kind, counted."""

    covered: int = 0
    width: float = 0.0
    below: int = 0  # truth below the interval: a floor would be passed falsely
    draws: int = 0

    def add(self, low: float, high: float, truth: float) -> None:
        self.covered += low <= truth <= high
        self.below += truth < low
        self.width += high - low
        self.draws += 1


def rate_draw(rng: Rng, truth: float, detector: Detector, ratings: int) -> dict[str, tuple[float, float]]:
    """The intervals of one draw of one arm."""
    (good,) = truths(rng, [truth])
    judged, places = detector.values(rng, good), rng.permutation(CASES)
    column = rated(rng, good, judged, ratings, places)
    alone = stats.clopper_pearson(float(good[places[:ratings]].sum()), ratings)
    return {
        "corrected": _ends(calibrated_rate(column)),
        "ratings alone": alone,
        "judged alone": _ends(stats.rate(judged.tolist(), CLUSTERS)),
    }


def pair_draw(rng: Rng, truth: float, detector: Detector, ratings: int) -> dict[str, tuple[float, float]]:
    """The intervals of a gain of ten points over another arm, on which the detector is a little better."""
    mine, theirs = truths(rng, [truth, truth - 0.1])
    other = Detector(min(0.95, detector.sensitivity + 0.1), detector.specificity)
    judged = detector.values(rng, mine), other.values(rng, theirs)
    places = rng.permutation(CASES)
    columns = [rated(rng, good, j, ratings, places) for good, j in zip((mine, theirs), judged, strict=True)]
    gap = mine[places[:ratings]] - theirs[places[:ratings]]
    alone = tango(float((gap > 0).sum()), float((gap < 0).sum()), ratings)
    return {
        "corrected": _points(_ends(calibrated_difference(*columns))),
        "ratings alone": alone,
        "judged alone": _points(_ends(stats.paired(judged[0].tolist(), judged[1].tolist(), CLUSTERS))),
    }


def _ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def _points(ends: tuple[float, float]) -> tuple[float, float]:
    return ends[0] / 100, ends[1] / 100


def coverage(kind: str, rng: Rng, draws: int) -> Iterator[tuple[str, float]]:
    """(line, mean coverage over the detectors) of one kind of figure for every number of ratings and truth."""
    draw = {"rate": rate_draw, "gain": pair_draw}[kind]
    for ratings, truth in product(RATINGS, TRUTHS):
        by_detector = []
        for detector in (Detector(*errors) for errors in DETECTORS):
            counts = {name: Count() for name in ("corrected", "ratings alone", "judged alone")}
            for _ in range(draws):
                for name, ends in draw(rng, truth, detector, ratings).items():
                    counts[name].add(*ends, truth if kind == "rate" else 0.1)
            by_detector.append(counts)
        mean = {name: _mean([c[name].covered / draws for c in by_detector]) for name in by_detector[0]}
        width = {name: 100 * _mean([c[name].width / draws for c in by_detector]) for name in by_detector[0]}
        lowest = min(c["corrected"].covered / draws for c in by_detector)
        best = 100 * min(c["corrected"].width / draws for c in by_detector)
        yield (
            f"  {kind}  {ratings:>3} ratings  truth {truth:.2f}   {mean['corrected']:7.1%} {lowest:7.1%}"
            f"   {width['corrected']:5.1f} (best {best:4.1f}) beside {width['ratings alone']:5.1f}"
            f"   {mean['ratings alone']:7.1%} {mean['judged alone']:7.1%}",
            mean["corrected"],
        )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# --- the gate -----------------------------------------------------------------------------------------------------


def false_passes(rng: Rng, draws: int) -> Iterator[tuple[str, float]]:
    """(line, share) with which the groundedness gate passes an arm that is at its threshold or below."""
    row = next(row for row in GATES if row.name == "groundedness")
    for truth, detector, ratings in product(
        (0.90, 0.85),
        (Detector(0.99, 0.6), Detector(0.95, 0.6), Detector(0.95, 0.95), Detector(0.8, 0.8)),
        (30, 60, 120),
    ):
        raw = corrected = 0
        for _ in range(draws):
            (good,) = truths(rng, [truth])
            judged = detector.values(rng, good)
            plain = stats.rate(judged.tolist(), CLUSTERS)
            mended = calibrated_rate(rated(rng, good, judged, ratings, rng.permutation(CASES)))
            raw += status_of(row, 0.9, Measurement(plain, plain)) == "pass"
            corrected += status_of(row, 0.9, Measurement(mended, mended)) == "pass"
        errors = f"sensitivity {detector.sensitivity:.2f} specificity {detector.specificity:.2f}"
        yield (
            f"  truth {truth:.2f}  {errors}  {ratings:>3} ratings   {raw / draws:7.2%} {corrected / draws:7.2%}",
            corrected / draws,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", choices=("rate", "gain", "gate"), nargs="*", default=("rate", "gain", "gate"))
    options = parser.parse_args()
    seeds = {"rate": options.seed, "gain": [options.seed, 1], "gate": [options.seed, 2]}
    rngs = {part: np.random.default_rng(seeds[part]) for part in options.only}
    print(f"{options.draws} draws a detector, {CASES} cases about {DOCUMENTS} documents, seed {options.seed}\n")
    print(f"detectors (sensitivity, specificity): {DETECTORS}")
    print("coverage of 95 % intervals: mean over five detectors, lowest of one; width in points;")
    print("coverage of the ratings alone and of the judged values alone")
    held = []
    for kind in ("rate", "gain"):
        for line, mean in coverage(kind, rngs[kind], options.draws) if kind in rngs else ():
            print(line + ("" if mean >= FLOOR else "  <-- below 93 %"), flush=True)
            held.append(mean >= FLOOR)
    most = NOMINAL + 2.6 * math.sqrt(NOMINAL * (1 - NOMINAL) / options.draws)
    print(f"\ngroundedness gate (90 %): share that passes, raw and corrected (at most {most:.2%})")
    for line, share in false_passes(rngs["gate"], options.draws) if "gate" in rngs else ():
        print(line + ("" if share <= most else "  <-- too often"), flush=True)
        held.append(share <= most)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
