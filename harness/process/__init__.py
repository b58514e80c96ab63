"""What a process must be told before libraries load: telemetry off, memory kept, harmless warnings hidden."""
