"""The parts of the page: one module each, a run's view in, a frozen value out that the template of its name shows."""
