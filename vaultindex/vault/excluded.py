"""Which notes are left out of lists, and why."""

from __future__ import annotations

import re

from vaultindex.base.errors import Problem
from vaultindex.vault import disk

# Folders of templates by their usual names, where no setting says so.
_TEMPLATES = re.compile(
    r"(?:^|/)[\W\d_]*(?:templates?|vorlagen?|plantillas?|mod[eè]les?|modelli|modelos|sjablonen|mallar|maler|skabeloner|szablony|šablony|шаблоны|テンプレート|模板|템플릿)[\W_]*/",
    re.I,
)


class Excluded:
    """Which notes are left out of lists, and why: conflict copies, templates, the app's and the user's excluded paths."""

    def __init__(self, app: disk.AppSettings, exclude: list[str]) -> None:
        self.templates = tuple(app.templates)
        self.folders = tuple(f.strip("/") + "/" for f in exclude if f.strip("/"))
        self.prefixes: list[str] = []
        self.patterns: list[re.Pattern[str]] = []
        for entry in app.ignore:
            if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
                try:
                    self.patterns.append(re.compile(entry[1:-1]))
                except re.error as error:
                    what = f"userIgnoreFilters: {entry} is not a regular expression ({error}): ignored"
                    app.problems.append(Problem(disk.APP_FILES[1], 0, "settings", what))
            else:
                self.prefixes.append(entry.lstrip("/"))

    def why(self, path: str) -> str | None:
        """'conflict', 'template', 'setting' or 'app'; None for a note that is listed."""
        if disk.is_conflict_copy(path):
            return "conflict"
        if (self.templates and path.startswith(self.templates)) or _TEMPLATES.search(path):
            return "template"
        if self.folders and path.startswith(self.folders):
            return "setting"
        if any(path.startswith(p) for p in self.prefixes) or any(p.search(path) for p in self.patterns):
            return "app"
        return None
