"""A team's store on a PostgreSQL of its own: a first publication, one changed note, and a person's page over 50 vaults.

`python -m benchmarks.team` measures only that, and prints the plans of the page's statements.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import daemon
from benchmarks.place import Place, make
from benchmarks.process import Command, alternate
from benchmarks.table import Line, Value, table, took
from tests.team.server import Server, programs, running
from vaultindex.team import address, migrate
from vaultindex.team.fetch import Asked, Reader

VAULTS = 50
# Rows of each of those vaults, by kind: a million in all.
ROWS = {"notes": 2_000, "tasks": 8_000, "people": 6_000, "decisions": 3_900, "names": 100}
FIRST = 1.0  # ms a note that a first publication may take
SEEN = 50.0  # ms beside settling until a reader sees a changed note
PAGE = 50.0  # ms that a person's page may take in the server
PERSON, PEOPLE, ACCOUNTS = "person 17", 400, 60
_TABLES = {
    "notes": """INSERT INTO vaultindex.notes SELECT v, 'Meetings/note ' || n || '.md', '', 'account ' || n % {accounts}, 'note ' || n, 'meeting',
 (date '2020-01-01' + n % 2000)::text, 'Account ' || n % {accounts}, NULL, '["Person ' || n % {people} || '"]', 'note meeting word' || n % 997, md5(v || n), '{{}}'
 FROM generate_series(0, {rows} - 1) n""",
    "tasks": """INSERT INTO vaultindex.tasks SELECT v, 'Meetings/note ' || n / 4 || '.md', 't' || n, 'account ' || n / 4 % {accounts}, 10 + n % 4,
 'send the sheet ' || n, (ARRAY['open', 'done', 'done', 'proposed'])[1 + n % 4], n % 6, (date '2020-01-01' + n % 2000)::text, NULL, NULL,
 'Person ' || n * 7 % {people}, 'person ' || n * 7 % {people}, 'person ' || n * 7 % {people}, {more} FROM generate_series(0, {rows} - 1) n""",
    "people": """INSERT INTO vaultindex.people SELECT v, 'Meetings/note ' || n / 3 || '.md', 'p' || n, 'account ' || n / 3 % {accounts}, 4,
 'Person ' || n * 11 % {people}, 'person ' || n * 11 % {people}, 'person ' || n * 11 % {people}, (date '2020-01-01' + n / 3 % 2000)::text, '{{"linked": 0}}'
 FROM generate_series(0, {rows} - 1) n""",
    "decisions": """INSERT INTO vaultindex.decisions SELECT v, 'Meetings/note ' || n / 2 || '.md', 'd' || n, 'account ' || n / 2 % {accounts}, 8,
 'keep it ' || n, (date '2020-01-01' + n / 2 % 2000)::text, NULL, '{{"tags": "[]", "links": "[]"}}' FROM generate_series(0, {rows} - 1) n""",
    "names": """INSERT INTO vaultindex.names SELECT v, 'People/Person ' || n || '.md', 'person ' || n, NULL, 'person', 'Person ' || n, 'Person ' || n, 'person ' || n
 FROM generate_series(0, {rows} - 1) n""",
}  # fmt: skip
_SEEN = "SELECT 1 FROM vaultindex.tasks WHERE vault = 'dana/work' AND path = %s AND text = %s"
_MORE = """'{"rest": "", "more": "", "indentation": "", "marker": "-", "status": " ", "status_name": "Todo", "type": 0, "standing": 1, "owner_person": "Person", "tags": "[]", "links": "[]", "way": 0, "on_completion": "", "task_id": "", "depends_on": "", "block_id": ""}'"""


def lines(place: Place, times: int, tell: Callable[[str], None]) -> list[Line]:
    """The lines of one vault's table; none, with a word on stderr, where no PostgreSQL is installed."""
    if programs() is None:
        print("no PostgreSQL is installed: the lines of a team's store are left out", file=sys.stderr)
        return []
    with running() as server:
        with address.connect(server.url("admin"), {}) as conn:
            migrate.init(conn)
            migrate.add(conn, "dana", True, True, ())
            migrate.add(conn, "rita", False, True, ())
        tell("a team: first publication")
        found = published(place, server, min(times, 3))
        tell("a team: one changed note")
        found.append(
            Line(
                "team: saved file to a reader of the store (settles for 100 ms)",
                seen(place, server, times),
                must=SEEN + 100,
            )
        )
        tell(f"a team: a page over {VAULTS} vaults")
        fill(server)
        found.append(
            Line(
                f"team: a person's page in the server, {VAULTS} vaults, {VAULTS * sum(ROWS.values()):,} rows",
                page(server, times)[0],
                must=PAGE,
            )
        )
    return found


def _member(place: Place, server: Server) -> Place:
    """The place with a home whose settings publish the whole vault."""
    file = place.folder / "home" / ".config" / "vaultindex" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    rules = 'all = true\ntasks = "all"\npeople = true\nproposals = true\nwatch = true\nname = "Kim Berg"\n'
    file.write_text(f'[vaults]\nwork = "{place.vault}"\n[publish.work]\n{rules}', encoding="utf-8")
    return place._replace(env={**place.env, "VAULTINDEX_TEAM_URL": server.url("dana")})


def published(place: Place, server: Server, times: int) -> list[Line]:
    """Whole processes: everything into an empty store, and again when nothing changed."""
    here = _member(place, server)
    here.settle()

    def empty() -> None:
        server.psql(
            "TRUNCATE vaultindex.vaults, vaultindex.notes, vaultindex.tasks, vaultindex.decisions, vaultindex.people, vaultindex.names"
        )

    first = Command(here.vi("publish"), empty, "[1-9][0-9,]+ of them sent")
    again = Command(here.vi("publish"), None, " 0 of them sent")
    found = alternate({"first": first}, here.env, times)
    more = alternate({"again": again}, here.env, times)
    return [
        Line("team: first publication", took(found.get("first")), must=FIRST * place.notes),
        Line("team: published again, nothing changed", took(more.get("again"))),
    ]


def seen(place: Place, server: Server, times: int) -> Value:
    """From the save of a note to its row's being read in the store, with a watcher that publishes."""
    here = _member(place, server)
    index = place.folder / "team" / "index.db"
    shutil.copytree(place.index_file.parent, index.parent, dirs_exist_ok=True)
    path = here.vault / "Inbox" / "for the team.md"
    path.parent.mkdir(exist_ok=True)
    took_ms = []
    with address.connect(server.url("rita"), {}) as reader, daemon.watching(here, index):
        for number in range(times + 1):
            word = f"told{number}at{time.time_ns()}"
            time.sleep(6 if not number else 2.7 + number * 0.618 % 1 / 2)  # what follows a change is over by then
            path.write_text(f"- [ ] {word}\n", encoding="utf-8")
            asked = ("Inbox/for the team.md", word)
            seconds = daemon.until(lambda asked=asked: reader.execute(_SEEN, asked).fetchone())  # type: ignore[misc]
            if number:
                took_ms.append(seconds * 1000)
    return Value(statistics.median(took_ms), "ms", len(took_ms))


def fill(server: Server) -> None:
    """Vaults of other members, made in the server."""
    with address.connect(server.url("root"), {}) as conn:
        for number in range(VAULTS):
            vault = f"m{number}/work"
            conn.execute(
                "INSERT INTO vaultindex.vaults (vault, publisher, watermark, rules) VALUES (%s, %s, 1, '')",
                (vault, vault),
            )
            for kind, sql in _TABLES.items():
                made = sql.format(rows=ROWS[kind], people=PEOPLE, accounts=ACCOUNTS, more=_MORE).replace(
                    "SELECT v,", f"SELECT '{vault}',", 1
                )
                conn.execute(made.replace("md5(v ||", f"md5('{vault}' ||").encode())
        conn.execute("VACUUM (ANALYZE)")


def page(server: Server, times: int) -> tuple[Value, list[str]]:
    """(What all statements of a person's page take in the server, planned and run; their plans.)"""
    reader = Reader(server.url("rita"), {})
    try:
        reader.fetch(Asked(tasks=("open", "proposed"), decisions=True, person=PERSON))
        reader.statements.clear()
        reader.fetch(Asked(tasks=("open", "proposed"), decisions=True, person=PERSON))
        asked = list(reader.statements)
        took_ms, plans = [], list[str]()
        for turn in range(times + 1):
            total, plans = 0.0, []
            for sql, values in asked:
                rows = reader.conn.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}".encode(), values).fetchone()
                plan: dict[str, Any] = rows[0][0] if rows else {}
                total += plan["Planning Time"] + plan["Execution Time"]
                plans += [
                    f"{' '.join(sql.split())[:100]}",
                    *_shown(plan["Plan"], 1),
                    f"  {plan['Execution Time']:.1f} ms",
                ]
            if turn:
                took_ms.append(total)
    finally:
        reader.close()
    return Value(statistics.median(took_ms), "ms", len(took_ms)), plans


def _shown(plan: dict[str, Any], depth: int) -> list[str]:
    what = plan["Node Type"] + (f" using {plan['Index Name']}" if "Index Name" in plan else "")
    what += f" on {plan['Relation Name']}" if "Relation Name" in plan else ""
    here = f"{'  ' * depth}{what} (rows {plan['Actual Rows']:.0f}, loops {plan['Actual Loops']})"
    return [here, *(line for one in plan.get("Plans", ()) for line in _shown(one, depth + 1))]


def main() -> None:
    """Only this, with the plans."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.team", description=__doc__)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaultindex-bench-") as folder:
        place = make(Path(os.path.realpath(folder)) / "team", given.notes)
        print("\n".join(table(lines(place, given.times, lambda what: print(what, file=sys.stderr)), given.times)))
    if programs() is not None:
        with running() as server:
            with address.connect(server.url("admin"), {}) as conn:
                migrate.init(conn)
                migrate.add(conn, "rita", False, True, ())
            fill(server)
            value, plans = page(server, given.times)
            print(json.dumps(value._asdict()))
            print("\n".join(plans))


if __name__ == "__main__":
    main()
