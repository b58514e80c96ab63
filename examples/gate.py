"""A gate of your own, on a metric of your own: most answers must be short. Set it under `gates:` like any other."""

from harness.metrics.reading import Reading
from harness.metrics.table import Metric
from harness.verdict.gates import GateRow
from harness.verdict.measures import rate_of


def short(reading: Reading) -> float:
    """1 if the answer has at most twelve words."""
    return float(len(reading.words) <= 12)


METRICS = [Metric("short", "At most twelve words", "Tone", short)]
GATES = [
    GateRow(
        name="short",
        title="Answers of at most twelve words",
        measure=lambda sheet, arm: rate_of(sheet, arm, "short", worst=0.0),
        direction=">=",
        default=50.0,  # percent, as a scenario writes it
        unit="fraction",
        scale=0.01,
    )
]
