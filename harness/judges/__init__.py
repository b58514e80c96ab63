"""Judges: answers judged by a model behind a server, through ragas and deepeval; classifiers of unsupported claims."""
