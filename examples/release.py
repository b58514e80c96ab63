"""Before a release: two files of answers compared, the better one released; the run pinned as the baseline."""

import sys
from pathlib import Path

import harness


def release(scenario: Path, *names: str) -> str:
    """The name to release, and why, printed; the exit code of CI is 1 where a candidate is worse."""
    comparison = harness.compare(names, scenario=scenario)
    for row in comparison.judgements:
        print(f"{row.candidate}: {row.word}, {len(row.won)} questions won, {len(row.lost)} lost")
    print(f"release {comparison.release}: {comparison.because}")
    return comparison.release


if __name__ == "__main__":
    release(Path(sys.argv[1]), *sys.argv[2:])
