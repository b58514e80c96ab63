"""Advise: the nine questions answered, so that a team would trust the answer (layer 2).

questions   the nine as frozen values, with the reading the decision guide gives each
recommend   answers + facts -> Advice: recommendation, wanted, first step, reason, conflicts
walk        the guide read literally: its arrows and its tiers
signals     the six signals, rated from answers and facts
stability   what unsure answers could still change, by exact enumeration
memory      what tuning needs: GPU memory, examples, money
profile     what each approach is like to live with; the four architecture patterns
parse       the `advice:` block of a scenario -> AdviceInput, with errors that say where
render      the same content as terminal text, one HTML page, one JSON object
"""
