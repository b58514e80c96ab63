"""Does `harness compare` release what is worse? A true loss exactly at the margin, and what is said of it.

    python -m benchmarks.release_simulation [--draws 2000] [--seed 20]

A candidate whose true task success is 5 points below the reference's, which is the margin, must not be called better or
not worse in more than 2.5 % of golden sets. Two kinds of loss:

- losses alone: 5 % of the questions are lost and none is gained, which is where approximate intervals break.
  Independent questions are summed exactly over every number of losses, no draw needed;
- gains and losses: both succeed on 75 and 70 % of the questions, and differ on many.

Clusters: questions about documents, one to seven each or three each, intracluster correlation 0.2 of what is lost and
gained; which documents is drawn, too. Beside ours stands the plain paired t interval, which takes every question for
independent and every difference for normal. A share is marked where it is above 2.5 % by more than Monte Carlo error.
The last block is the family: four candidates at the margin, the share of golden sets in which any of them passes.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

import harness.stats as stats
from harness.history.aspects import Contrast, word_of
from harness.stats.sample import ALPHA, t_quantile

MARGIN = 5.0  # points
SIZES = (20, 50, 100, 200, 400)
NOMINAL = ALPHA / 2
RATES = (0.75, 0.70)
ICC = 0.2
FAMILY = 4
Rng = np.random.Generator


@dataclass(frozen=True)
class Released:
    """How often something at the margin passes."""

    ours: float
    plain: float  # the plain t interval

    def line(self, drawn: str, n: int, draws: int) -> str:
        marks = ["  <-- above" if share > limit(draws) else "" for share in (self.ours, self.plain)]
        return f"  {drawn:<34} n {n:<4} ours {self.ours:6.2%}{marks[0]}   plain t {self.plain:6.2%}{marks[1]}"


def limit(draws: int) -> float:
    """The share up to which Monte Carlo error explains an excess over 2.5 %; exact sums have none."""
    return NOMINAL + (2.576 * math.sqrt(NOMINAL * (1 - NOMINAL) / draws) if draws else 1e-12)


def passes(gains: np.ndarray, losses: np.ndarray, clusters: Sequence[int] | None, alpha: float = ALPHA) -> bool:
    """Whether the candidate is called better or not worse, on pairs that both have a score."""
    a, b = gains.astype(float).tolist(), losses.astype(float).tolist()
    estimate = stats.paired(a, b, clusters, alpha=alpha)  # gain minus loss, question by question
    return word_of(Contrast(estimate, estimate, estimate), MARGIN) in ("better", "not worse")


def plain_t(differences: np.ndarray) -> bool:
    """The plain paired t interval; without any spread it is a point."""
    n = len(differences)
    error = float(differences.std(ddof=1)) / math.sqrt(n)
    return float(differences.mean()) - t_quantile(n - 1) * error >= -MARGIN / 100


# --- independent questions: losses alone, summed ------------------------------------------------------------------


def summed(n: int) -> Released:
    """Exact: the number of losses is binomial with 5 %."""
    ours = plain = 0.0
    for count in range(n + 1):
        share = math.comb(n, count) * 0.05**count * 0.95 ** (n - count)
        lost = np.arange(n) < count
        ours += share * passes(np.zeros(n), lost, None)
        plain += share * plain_t(-lost.astype(float))
    return Released(ours, plain)


# --- drawn --------------------------------------------------------------------------------------------------------


def documents(rng: Rng, n: int, equal: bool) -> list[int]:
    """The document of each question: three each, or one to seven."""
    labels: list[int] = []
    while len(labels) < n:
        labels += [len(set(labels))] * (3 if equal else int(rng.integers(1, 8)))
    return labels[:n]


def lost_alone(rng: Rng, n: int, labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """5 % of the questions lost, beta-binomial over documents; none gained."""
    weight = (1 - ICC) / ICC
    of_document = rng.beta(0.05 * weight, 0.95 * weight, max(labels) + 1)
    return np.zeros(n), rng.random(n) < of_document[list(labels)]


def both_ways(rng: Rng, n: int, labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Candidate 70 %, reference 75 %; a document and a question make them alike."""
    from scipy.stats import norm

    of_document = rng.standard_normal((3, max(labels) + 1))[:, list(labels)]
    case, own = rng.standard_normal(n), rng.standard_normal((2, n))
    hits = []
    for row, rate in enumerate((RATES[1], RATES[0])):
        latent = math.sqrt(ICC / 2) * (of_document[2] + of_document[row])
        latent = latent + math.sqrt(0.5) * case + math.sqrt(1 - ICC - 0.5) * own[row]
        hits.append(latent < norm.ppf(rate))
    return hits[0] & ~hits[1], hits[1] & ~hits[0]


Draw = Callable[[Rng, int, Sequence[int]], tuple[np.ndarray, np.ndarray]]


def simulated(draw: Draw, n: int, clusters: str, draws: int, seed: int) -> Released:
    rng, ours, plain = np.random.default_rng([seed, n]), 0, 0
    for _ in range(draws):
        labels = list(range(n)) if clusters == "none" else documents(rng, n, clusters == "equal")
        gains, losses = draw(rng, n, labels)
        ours += passes(gains, losses, None if clusters == "none" else labels)
        plain += plain_t(gains.astype(float) - losses.astype(float))
    return Released(ours / draws, plain / draws)


def family(n: int, draws: int, seed: int) -> float:
    """The share of golden sets in which any of four candidates at the margin passes, at the level of a family."""
    rng, passed = np.random.default_rng([seed, n, FAMILY]), 0
    for _ in range(draws):
        labels = documents(rng, n, True)
        passed += any(passes(*both_ways(rng, n, labels), labels, ALPHA / FAMILY) for _ in range(FAMILY))
    return passed / draws


def rows(draws: int, seed: int) -> Iterator[tuple[str, int, int, Released]]:
    """(what was drawn, n, draws, shares); no draws where it was summed."""
    for n in SIZES:
        yield "losses alone, independent (summed)", n, 0, summed(n)
    kinds: tuple[tuple[str, Draw, str], ...] = (
        ("losses alone, three a document", lost_alone, "equal"),
        ("losses alone, one to seven", lost_alone, "unequal"),
        ("gains and losses, independent", both_ways, "none"),
        ("gains and losses, three a document", both_ways, "equal"),
        ("gains and losses, one to seven", both_ways, "unequal"),
    )
    for drawn, draw, clusters in kinds:
        for n in SIZES:
            yield drawn, n, draws, simulated(draw, n, clusters, draws, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description="The false-release rate of `harness compare`.")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    start, bad = time.process_time(), 0
    print(
        f"{options.draws} draws, seed {options.seed}; a true loss of {MARGIN:g} points, the margin: share that passes"
    )
    print(f"(2.5 %; drawn shares up to {limit(options.draws):.2%} are within Monte Carlo error)\n")
    for drawn, n, draws, shares in rows(options.draws, options.seed):
        bad += shares.ours > limit(draws)
        print(shares.line(drawn, n, draws), flush=True)
    print(f"\n{FAMILY} candidates at the margin, each at {1 - ALPHA / FAMILY:.2%}: any of them passes")
    for n in (100, 400):
        share = family(n, options.draws, options.seed)
        bad += share > limit(options.draws)
        print(f"  n {n:<4} {share:6.2%}", flush=True)
    print(f"\n{time.process_time() - start:.0f} s of processor time; {bad} shares above the limit")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
