"""How long random tests look: a moment in `make test`, twenty times as long in `make fuzz`."""

from __future__ import annotations

import os


def times(examples: int) -> int:
    """So many examples, or a multiple: VAULTINDEX_TIMES."""
    return examples * int(os.environ.get("VAULTINDEX_TIMES", "1"))
