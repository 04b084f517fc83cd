"""Ask the store for the rows that a question needs: by keys that its indexes have, whoever published them.

What comes back may be more than the answer, never less: the answer itself is worked out by `ask` (see `gather`). Who may
read what is decided by the store alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex.base.text import fold
from vaultindex.meetings.name_forms import forms, is_short, spelled
from vaultindex.team import migrate
from vaultindex.team.address import at_most, connect
from vaultindex.team.rows import NAMES, Values, words

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

_MOST_NAMES = 20_000  # among which a name is looked for that nobody has
_MOST_FOUND = 5_000  # notes of one search
_SECONDS = 60  # of one statement
Place = tuple[str, str]  # vault, path


class Vault(NamedTuple):
    """A vault in the store: `dana/work`, who publishes it, and how many seconds ago it was last equal to its rules."""

    vault: str
    publisher: str
    age: float

    def row(self) -> dict[str, Any]:
        """`publisher` (the role), `vault` (its name there), `name` (of who publishes it), `age` in seconds."""
        role, _, name = self.vault.partition("/")
        return {"publisher": role, "vault": name, "name": self.publisher, "age": round(self.age)}


class Asked(NamedTuple):
    """What a question needs. Names are as they were typed; () and None are no condition."""

    tasks: tuple[str, ...] = ()  # of these states; () is none at all
    due: str | None = None  # tasks due by this day
    decisions: bool = False
    since: str | None = None  # decisions from this day on
    until: str | None = None
    people: bool = False  # everybody, wherever they took part
    owner: str | None = None
    owned: bool = False  # tasks with an owner alone
    mine: tuple[str, ...] = ()  # tasks whose owner is one of these, folded
    person: str | None = None
    account: str | None = None
    search: tuple[str, ...] = ()  # words that a note must have; a closing '*' finds what begins so
    unless: bool = False  # notes with parts of the words, since none has them whole


class Found(NamedTuple):
    """Rows by kind, each with its vault in front; and the vaults that the reader sees."""

    rows: dict[str, list[Values]]
    vaults: list[Vault]
    accounts: list[tuple[str, str, str]]  # who meets the accounts of short names: (account, folded name, name)
    cut: bool = False  # there are more


class Reader:
    """A reader's connection to the store. `statements` are those that were run, for the tests of their plans."""

    def __init__(self, where: str, env: Mapping[str, str]) -> None:
        self.conn: Connection = connect(where, env)
        self.conn.execute("SET default_transaction_read_only = on")
        self.conn.execute(f"SET statement_timeout = '{_SECONDS}s'")
        migrate.check(self.conn)
        self.statements: list[tuple[str, Sequence[Any]]] = []

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()

    def _all(self, sql: str, *values: Any) -> list[Values]:
        self.statements.append((sql, values))
        return self.conn.execute(sql.encode(), values).fetchall()

    def vaults(self) -> list[Vault]:
        """Every vault in the store, the one that was published longest ago first."""
        sql = """SELECT vault, publisher, extract(epoch FROM now() - published_at)::float8 FROM vaultindex.vaults
 ORDER BY published_at, vault"""
        return [Vault(vault, name, max(float(age), 0.0)) for vault, name, age in self._all(sql)]

    def fetch(self, asked: Asked) -> Found:
        """The rows for a question, from one moment of the store."""
        with at_most(self.conn, 2 * _SECONDS), self.conn.transaction():
            self.conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return self._fetch(asked)

    def _fetch(self, asked: Asked) -> Found:
        accounts = self._account(asked.account) if asked.account else None
        owners = self._person(asked.owner) if asked.owner else None
        persons = self._person(asked.person) if asked.person else None
        rows: dict[str, list[Values]] = {kind: [] for kind in NAMES}
        places: set[Place] = set()
        cut = False
        if asked.search:
            places, cut = self._search(asked, accounts)
            self._whole(places, asked, rows)
        elif persons is not None:
            places = self._met(persons, asked, accounts, rows)
        else:
            if asked.tasks:
                rows["tasks"] = self._tasks(asked, owners, accounts)
            if asked.decisions:
                rows["decisions"] = self._decisions(asked, accounts)
            if asked.people:
                rows["people"] = self._of("people", "TRUE")
            places = {row[:2] for kind in ("tasks", "decisions", "people") for row in rows[kind]}
            if accounts is not None and not asked.owner:
                sql = "SELECT vault, path FROM vaultindex.notes WHERE account_key = ANY(%s)"
                places |= {(vault, path) for vault, path in self._all(sql, sorted(accounts))}
            if not asked.people:
                rows["people"] = self._at("people", places)
        met = self._meetings_of(rows, places) if asked.owned else []
        rows["people"] += met
        places |= {row[:2] for row in met}
        rows["notes"] = self._at("notes", places)
        asked_for = (accounts or frozenset()) | (owners or frozenset()) | (persons or frozenset())
        rows["names"] = self._names(rows, places, asked_for)
        self._notes_of_names(rows)
        nobody = [name for name, keys in ((asked.owner, owners), (asked.person, persons)) if name and not keys]
        missing = asked.account is not None and not accounts
        listed = self._listed() if nobody or missing else []
        known = self._called(rows, accounts or frozenset(), (owners or frozenset()) | (persons or frozenset()))
        return Found(rows, self.vaults(), [*self._meet(rows), *known, *listed], cut)

    # --- names ---

    def _person(self, name: str) -> frozenset[str]:
        """Every folded name that may be the person's whom a typed name means; of several people when it is short."""
        typed = {fold(name.lstrip("@")), spelled(name.lstrip("@"))}
        found = self._aliases(typed, "person")
        sql = """SELECT key FROM vaultindex.people WHERE key = ANY(%s) UNION SELECT person_key FROM vaultindex.tasks
 WHERE person_key = ANY(%s)"""
        found |= {key for (key,) in self._all(sql, sorted(typed), sorted(typed))}
        if not found or all(map(is_short, typed)):
            likes = [_like(word) for word in fold(name.lstrip("@")).replace("@", " ").replace(".", " ").split()]
            sql = """SELECT DISTINCT key FROM vaultindex.people WHERE key LIKE ALL(%s) UNION SELECT DISTINCT person_key
 FROM vaultindex.tasks WHERE person_key LIKE ALL(%s) UNION SELECT key FROM vaultindex.names WHERE kind = 'person' AND key LIKE ALL(%s)"""
            fitting = {key for (key,) in self._all(sql, likes, likes, likes)} if likes else set()
            found |= fitting | self._aliases(fitting, "person")
        return frozenset(found)

    def _account(self, name: str) -> frozenset[str]:
        """Every folded name of the account that a typed name means; of several when it may mean several."""
        typed = {fold(name)}
        found = self._aliases(typed, "account")
        sql = "SELECT account_key FROM vaultindex.notes WHERE account_key = ANY(%s) LIMIT 1"
        found |= {key for (key,) in self._all(sql, sorted(typed))}
        if not found:
            likes = [_like(word) for word in fold(name).split()]
            sql = """SELECT DISTINCT account_key FROM vaultindex.notes WHERE account_key LIKE ALL(%s) UNION
 SELECT key FROM vaultindex.names WHERE kind = 'account' AND key LIKE ALL(%s)"""
            fitting = {key for (key,) in self._all(sql, likes, likes)} if likes else set()
            found |= fitting | self._aliases(fitting, "account")
        return frozenset(found)

    def _aliases(self, keys: Iterable[str], kind: str) -> set[str]:
        """The other names that the notes of these people or accounts give them, in any vault, and these of them that are one."""
        found: set[str] = set()
        wanted = set(keys)
        while wanted:
            sql = """SELECT o.key FROM vaultindex.names x JOIN vaultindex.names o ON o.vault = x.vault AND o.path = x.path AND o.kind = x.kind
 WHERE x.key = ANY(%s) AND x.kind = %s"""
            more = {key for (key,) in self._all(sql, sorted(wanted), kind)}
            wanted = {key for key in more - found - wanted if not (kind == "person" and is_short(key))}
            found |= more
        return found

    def _listed(self) -> list[tuple[str, str, str]]:
        """Names of the store, to say which one is the nearest."""
        sql = "SELECT DISTINCT key, name FROM vaultindex.people LIMIT %s"
        people = [("", key, name) for key, name in self._all(sql, _MOST_NAMES)]
        sql = "SELECT DISTINCT account_key, account FROM vaultindex.notes WHERE account_key IS NOT NULL LIMIT %s"
        return [*people, *((key, "", name) for key, name in self._all(sql, _MOST_NAMES))]

    def _called(
        self, rows: dict[str, list[Values]], accounts: frozenset[str], people: frozenset[str]
    ) -> list[tuple[str, str, str]]:
        """The names that were asked for as they are written, where no row has one: they are known none the less."""
        met, owner = NAMES["people"].index("key") + 1, NAMES["tasks"].index("person_key") + 1
        found: list[tuple[str, str, str]] = []
        if people.isdisjoint({row[met] for row in rows["people"]} | {row[owner] for row in rows["tasks"]}):
            sql = """SELECT DISTINCT key, name FROM vaultindex.people WHERE key = ANY(%s) UNION
 SELECT DISTINCT person_key, owner FROM vaultindex.tasks WHERE person_key = ANY(%s)"""
            keys = sorted(people)
            found += [("", key, name) for key, name in (self._all(sql, keys, keys) if keys else ())]
        at = NAMES["notes"].index("account_key") + 1
        if accounts and accounts.isdisjoint({row[at] for row in rows["notes"]}):
            sql = "SELECT DISTINCT account_key, account FROM vaultindex.notes WHERE account_key = ANY(%s)"
            found += [(key, "", name) for key, name in self._all(sql, sorted(accounts))]
        return found

    def _meet(self, rows: dict[str, list[Values]]) -> list[tuple[str, str, str]]:
        """Who meets the accounts at which somebody is named by a short name: among them it is decided who is meant."""
        account, key = NAMES["people"].index("account_key") + 1, NAMES["people"].index("key") + 1
        wanted = {row[account] for row in rows["people"] if row[account] and is_short(row[key])}
        account, key = NAMES["tasks"].index("account_key") + 1, NAMES["tasks"].index("person_key") + 1
        wanted |= {row[account] for row in rows["tasks"] if row[account] and row[key] and is_short(row[key])}
        if not wanted:
            return []
        wanted |= self._aliases(wanted, "account")
        sql = "SELECT DISTINCT account_key, key, name FROM vaultindex.people WHERE account_key = ANY(%s)"
        return [row for row in self._all(sql, sorted(wanted)) if not is_short(row[1])]

    # --- rows ---

    def _of(self, kind: str, where: str, *values: Any) -> list[Values]:
        """The rows of a kind that meet a condition."""
        return self._all(f"SELECT vault, {', '.join(NAMES[kind])} FROM vaultindex.{kind} WHERE {where}", *values)

    def _at(self, kind: str, places: Iterable[Place], where: str = "", *values: Any) -> list[Values]:
        """The rows of a kind in these notes."""
        some = sorted(places)
        if not some:
            return []
        columns = ", ".join(f"t.{name}" for name in NAMES[kind])
        sql = f"""SELECT t.vault, {columns} FROM unnest(%s::text[], %s::text[]) AS k(vault, path)
 JOIN vaultindex.{kind} t ON t.vault = k.vault AND t.path = k.path{where}"""
        return self._all(sql, [vault for vault, _ in some], [path for _, path in some], *values)

    def _whole(self, places: set[Place], asked: Asked, rows: dict[str, list[Values]]) -> None:
        """What is asked of these notes."""
        if asked.tasks:
            rows["tasks"] = self._at("tasks", places, " AND t.state = ANY(%s)", list(asked.tasks))
        if asked.decisions:
            rows["decisions"] = self._at("decisions", places)
        rows["people"] = self._at("people", places)
        if asked.search:
            rows["texts"] = self._at("texts", places)

    def _tasks(self, asked: Asked, owners: frozenset[str] | None, accounts: frozenset[str] | None) -> list[Values]:
        where, values = ["state = ANY(%s)"], [list(asked.tasks)]
        if asked.due is not None:
            where.append("due <= %s")
            values.append(asked.due)  # type: ignore[arg-type]
        if owners is not None:
            where.append("(person_key = ANY(%s) OR handle = ANY(%s))")
            values += [sorted(owners), _handles(owners)]
        elif asked.mine:
            where.append("person_key = ANY(%s)")
            values.append(list(asked.mine))
        elif asked.owned:
            where.append("person_key IS NOT NULL")
        if accounts is not None:
            where.append("account_key = ANY(%s)")
            values.append(sorted(accounts))
        return self._of("tasks", " AND ".join(where), *values)

    def _decisions(self, asked: Asked, accounts: frozenset[str] | None) -> list[Values]:
        where, values = ["TRUE"], list[Any]()
        for condition, value in (
            ("date >= %s", asked.since), ("date <= %s", asked.until),
            ("account_key = ANY(%s)", None if accounts is None else sorted(accounts)),
        ):  # fmt: skip
            if value is not None:
                where.append(condition)
                values.append(value)
        return self._of("decisions", " AND ".join(where), *values)

    def _met(
        self, keys: frozenset[str], asked: Asked, accounts: frozenset[str] | None, rows: dict[str, list[Values]]
    ) -> set[Place]:
        """What is asked of the notes in which a person took part, and the work that they have elsewhere; all their notes."""
        of, values = "", list[Any]()
        if accounts is not None:
            of, values = " AND account_key = ANY(%s)", [sorted(accounts)]
        names, handles = sorted(keys), _handles(keys)
        sql = f"SELECT vault, path FROM vaultindex.people WHERE (key = ANY(%s) OR handle = ANY(%s)){of}"
        there = {(vault, path) for vault, path in self._all(sql, names, handles, *values)}
        self._whole(there, asked, rows)
        if not asked.tasks:
            return there
        where = f"(person_key = ANY(%s) OR handle = ANY(%s)) AND state = ANY(%s){of}"
        own = self._of("tasks", where, names, handles, list(asked.tasks), *values)
        elsewhere = [row for row in own if row[:2] not in there]
        rows["tasks"] += elsewhere
        at = NAMES["tasks"].index("person_key") + 1
        rows["people"] += self._at(
            "people", {row[:2] for row in elsewhere if is_short(row[at])}
        )  # it may say who is meant
        return there | {row[:2] for row in elsewhere}

    def _meetings_of(self, rows: dict[str, list[Values]], places: set[Place]) -> list[Values]:
        """The meetings of those who owe something, beside the notes that are here already."""
        at = NAMES["tasks"].index("person_key") + 1
        keys = sorted({row[at] for row in rows["tasks"] if row[at]})
        return [row for row in self._of("people", "key = ANY(%s)", keys) if row[:2] not in places] if keys else []

    def _names(self, rows: dict[str, list[Values]], places: set[Place], more: Iterable[str]) -> list[Values]:
        """The notes of the people and accounts that these rows name, and of these."""
        keys = set(more)
        for kind, columns in (("people", ("key",)), ("tasks", ("person_key", "account_key")), ("notes", ("account_key",)), ("decisions", ("account_key",))):  # fmt: skip
            for column in columns:
                at = NAMES[kind].index(column) + 1
                keys |= {row[at] for row in rows[kind] if row[at]}
        if not keys:
            return self._at("names", places)
        sql = "SELECT DISTINCT vault, path FROM vaultindex.names WHERE key = ANY(%s)"
        own = {(vault, path) for vault, path in self._all(sql, sorted(keys))}
        return self._at("names", own | places)

    def _notes_of_names(self, rows: dict[str, list[Values]]) -> None:
        have = {row[:2] for row in rows["notes"]}
        rows["notes"] += self._at("notes", {row[:2] for row in rows["names"]} - have)

    def _search(self, asked: Asked, accounts: frozenset[str] | None) -> tuple[set[Place], bool]:
        """The newest notes that have all the words; whether there are more."""
        values: list[Any]
        if asked.unless:
            where, values = "words LIKE ALL(%s)", [[_like(part) for word in asked.search for part in words(word)]]
        else:
            parts = [f"{part}:*" if word.endswith("*") else part for word in asked.search for part in words(word)]
            where, values = "to_tsvector('simple', words) @@ to_tsquery('simple', %s)", [" & ".join(parts)]
        if accounts is not None:
            where += " AND account_key = ANY(%s)"
            values.append(sorted(accounts))
        sql = f"SELECT vault, path FROM vaultindex.notes WHERE {where} ORDER BY date DESC NULLS LAST LIMIT %s"
        found = self._all(sql, *values, _MOST_FOUND + 1)
        return {(vault, path) for vault, path in found[:_MOST_FOUND]}, len(found) > _MOST_FOUND


def _handles(keys: Iterable[str]) -> list[str]:
    """Under which short names and addresses these people may be written."""
    found: set[str] = set()
    for key in keys:
        found |= {*forms(key).exact, *forms(key).mails}
    return sorted(found)


def _like(word: str) -> str:
    return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
