"""The first screen, part by part: its sentence, the level, tiles, the next step, advice beside measurement."""
