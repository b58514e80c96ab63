"""Golden cases, probes and tuning examples: loading, checking, splitting, importing."""
