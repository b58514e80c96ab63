"""The set-up of a process before libraries load: telemetry off, memory kept, harmless warnings hidden."""
