"""Give memory back after a burst of changes: clear the caches and trim the heap of the long-running watcher."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Clear every cache that only saves time, and return free memory to the system (Linux with GNU's C library)."""
    for name, module in list(sys.modules.items()):
        if name.startswith("vaultindex."):
            for value in list(vars(module).values()):
                settings = getattr(value, "cache_parameters", None)
                # maxsize 1 or None: computed once for the life of the process, so it stays.
                if settings is not None and (settings()["maxsize"] or 1) > 1:
                    value.cache_clear()
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of GNU's C library
        if trim is not None:
            trim(0)
