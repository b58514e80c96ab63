"""harness: settles "RAG, fine-tuning, or both?" by building every arm for real and measuring it."""

from harness.process import telemetry

__version__ = "0.1.0"

# Here, because no later place is sure to come before a library loads.
telemetry.switch_off()
