"""Which notes are left out of lists, and why."""

from __future__ import annotations

import functools
import re
from typing import Any

from vaultindex.base.errors import Problem
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.vault import app_settings, disk

_SECONDS = 0.05  # that one pattern may take on one path: patterns come with the vault, and some never end
_MOST_SLOW = 20  # after so many paths a pattern is not tried any more

# Folders of templates by their usual names, where no setting says so.
_TEMPLATES = lazy_pattern(
    r"(?:^|/)[\W\d_]*(?:templates?|vorlagen?|plantillas?|mod[eè]les?|modelli|modelos|sjablonen|mallar|maler|skabeloner|szablony|šablony|шаблоны|テンプレート|模板|템플릿)[\W_]*/",
    re.I,
)


@functools.lru_cache(maxsize=256)  # notes share their folders
def _holds_templates(folder: str) -> bool:
    return _TEMPLATES.search(folder) is not None


class Excluded:
    """Which notes are left out of lists, and why: conflict copies, templates, the app's and the user's excluded paths.

    A pattern that takes too long on a path does not exclude it; `slow` says so.
    """

    def __init__(self, app: app_settings.AppSettings, exclude: list[str]) -> None:
        self.templates = tuple(app.templates)
        self.folders = tuple(f.strip("/") + "/" for f in exclude if f.strip("/"))
        self.prefixes: list[str] = []
        self.slow: list[Problem] = []
        self._patterns: list[Any] = []
        self._times_slow: dict[str, int] = {}
        for entry in app.ignore:
            if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
                try:
                    re.compile(entry[1:-1])
                    import regex

                    self._patterns.append(regex.compile(entry[1:-1]))
                except (re.error, RecursionError, OverflowError, ValueError) as error:
                    what = f"userIgnoreFilters: {entry} is not a regular expression ({error}): ignored"
                    app.problems.append(Problem(app_settings.APP_FILES[1], 0, "settings", what))
            else:
                self.prefixes.append(entry.lstrip("/"))

    def why(self, path: str) -> str | None:
        """'conflict', 'template', 'setting' or 'app'; None for a note that is listed."""
        if disk.is_conflict_copy(path):
            return "conflict"
        if (self.templates and path.startswith(self.templates)) or _holds_templates(path[: path.rfind("/") + 1]):
            return "template"
        if self.folders and path.startswith(self.folders):
            return "setting"
        if any(path.startswith(p) for p in self.prefixes) or any(self._fits(p, path) for p in self._patterns):
            return "app"
        return None

    def _fits(self, pattern: Any, path: str) -> bool:
        times = self._times_slow.get(pattern.pattern, 0)
        if times < _MOST_SLOW:
            try:
                return pattern.search(path, timeout=_SECONDS) is not None
            except TimeoutError:
                self._times_slow[pattern.pattern] = times + 1
        what = f"is not left out by userIgnoreFilters: /{pattern.pattern}/ takes too long on such names"
        self.slow.append(Problem(path, 0, "settings", what))
        return False
