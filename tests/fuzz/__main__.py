"""All the long random comparisons, one after the other: `python -m tests.fuzz [--notes N] [--seed S]`."""

from __future__ import annotations

import sys

from tests.fuzz import differential, two_ways

sys.exit(max(differential.main(), two_ways.main()))
