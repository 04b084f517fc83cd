"""A query's text -> its instructions: continued lines joined, placeholders filled in, presets put in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from vaultindex.base.text import JS_SPACE
from vaultindex.query.nodes.errors import QueryError, nearest
from vaultindex.tasks.plugin_settings import TaskSettings

MOST_INSTRUCTIONS = 2_000  # of one query, presets and placeholders filled in
LONGEST = 100_000  # characters of one query, and of one instruction, placeholders filled in
_ROUNDS = 10  # a placeholder's value may hold placeholders, so often
_DEEPEST = 20  # presets within presets


class QueryNote(NamedTuple):
    """The note that a query stands in: what `{{query.file...}}` and the TQ_ properties speak of."""

    path: str
    properties: Mapping[str, Any] = {}  # as YAML gives them
    outlinks: tuple[str, ...] = ()  # targets as typed

    def property(self, name: str) -> Any:
        """The value of a property, its name in any case; None when it is missing or empty."""
        wanted = name.lower()
        return next((value for key, value in self.properties.items() if str(key).lower() == wanted), None)


class Instruction(NamedTuple):
    """One instruction and how it came about: as written, with its lines joined, and as it is run."""

    written: str
    joined: str
    text: str
    line: int | None  # 1-based, of the query's text

    def stages(self) -> list[str]:
        """The text in its stages up to the one that is run, as explanations show it; only those that differ."""
        shown = self.written
        if "\n" in shown:
            shown += "\n"
        stages = [shown]
        if self.joined != self.written.strip(JS_SPACE):
            stages.append(self.joined)
        if self.text != self.joined:
            stages.append(self.text)
        return stages


def _continued(text: str, first: int | None) -> Iterator[tuple[str, str, int | None]]:
    r"""(as written, joined, line) of each instruction: `\` at the end joins the next line, `\\` is one backslash."""
    written: list[str] = []
    joined = ""
    start = first
    for number, line in enumerate(text.split("\n"), start=first or 0):
        if not written:
            start = number if first is not None else None
        shown = line if written else line.lstrip(JS_SPACE)
        written.append(shown)
        content = line.lstrip(" \t") if len(written) > 1 else shown
        literal = content.endswith("\\\\")
        if content.endswith("\\") and not literal:
            joined += content[:-1].rstrip(" \t") + " "
            continue
        joined += content[:-1] if literal else content
        yield "\n".join(written).rstrip(JS_SPACE), joined.strip(JS_SPACE), start
        written, joined = [], ""
    if written:
        yield "\n".join(written).rstrip(JS_SPACE), joined.strip(JS_SPACE), start


def instructions(
    text: str, settings: TaskSettings, note: QueryNote | None, first: int | None = 1
) -> Iterator[Instruction]:
    """Every instruction of a query's text in order, comments included, empty lines left out.

    `first` is the number of the text's first line, or None when the text is not the asker's own. Raises QueryError
    for a placeholder or a preset that cannot be filled in.
    """
    return _Reader(settings, note).read(text, first, 0)


class _Reader:
    """Fills in one text's placeholders and presets; counts, since these may hold each other."""

    def __init__(self, settings: TaskSettings, note: QueryNote | None) -> None:
        self.settings, self.note, self.count = settings, note, 0

    def read(self, text: str, first: int | None, depth: int) -> Iterator[Instruction]:
        if len(text) > LONGEST:
            raise QueryError("too_large", f"The query is longer than {LONGEST:,} characters.")
        for written, joined, line in _continued(text, first):
            self.count += 1
            if self.count > MOST_INSTRUCTIONS:
                reason = f"The query has more than {MOST_INSTRUCTIONS:,} lines, presets filled in."
                raise QueryError("too_large", reason, written, line)
            if joined:
                try:
                    yield from self._filled(written, joined, line, depth)
                except QueryError as error:
                    raise error.at(written, line) from None

    def _filled(self, written: str, joined: str, line: int | None, depth: int) -> Iterator[Instruction]:
        if joined.startswith("#"):
            yield Instruction(written, joined, joined, line)
            return
        filled = fill(joined, self.settings, self.note)
        if "\n" not in filled:
            yield from self._preset(Instruction(written, joined, filled.strip(JS_SPACE), line), depth)
            return
        for number, (_, part, _) in enumerate(_continued(filled, None), start=1):
            if part:
                name = f"{written}: statement {number} after expansion of placeholder"
                yield from self._preset(Instruction(name, name, part, line), depth)

    def _preset(self, one: Instruction, depth: int) -> Iterator[Instruction]:
        match = re.match(rf"preset[{JS_SPACE}]+(.+)\Z", one.text, re.IGNORECASE)
        if not match:
            yield one
            return
        name = match[1].strip(JS_SPACE)
        content = self.settings.presets.get(name)
        if not content:
            raise QueryError("preset", _no_preset(name, self.settings.presets), one.text, one.line)
        if depth >= _DEEPEST:
            raise QueryError("preset", f"The preset '{name}' leads back to itself.", one.text, one.line)
        for inner in self.read(content, None, depth + 1):
            yield Instruction(one.written, one.joined, inner.text, one.line)


def _no_preset(name: str, presets: Mapping[str, str]) -> str:
    if not presets:
        return f"There is no preset '{name}': the vault defines none."
    near = nearest(name, presets)
    hint = f" Did you mean '{near}'?" if near else ""
    width = max(map(len, presets))
    known = "".join(f"\n  {key:{width}} : {text.split(chr(10))[0]}" for key, text in sorted(presets.items()))
    return f"There is no preset '{name}'.{hint} The vault's presets are:{known}"


# ---------------------------------------------------------------- placeholders

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*(?:\.[A-Za-z_$][A-Za-z0-9_$-]*)*")
_CALL = re.compile(r"query\.file\.(property|hasProperty)\(\s*(?:'([^']*)'|\"([^\"]*)\")\s*\)")


def fill(text: str, settings: TaskSettings, note: QueryNote | None) -> str:
    """The text with its `{{...}}` replaced by their values. Raises QueryError (placeholder)."""
    for _ in range(_ROUNDS):
        if "{{" not in text:
            break
        text = _fill_once(text, settings, note)
        if len(text) > LONGEST:
            raise QueryError("too_large", f"The instruction grows beyond {LONGEST:,} characters when it is filled in.")
    return text


def _fill_once(text: str, settings: TaskSettings, note: QueryNote | None) -> str:
    parts, at = [], 0
    while (start := text.find("{{", at)) >= 0:
        end = text.find("}}", start)
        if end < 0:
            raise QueryError(
                "placeholder", f"The placeholder that begins at character {start + 1} has no closing }}}}."
            )
        parts += [text[at:start], _value(text[start + 2 : end].strip(JS_SPACE), settings, note)]
        at = end + 2
    return "".join([*parts, text[at:]])


def _value(name: str, settings: TaskSettings, note: QueryNote | None) -> str:
    call = _CALL.fullmatch(name)
    if not call and not _NAME.fullmatch(name):
        raise QueryError(
            "placeholder",
            f"{{{{{name}}}}} is JavaScript or an inline comment, which the Tasks plugin does not run by default and"
            " vaultindex never does. Placeholders are names such as {{query.file.path}}, {{query.file.property('x')}}"
            " and {{preset.name}}; write comments in a line of their own, after #.",
        )
    value: Any
    if name.endswith(".length") and not call:  # the one property of a text or a list that JavaScript's templates reach
        whole = _value(name.removesuffix(".length"), settings, note) if name != "query.file.outlinks.length" else None
        if whole is None and note is not None:
            return str(len(note.outlinks))
        if whole is not None:
            return str(len(whole.encode("utf-16-le")) // 2)
    if name.startswith("preset."):
        value = settings.presets.get(name.removeprefix("preset."), _UNKNOWN)
    elif not name.startswith("query."):
        value = _UNKNOWN
    elif note is None:
        raise QueryError("placeholder", f"{{{{{name}}}}} needs the note that holds the query: name it with --note.")
    elif call:
        asked = call[2] if call[2] is not None else call[3]
        value = note.property(asked)
        if call[1] == "hasProperty":
            value = value is not None
    else:
        value = _file(note).get(name.removeprefix("query.file."), _UNKNOWN)
    if value is _UNKNOWN:
        raise QueryError("placeholder", f"{{{{{name}}}}} is not a known placeholder. {_known(settings)}")
    if value is None:
        raise QueryError("placeholder", f"{{{{{name}}}}} has no value: the note has no such property, or an empty one.")
    return _text(value)


_UNKNOWN = object()


def _file(note: QueryNote) -> dict[str, Any]:
    folder, _, filename = note.path.rpartition("/")
    root = note.path.partition("/")[0]
    return {
        "path": note.path,
        "pathWithoutExtension": note.path.removesuffix(".md"),
        "root": f"{root}/" if folder else "/",
        "folder": f"{folder}/" if folder else "/",
        "filename": filename,
        "filenameWithoutExtension": filename.removesuffix(".md"),
        "outlinks": list(note.outlinks),
    }


def _known(settings: TaskSettings) -> str:
    files = ", ".join(f"query.file.{name}" for name in _file(QueryNote("")))
    presets = f", preset.{' preset.'.join(settings.presets)}" if settings.presets else ""
    return f"Known are {files}, query.file.property('x'), query.file.hasProperty('x'){presets}."


def _text(value: Any) -> str:
    """A property's value as JavaScript puts it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if item is None else _text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


# ---------------------------------------------------------------- what the vault adds to a query

_SHOWN = (
    "toolbar tree tags id depends_on priority recurrence_rule on_completion created_date start_date scheduled_date"
    " due_date cancelled_date done_date urgency backlink edit_button postpone_button task_count"
)


def from_properties(note: QueryNote | None) -> str:
    """The instructions that the TQ_ properties of the query's note stand for, one a line; '' when there are none."""
    if note is None:
        return ""
    found = []
    if note.property("TQ_explain") is True:
        found.append("explain")
    short = note.property("TQ_short_mode")
    if short is not None:
        found.append("short mode" if short else "full mode")
    for name in _SHOWN.split():
        shown = note.property(f"TQ_show_{name}")
        if shown is not None:
            found.append(f"{'show' if shown else 'hide'} {name.replace('_', ' ')}")
    extra = note.property("TQ_extra_instructions")
    if extra:
        found.append(_text(extra))
    return "\n".join(found)
