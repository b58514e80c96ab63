"""A metric of your own. In scenario.yaml: `extensions: [metric.py]`; then: harness run SCENARIO --allow-code"""

from harness.metrics.reading import Reading
from harness.metrics.table import Metric
from harness.types import Unscored


def polite(reading: Reading) -> float | Unscored:
    """1 if the answer thanks or asks kindly; a refusal need not."""
    if reading.answer.refused:
        return Unscored("a refusal need not be polite", applicable=False)
    return float(any(word in reading.words for word in ("please", "thank", "thanks")))


METRICS = [Metric("polite", "Polite", "Tone", polite, says="answers that thank or ask kindly")]
