"""Turn the bytes of files into the rows of every table. Pure, so that a second process can share the work."""

import json
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

from vaultindex.base.errors import Problem
from vaultindex.base.icu_order import sort_key
from vaultindex.base.mojibake import repair
from vaultindex.base.packed_text import pack
from vaultindex.base.text import apart, decode, fold, json_list, may_need_spaces
from vaultindex.extract import registry
from vaultindex.extract.source import Rules, Source, Values
from vaultindex.notes.model import Note
from vaultindex.notes.parse import Parsing

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class File(NamedTuple):
    """One file, as it was found."""

    id: int  # in the index
    path: str
    data: bytes | None  # None: it was too large to read
    excluded: str | None  # why lists leave it out


class Rows(NamedTuple):
    """The rows of a batch of files, as plain tuples in column order."""

    notes: list[Values]
    bodies: list[Values]  # id, title, the text as it is kept
    texts: list[Values]  # id, title, text in UTF-8: for the search
    problems: list[Values]  # id, path, line, kind, what
    tables: list[list[Values]]  # one per extractor, in the order of extract.tables()


def read_text(data: bytes, path: str) -> tuple[str, list[Problem]]:
    """The text of a note, decoded and with mojibake repaired, and the problems met on the way."""
    text, damage = decode(data)
    problems = [Problem(path, 0, "encoding", damage)] if damage else []
    text, repaired = repair(text, None if damage else data)
    if repaired:
        shown = ", ".join(map(str, repaired[:8])) + (", ..." if len(repaired) > 8 else "")
        what = f"has damaged characters (UTF-8 once read as another encoding) on line{'s' * (len(repaired) > 1)} {shown}: read as meant, the note is unchanged"
        problems.append(Problem(path, repaired[0], "mojibake", what))
    return text, problems


class _Draft:
    """One note between bytes and rows: what the steps so far have made of it."""

    __slots__ = ("body", "error", "file", "note", "parsing", "problems", "row", "search", "source", "tables", "text")
    text: str
    parsing: Parsing
    note: Note
    source: Source
    row: Values
    body: Values
    search: Values

    def __init__(self, file: File) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.tables: list[list[Values]] = []
        self.error: Exception | None = None


class Maker:
    """Turns notes into rows, by the same rules."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.tables = registry.tables()
        self._steps = (
            *(self._read, self._properties, self._blocks, self._inline, self._about),
            *(*map(self._extract, self.tables), self._row, self._body),
        )

    def for_vault(self, month_first: bool | None) -> "Maker":
        """The same for a vault whose notes write 04/05/2026 in this way."""
        return self if month_first is self.rules.month_first else Maker(self.rules._replace(month_first=month_first))

    def notes(self, files: Sequence[File]) -> Rows:
        """The rows of these notes. Never raises for what a note holds.

        Each step runs for the whole batch before the next one: its code stays in the processor's caches, which is a sixth faster.
        """
        drafts = [_Draft(file) for file in files]
        for step in self._steps:
            for draft in drafts:
                if draft.error is None:
                    try:
                        step(draft)
                    except Exception as error:  # noqa: BLE001 - a note that trips us costs its own rows, never the others
                        draft.error = error
        for at, draft in enumerate(drafts):
            if draft.error is not None:
                drafts[at] = self._nameless(draft)
        return Rows(
            [draft.row for draft in drafts],
            [draft.body for draft in drafts],
            [draft.search for draft in drafts],
            [(draft.file.id, *problem) for draft in drafts for problem in (*draft.problems, *draft.note.problems)],
            [[*chain.from_iterable([draft.tables[at] for draft in drafts])] for at in range(len(self.tables))],
        )

    def get_ready(self) -> None:
        """Import what only some notes need, so that a process forked after this has it already."""
        self.notes([File(0, "any.md", b"---\nproperties: {of: YAML}\n---\n`marks` around a *[[link]]*", None)])

    def canvas(self, file: File) -> Rows:
        """The rows of a canvas: the links of its cards."""
        from vaultindex.extract.links import row
        from vaultindex.notes.canvas import parse_canvas

        tables: list[list[Values]] = [[] for _ in self.tables]
        text, problems = read_text(file.data or b"", file.path)
        try:
            links = parse_canvas(text, file.path)
        except ValueError as error:
            problems.append(Problem(file.path, 0, "canvas", f"is no canvas, {error}: its links are not indexed"))
            links = []
        tables[[t.name for t in self.tables].index("links")] = [row(file.id, link) for link in links]
        return Rows([], [], [], [(file.id, *p) for p in problems], tables)

    def _nameless(self, tripped: _Draft) -> _Draft:
        """A draft that holds only the note's name, for a note that we could not read."""
        draft = _Draft(tripped.file._replace(data=b""))
        for step in self._steps:
            step(draft)
        error = tripped.error
        what = f"could not be understood ({type(error).__name__}: {error}): only its name is indexed; please report it"
        draft.problems = [*tripped.problems, Problem(draft.file.path, 0, "internal", what)]
        return draft

    # ---- the steps

    def _read(self, draft: _Draft) -> None:
        _, path, data, _ = draft.file
        if data is None:
            what = "is larger than 5 MB: only its name is indexed"
            draft.text, draft.problems = "", [Problem(path, 0, "size", what)]
        else:
            draft.text, draft.problems = read_text(data, path)

    def _properties(self, draft: _Draft) -> None:
        draft.parsing = Parsing(draft.text, draft.file.path)
        draft.parsing.read_properties()

    def _blocks(self, draft: _Draft) -> None:
        draft.parsing.read_body()

    def _inline(self, draft: _Draft) -> None:
        draft.note = draft.parsing.read_inline()

    def _about(self, draft: _Draft) -> None:
        draft.source = registry.source(draft.note, self.rules, draft.file.id)

    def _extract(self, table: registry.Table) -> Callable[[_Draft], None]:
        def step(draft: _Draft, extract: Callable[[Source], list[Values]] = table.extract) -> None:
            draft.tables.append(extract(draft.source))

        return step

    def _row(self, draft: _Draft) -> None:
        note, about = draft.source.note, draft.source.about
        identity, path, _, excluded = draft.file
        if excluded is None and about.template:
            excluded = "template"
        if excluded == "template":
            # What a template leaves open is no mistake.
            note.problems[:] = [problem for problem in note.problems if problem.kind != "yaml"]
        slash = path.rfind("/")
        draft.row = (
            identity,
            path,
            about.title,
            path[: slash + 1] or "/",
            path[: path.find("/") + 1] or "/",
            path[slash + 1 :],
            fold.__wrapped__(path[slash + 1 : -3]),
            fold.__wrapped__(about.title),
            about.type,
            about.date,
            about.account,
            fold(about.account) if about.account else None,
            int(about.account_own),
            about.project,
            about.person,
            json_list(tuple(dict.fromkeys([name for _, name, _ in about.participants]))),
            about.source,
            about.source_ref,
            json_list(about.aliases),
            _as_json(note.properties) if note.properties else "{}",
            json_list(tuple(dict.fromkeys([*(note.property_tags or ()), *[tag for _, _, tag in note.tags]]))),
            len(note.text.split()),
            about.entity,
            excluded,
            int(about.is_meeting),
            sort_key(path),
        )

    def _body(self, draft: _Draft) -> None:
        identity, title = draft.file.id, draft.source.about.title
        text = draft.text.encode("utf-8", "replace")  # (half of a surrogate pair, which no file can hold, becomes '?')
        words = apart(draft.text) if may_need_spaces(text) else draft.text
        spaced = text if words is draft.text else words.encode("utf-8", "replace")
        draft.body, draft.search = (identity, title, pack(text)), (identity, apart(title), spaced)
