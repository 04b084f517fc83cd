"""What a burst of changes leaves behind in a process that goes on: remembered names, and memory that is free but held."""

from __future__ import annotations

import ctypes
import gc
import sys


def let_go() -> None:
    """Forget what is only remembered to save time, and give free memory back to the system, where that can be asked for."""
    for name, module in list(sys.modules.items()):
        if name.startswith("vaultindex."):
            for value in list(vars(module).values()):
                settings = getattr(value, "cache_parameters", None)
                # A cache of one thing, or of everything, keeps what is made once and for all.
                if settings is not None and (settings()["maxsize"] or 1) > 1:
                    value.cache_clear()
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of GNU's C library
        if trim is not None:
            trim(0)
