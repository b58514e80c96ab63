"""A failure mode of your own: how it shows in a run, why it happens, and the setting to change."""

from harness.diagnosis.modes import FailureMode
from harness.diagnosis.symptoms import DiagnosedRun, Symptom


def shouting(run: DiagnosedRun) -> Symptom:
    """Answers of the first arm that are written in capitals."""
    arm = next(iter(run.sheet.arms))
    loud = [case for (name, case), answer in run.answers.items() if name == arm and answer.text.isupper()]
    return Symptom(len(loud) >= 1, arm, f"{len(loud)} answers in capitals", tuple(loud))


MODES = [
    FailureMode(
        name="shouting",
        title="Answers in capitals",
        source="your support team",
        detector=shouting,
        cause="Examples were copied from forms that are filled in capitals.",
        fix="Write the examples as people write.",  # `change=` names the settings, where a setting does it
    )
]
