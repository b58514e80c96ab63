"""Cases x arms -> traces -> scores: stages, each keyed by the hash of everything it depends on; cached and resumable.

store      where a stage's result lies, and whether it is whole
plan       the stages of a scenario with their keys, sizes and times (what --dry-run prints)
workers    single-thread processes beside this one, so that both cores stay busy
tasks      what a worker does: tune an adapter, generate an arm's answers, test for forgetting
latency    warm, one at a time, arms interleaved, with an A/A control
measure    scores and estimates: the figures of the record
provenance versions, hardware, git
engine     runs the plan
"""
