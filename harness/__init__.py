"""harness: settles "RAG, fine-tuning, or both?" by building every arm for real and measuring it."""

__version__ = "0.1.0"
