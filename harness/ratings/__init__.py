"""People's ratings: blinded sheets of answers out and in, labels beside a scenario, golden cases reviewed."""
