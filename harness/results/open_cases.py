"""The cases of a finished run that its candidate has not got right, to be run again by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.errors import InputError
from harness.files.input_file import legible
from harness.record.files import StoredRun
from harness.types import Trace

SUCCESS = "task_success"
WHICH: Mapping[str, Callable[[Trace, float | None], bool]] = {
    "failing": lambda trace, success: success != 1.0,  # wrong, unscored or without an answer
    "unanswered": lambda trace, success: trace.answer is None,
}


def open_cases(run: StoredRun, which: str) -> tuple[str, ...]:
    """Ids of the candidate's cases, in the order in which they were asked.

    Raises:
        InputError: no such choice, or there is no such case.
    """
    if which not in WHICH:
        raise InputError(
            f"--only {legible(which)}: expected one of: {', '.join(WHICH)}; then the run: --only failing latest"
        )
    arm = run.record.verdict.candidate
    success = {score.case_id: score.value for score in run.scores if score.arm == arm and score.metric == SUCCESS}
    rows = (trace for trace in run.traces if trace.arm == arm and not trace.probe)
    ids = tuple(trace.case_id for trace in rows if WHICH[which](trace, success.get(trace.case_id)))
    if not ids:
        raise InputError(f"--only {which}: {run.folder.name} has no such case of {arm}; nothing is to be run again")
    return ids
