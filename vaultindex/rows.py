"""The bytes of one file become the rows of every table: pure, so that any process may do it."""

from __future__ import annotations

import json
from typing import NamedTuple

from vaultindex import extract
from vaultindex.collation import sort_key
from vaultindex.errors import Problem
from vaultindex.extract import Values
from vaultindex.mojibake import repair
from vaultindex.note import Note
from vaultindex.packed import pack
from vaultindex.parse import parse_note
from vaultindex.text import decode, fold, json_list

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Rows(NamedTuple):
    """What one file is in the index: plain tuples, each as its table takes it."""

    note: Values | None  # of table notes; None for a canvas
    body: Values | None  # id, title, the text as it is kept
    text: Values | None  # id, title, text: for the search
    problems: list[Values]  # id, path, line, kind, what
    tables: list[list[Values]]  # one per extractor, in the order of extract.tables()


def read_text(data: bytes, path: str) -> tuple[str, list[Problem]]:
    """The text of a note as it is read: decoded, mojibake repaired; and what had to be done for it."""
    text, damage = decode(data)
    problems = [Problem(path, 0, "encoding", damage)] if damage else []
    text, repaired = repair(text, None if damage else data)
    if repaired:
        shown = ", ".join(map(str, repaired[:8])) + (", ..." if len(repaired) > 8 else "")
        what = f"has damaged characters (UTF-8 once read as another encoding) on line{'s' * (len(repaired) > 1)} {shown}: read as meant, the note is unchanged"
        problems.append(Problem(path, repaired[0], "mojibake", what))
    return text, problems


class Maker:
    """Turns one note after the other into rows, by the same rules."""

    def __init__(self, rules: extract.Rules) -> None:
        self.rules = rules
        self.tables = extract.tables()

    def note(self, identity: int, path: str, data: bytes | None, excluded: str | None) -> Rows:
        """The rows of the note with this id; `data` None means that it was too large to read.

        Never raises for what a note holds.
        """
        if data is None:
            what = "is larger than 5 MB: only its name is indexed"
            return self._rows(identity, parse_note("", path), [Problem(path, 0, "size", what)], excluded)
        text, problems = read_text(data, path)
        try:
            return self._rows(identity, parse_note(text, path), problems, excluded)
        except Exception as error:  # noqa: BLE001 - a note that trips our parser costs its own rows, never the others
            what = (
                f"could not be understood ({type(error).__name__}: {error}): only its name is indexed; please report it"
            )
            problems.append(Problem(path, 0, "internal", what))
            return self._rows(identity, parse_note("", path), problems, excluded)

    def canvas(self, identity: int, path: str, data: bytes | None) -> Rows:
        """The rows of the canvas with this id: the links of its cards."""
        from vaultindex.canvas import parse_canvas
        from vaultindex.extract.links import row

        tables: list[list[Values]] = [[] for _ in self.tables]
        text, problems = read_text(data or b"", path)
        try:
            links = parse_canvas(text, path)
        except ValueError as error:
            problems.append(Problem(path, 0, "canvas", f"is not a canvas ({error}): its links are not indexed"))
            links = []
        tables[[t.name for t in self.tables].index("links")] = [row(identity, link) for link in links]
        return Rows(None, None, None, [(identity, *p) for p in problems], tables)

    def _rows(self, identity: int, note: Note, problems: list[Problem], excluded: str | None) -> Rows:
        source = extract.source(note, self.rules, identity)
        about = source.about
        path = note.path
        slash = path.rfind("/")
        stem = path[slash + 1 : -3]
        tables = [table.extract(source) for table in self.tables]
        properties = _as_json(note.properties) if note.properties else "{}"
        text = note.text
        row = (
            identity,
            path,
            about.title,
            path[: slash + 1] or "/",
            path[: path.find("/") + 1] or "/",
            path[slash + 1 :],
            fold(stem),
            fold(about.title),
            about.type,
            about.date,
            about.account,
            fold(about.account) if about.account else None,
            int(about.account_own),
            about.project,
            about.person,
            json_list(tuple(dict.fromkeys([p.name for p in about.participants]))),
            about.source,
            about.source_ref,
            json_list(about.aliases),
            properties,
            json_list(tuple(dict.fromkeys([*(note.property_tags or ()), *[t.tag for t in note.tags]]))),
            len(text.split()),
            about.entity,
            excluded,
            sort_key(path),
        )
        found = [(identity, *p) for p in (*problems, *note.problems)]
        return Rows(row, (identity, about.title, pack(text)), (identity, about.title, text), found, tables)
