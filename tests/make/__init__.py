"""Made-up runs for every room's tests, built by the functions that a run uses, so that drift is a type error.

make.script({"hybrid": 114, "rag": 84})       which cases each arm gets right
make.traces(script), make.scores(script)      read by the real arms, scored by the real metrics
make.figures(script, drills=...)              by the producers of a run
make.record(figures, script, gates={...})     with its real verdict
make.run(folder, script)                      on disk
"""

from tests.make.answers import (
    BASIC,
    EVERY,
    HITS,
    Outcome,
    Script,
    ScriptedGenerator,
    ScriptedRetriever,
    drawn,
    replaced,
    scores,
    script,
    trace,
    traces,
)
from tests.make.parts import (
    ability,
    adapter,
    around,
    declined,
    drills,
    freshness,
    latency,
    proportion,
    reranker,
    retrieval,
    tuning,
)
from tests.make.runs import BUSY, HEALTHY, UNMEASURED, arm_section, busy, figures, record, run, scenario
from tests.make.world import LONG, ORDER, RIGHT_TO_LEFT, SCHEMA, SCRIPT, World

__all__ = [
    "BASIC",
    "BUSY",
    "EVERY",
    "HEALTHY",
    "HITS",
    "LONG",
    "ORDER",
    "RIGHT_TO_LEFT",
    "SCHEMA",
    "SCRIPT",
    "UNMEASURED",
    "Outcome",
    "Script",
    "ScriptedGenerator",
    "ScriptedRetriever",
    "World",
    "ability",
    "adapter",
    "arm_section",
    "around",
    "busy",
    "declined",
    "drawn",
    "drills",
    "figures",
    "freshness",
    "latency",
    "proportion",
    "record",
    "replaced",
    "reranker",
    "retrieval",
    "run",
    "scenario",
    "scores",
    "script",
    "trace",
    "traces",
    "tuning",
]
