"""Advise: the nine questions answered, so that a team would trust the answer.

questions        the nine as frozen values, with the reading the decision guide gives each
recommendations  the four recommendations: names, and the kind of arm each asks for
rules            nine answers of yes or no -> decision: what is wanted, feasible, recommended, done first
recommend        answers + facts -> Advice: all of it in one value
reasons          the reason in one sentence, and the answers that it rests on
walk             the guide read literally: its arrows and its tiers
signals          the six signals, rated from answers and facts
stability        what unsure answers could still change, by exact enumeration
facts            numbers beside the answers; fact_checks: where they disagree; conflicts: all that disagrees
tuning_needs     what tuning needs: examples, GPU, money; gpu_memory: the estimate; memory_figures: published ones
profile          what each approach is like to live with; run_profile: the cells that a run measured
architectures    the four ways to combine retrieval and tuning
parse            the `advice:` block of a scenario -> Questionnaire, with errors that say where; answers_file: on disk
dialogue         the nine questions at a terminal, one pure step a line
content          the advice as one value for JSON, terminal and page; labels: its words; section: for a run's record
"""
