"""A run from Python, as in a notebook: the verdict, the figures as a data frame, the questions that an arm loses."""

import sys

import harness


def main(scenario: str) -> None:
    """Run a scenario, or find it run, and look at what it says."""
    try:
        run = harness.run(scenario)
    except harness.InputError as error:
        sys.exit(f"not run: {error}")
    print(run.verdict.word, "-", run.verdict.sentence)
    table = run.estimates().pivot(index="metric", columns="arm", values="mean")
    print(table.round(3).to_string())
    scores = run.metrics().query("metric == 'task_success' and value == 0")
    print(scores.groupby("arm")["case"].apply(list).to_string())


if __name__ == "__main__":
    main(sys.argv[1])
