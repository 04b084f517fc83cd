"""The same commands, asked of the team's store: rows of everybody's vaults take the place of the index."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from vaultindex.base import settings
from vaultindex.base.errors import NoVaultError, UsageError, VaultError
from vaultindex.base.text import fold
from vaultindex.cli.app import App, Row, age
from vaultindex.meetings.name_forms import spelled
from vaultindex.render import json_text, phrases, table
from vaultindex.team import address, kept
from vaultindex.team.fetch import Asked, Reader, Vault
from vaultindex.team.gather import apart_again, gather
from vaultindex.team.rules import is_whoever

ADDED = ("publisher", "vault")  # the fields that the rows of a team have beside their own
# Commands that ask the store -> their modules.
SAME = {
    "tasks": "read.tasks", "decisions": "read.rows", "people": "read.people", "person": "pages.who", "account": "pages.who",
    "waiting": "pages.waiting", "search": "read.search",
}  # fmt: skip
_OLDEST = 3  # vaults of which the age is said


class TeamApp(App):
    """One run of one of these commands. A vault is not needed; where there is one, its settings say who asks."""

    own = False

    def __init__(self, ctx: click.Context) -> None:
        super().__init__(ctx)
        self.vaults: list[Vault] | None = None  # once the store was asked
        self._own: str | None = None  # the reader's own vault

    def _find(self) -> None:
        try:
            super()._find()
            self._own = self._root
        except NoVaultError:
            self._config = settings.load(self.env)
        self._root = ""  # no note of these lies in the reader's vault: nothing links there
        assert self._config is not None
        # The names under which the reader's own vaults are published, and those that are not everybody's.
        own = [str(rules["name"]) for rules in self._config.get("publish").values() if rules.get("name")]
        me = [*own, *(name for name in self._config.get("me") if not is_whoever(name))]
        value = self._config.values["me"]._replace(value=me)
        self._config = self._config._replace(values={**self._config.values, "me": value})

    def connect(self) -> sqlite3.Connection:
        """A private index of the rows that this question needs. Raises VaultError."""
        ctx = click.get_current_context()
        where = address.address(self.env, self.config)
        asked = question(self, str(ctx.info_name), ctx.params)
        if "cached" in self.given:
            return self._kept(where, asked)
        try:
            conn = self._ask(where, asked)
        except address.Unreachable as error:
            old = kept.load(self.env, where, asked)
            if old is None:
                raise
            raise address.Unreachable(f"{error}. An answer was kept {age(old.age)} ago: --cached shows it") from error
        if "keep" in self.given:
            kept.keep(self.env, where, asked, conn, self.vaults or [])
        return conn

    def _ask(self, where: str, asked: Asked) -> sqlite3.Connection:
        with address.told(where):
            reader = Reader(where, self.env)
            try:
                found = reader.fetch(asked)
                if asked.search and not found.rows["notes"]:
                    found = reader.fetch(asked._replace(unless=True))
            finally:
                reader.close()
        self.vaults = found.vaults
        if found.cut:
            self.doubts.append("there are more notes than were looked at: say more words")
        return gather(found, self._state())

    def _state(self) -> str | None:
        """Where the answers about names are kept, when there is a vault."""
        if self._own is None:
            return None
        from vaultindex.vault.journal_place import state_file

        return state_file(self.env, self._own, self.config)

    def _kept(self, where: str, asked: Asked) -> sqlite3.Connection:
        found = kept.load(self.env, where, asked)
        if found is None:
            raise VaultError(
                "no answer to this question was kept: ask it once with --keep while the store can be reached"
            )
        self.vaults = found.vaults
        self.notes.append(f"as it was {age(found.age)} ago (--cached)")
        return found.conn

    # --- the answer ---

    def show(
        self, rows: Iterable[Row], columns: Sequence[table.Column], fields: Sequence[str], empty: str, *, only: str | None = None,
        heading: str | None = None, header: bool = False,
    ) -> None:  # fmt: skip
        """Print the rows, with who published each."""
        if "path" not in fields:
            super().show(rows, columns, fields, empty, only=only, heading=heading, header=header)
            return
        whole = rows.whole() if hasattr(rows, "whole") and (only or self.format in ("json", "jsonl")) else rows
        made = ({**row, **_whose(row)} for row in whole)
        said = [*columns, table.Column("from", _from, most=16, style=lambda row: "dim")]
        named = [*fields, *ADDED]
        super().show(made, said, named, empty, only=only, heading=heading, header=header)

    def document(self, document: Row) -> None:
        """Print a page as JSON: every row with who published it, and how old everybody's rows are."""
        self.lines([json_text.dumps({**_marked(document), "publishers": [one.row() for one in self.vaults or ()]})])

    def command(self, text: str) -> str:
        """The list that shows all, as it is asked of the team; nothing where it cannot be."""
        if not text.startswith("vi "):
            return text
        name = text.split(" ", 2)[1]
        return f"vi team {text[3:]}" if name in SAME else ""

    def finish(self) -> None:
        """Say how old the rows are."""
        if self.vaults:
            ages = [f"{vault.vault} {age(vault.age)}" for vault in self.vaults[:_OLDEST]]
            more = f" and {len(self.vaults) - _OLDEST} newer ones" if len(self.vaults) > _OLDEST else ""
            self.doubts.append(
                f"rows of {phrases.count(len(self.vaults), 'vault')}, the oldest first: {', '.join(ages)}{more}"
            )
        elif self.vaults is not None:
            self.doubts.append("nobody has published anything that you may read")
        super().finish()


def question(app: App, command: str, given: Mapping[str, Any]) -> Asked:
    """What a command with these options needs to know of the store."""
    today, me = app.today, app.config.get("me")
    names: dict[str, Any] = {key: given.get(key) for key in ("owner", "account", "person") if given.get(key)}
    if command == "tasks":
        from vaultindex.ask.tasks.options import states

        if given["mine"] or fold(names.get("owner") or "").lstrip("@") == "me":
            names.pop("owner", None)
            names["mine"] = tuple(
                sorted({key for name in me for key in (fold(name.lstrip("@")), spelled(name.lstrip("@")))})
            )
        return Asked(tasks=tuple(sorted(states(given))), due=_due(given, today), **names)
    if command == "decisions":
        from vaultindex.cli.columns import period

        when = period(app, given["since"], given["until"])
        return Asked(decisions=True, since=when.start if when else None, until=when.end if when else None, **names)
    if command == "waiting":
        return Asked(tasks=("open",), owned=True, **names)
    unsettled = ("open", "proposed")
    if command in ("person", "account"):
        return Asked(tasks=unsettled, decisions=True, **{**names, command: " ".join(given["name"])})
    if command == "people":
        return Asked(tasks=unsettled, people=True)
    from vaultindex.ask.search import search_terms
    from vaultindex.tasks.plugin_settings import STATES

    terms = tuple(text + "*" * star for text, star in search_terms(" ".join(given["query"])))
    if not terms:
        raise UsageError('nothing to search for: give words, or a "phrase in quotes"')
    return Asked(tasks=STATES, decisions=True, search=terms, **names)


def _due(given: Mapping[str, Any], today: str) -> str | None:
    """The last day on which a task can be due that the options ask for; None without such an option."""
    from vaultindex.dates.ranges import option_range

    ends = [today] if given["overdue"] else []
    for option in ("due", "by"):
        if given[option]:
            days = option_range(given[option], datetime.date.fromisoformat(today))
            if not days.is_none and days.end is not None:
                ends.append(max(days.end, today))  # those that are late are counted, too
    return max(ends, default=None)


def _whose(row: Row) -> Row:
    parts = apart_again(row["path"]) if isinstance(row.get("path"), str) else None
    if parts is None:
        return dict.fromkeys(ADDED)
    return {"path": parts[2], "publisher": parts[0], "vault": parts[1]}


def _from(row: Row) -> str:
    return f"{row['publisher']}/{row['vault']}" if row.get("publisher") else ""


def _marked(value: Any) -> Any:
    """The document, each row of a note with its publisher."""
    if isinstance(value, dict):
        made = {key: _marked(one) for key, one in value.items()}
        return {**made, **_whose(value)} if "path" in value else made
    if isinstance(value, list):
        return [_marked(one) for one in value]
    return value
