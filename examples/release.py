"""Before a release: candidates compared, the better one released and pinned, what is served held against it."""

import sys

import harness


def release(scenario: str, *names: str, against: str | None = None) -> str:
    """The name to release, and why, printed; `harness compare` in CI exits with 1 where a candidate is worse."""
    comparison = harness.compare(names, scenario=scenario, against=against)
    for row in comparison.judgements:
        print(f"{row.candidate}: {row.word}, {len(row.won)} questions won, {len(row.lost)} lost")
    print(f"release {comparison.release}: {comparison.because}")
    return comparison.release


def pin(run: str) -> str:
    """The baseline that later candidates are held against, by `against="blessed"`."""
    return harness.bless(run).pin.arm


def served_as_measured(adapter: str, served: str, scenario: str, model: str | None = None) -> bool:
    """Whether an endpoint (or `unmerged`, `nf4`, a merged model's folder) answers as the adapter does here."""
    outcome = harness.parity(adapter, served, scenario=scenario, model=model)
    print(outcome if isinstance(outcome, str) else outcome.says)  # a text: its keys could have no effect at all
    return not isinstance(outcome, str) and outcome.word == "as measured"


if __name__ == "__main__":
    release(*sys.argv[1:])
