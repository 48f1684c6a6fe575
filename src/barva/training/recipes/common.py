"""What all families have in common when they are compared: photos, sizes and samples."""

from __future__ import annotations

from barva.training.recipe import Stage

STAGES = (Stage(0.0, 64, 32),)
"""64 px, 32 photos a step, throughout."""

SAMPLES = 30_000
"""Photos shown in one run: those of `benchmarks/families.md` and of the shipped weights."""

FILMED = 0.2
"""Share of samples with an old film's light."""
