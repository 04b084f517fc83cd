"""The open tasks by owner: whose they are and how many, each question answered from one index alone."""

import json
from typing import Any, NamedTuple

from vaultindex.ask.tasks.sides import Asker
from vaultindex.ask.where import LEFT_OUT
from vaultindex.base.nobody import is_nobody
from vaultindex.index.schema import MINE, NOBODYS, real
from vaultindex.tasks.urgency import PRIORITIES

# Conditions on an open task; :day is today. What they look at stands in one index.
LATE = f"(t.deadline < :day AND t.date_doubt IS NULL AND {real('due')})"
PAST_DOUBTED = f"(t.deadline < :day AND t.date_doubt IS NOT NULL AND {real('due')})"
PLANNED = f"""(((t.scheduled <= :day AND {real("scheduled")}) OR (t.start = :day AND {real("start")}))
 AND NOT ifnull(t.deadline <= :day AND {real("due")}, 0))"""
UNDATED = "(t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL)"
LISTED = f"+t.note NOT IN {LEFT_OUT}"


class Dates(NamedTuple):
    """How many open tasks are ..."""

    late: int  # overdue for sure
    late_unowned: int  # of these without an owner
    late_mine: int  # of these mine, as the settings were when the index was made
    undated: int  # without a date of any kind
    past_doubted: int  # late, if their dates were sure
    doubted: int


def dates(asker: Asker) -> Dates:
    """The numbers of the open tasks by their dates, as the index keeps them."""
    past = "real AND day < ? AND day <> ''"
    sure = "tasks * (late AND NOT doubted)"
    sql = f"""SELECT total({sure}), total({sure} * (side = {NOBODYS})), total({sure} * (side = {MINE})), total(undated),
 total(tasks * (late AND doubted)), total(tasks * doubted) FROM (SELECT *, {past} AS late FROM count_days WHERE state = 'open')"""
    return Dates(*map(int, asker.conn.execute(sql, (asker.today,)).fetchone()))


class Open:
    """The open tasks: whose they are, and how many. Nothing here looks at more of them than one side has of one priority."""

    def __init__(self, asker: Asker) -> None:
        self.asker, conn = asker, asker.conn
        self.owners: dict[str, int] = dict(conn.execute("SELECT person_key, open FROM count_owners WHERE open > 0"))
        self.theirs = [key for key in self.owners if key not in asker.my_keys and not is_nobody(key)]
        ours = {"", *self.owners}.difference(self.theirs)
        self.ours, self.mine = json.dumps(sorted(ours)), json.dumps(sorted(asker.my_keys))
        self.nobodys = json.dumps(sorted(ours - asker.my_keys))
        # A task that bears my name as it is written, though a participant of that name is meant, is mine.
        sql = f"""SELECT t.rowid, {LATE} FROM tasks t WHERE t.written_key IN (SELECT value FROM json_each(:mine))
 AND t.person_key NOT IN (SELECT value FROM json_each(:ours)) AND +t.state = 'open' AND {LISTED}"""
        written = conn.execute(sql, {"day": asker.today, "mine": self.mine, "ours": self.ours}).fetchall()
        self.written, self.written_late = [row[0] for row in written], sum(bool(row[1]) for row in written)

    def counts(self) -> dict[str, Any]:
        """How many are ... ; waiting are all that others own."""
        found = dates(self.asker)
        known = self.asker.my_keys == {key for (key,) in self.asker.conn.execute("SELECT key FROM mine")}
        # What a team or `@TBD` has is ours, too; and what is mine, where the index knows others as me.
        ours = "nobodys" if known else "ours"
        sql = f"""SELECT count(*) FROM tasks t WHERE t.person_key IN (SELECT value FROM json_each(:{ours})) AND t.standing = 1
 AND {_ANY_PRIORITY} AND {LATE} AND {LISTED}"""
        late_ours = found.late_unowned + known * found.late_mine + self._row(sql)[0]
        return {
            "overdue": found.late,
            "overdue_theirs": found.late - late_ours - self.written_late,
            "planned": self._row(f"SELECT count(*) FROM tasks t WHERE {_MAY_BE_PLANNED} AND {PLANNED} AND {LISTED}")[0],
            "waiting": self.waiting_count(),
            "undated": found.undated,
            "past_doubted": found.past_doubted,
            "doubted": found.doubted,
        }

    def waiting_count(self) -> int:
        """How many others own."""
        return sum(self.owners[key] for key in self.theirs) - len(self.written)

    def waiting_for(self, keys: list[str]) -> list[int]:
        """Those of these owners (folded)."""
        sql = f"""SELECT t.rowid FROM json_each(?) j CROSS JOIN tasks t ON t.person_key = j.value WHERE t.standing = 1
 AND {LISTED} AND t.rowid NOT IN (SELECT value FROM json_each(?))"""
        return [row[0] for row in self.asker.conn.execute(sql, (json.dumps(keys), json.dumps(self.written)))]

    def _values(self, most: int | None) -> dict[str, Any]:
        return {
            "day": self.asker.today, "mine": self.mine, "ours": self.ours, "nobodys": self.nobodys,
            "written": json.dumps(self.written), "theirs": json.dumps(self.theirs), "most": -1 if most is None else most,
        }  # fmt: skip

    def _row(self, sql: str) -> Any:
        return self.asker.conn.execute(sql, self._values(None)).fetchone()

    def _keys(self, sql: str, most: int | None) -> list[int]:
        return [row[0] for row in self.asker.conn.execute(sql, self._values(most))]

    def late(self, condition: str, most: int | None) -> list[int]:
        """Those with a due date for which this holds: mine, then nobody's, by priority, the latest date first."""
        found: list[int] = []
        for side in (_BY_ME, _BY_NOBODY):
            for priority in range(len(PRIORITIES)):
                parts = " UNION ALL ".join(
                    f"SELECT t.rowid AS key, t.deadline, t.note, t.line FROM {one} AND t.standing = 1"
                    f" AND t.priority = {priority} AND {condition} AND {LISTED}"
                    for one in side
                )
                left = None if most is None else most - len(found)
                if left == 0:
                    return found
                found += self._keys(f"SELECT key FROM ({parts}) ORDER BY deadline DESC, note, line LIMIT :most", left)
        return found

    def planned(self, most: int | None) -> list[int]:
        """Those planned for today or before: mine, then nobody's, by priority, the first planned first."""
        sql = f"""SELECT t.rowid FROM tasks t WHERE {_MAY_BE_PLANNED} AND {PLANNED} AND {LISTED} AND {_OURS}
 ORDER BY {_MINE} DESC, t.priority, t.scheduled IS NULL, t.scheduled, t.note, t.line LIMIT :most"""
        return self._keys(sql, most)

    def undated(self, most: int | None) -> list[int]:
        """Those without any date, mine or nobody's, of the newest notes first."""
        sql = f"""SELECT t.rowid FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 1
 AND {UNDATED} AND {_OURS} ORDER BY n.date DESC, n.path, t.line LIMIT :most"""
        return self._keys(sql, most)

    def waiting(self, most: int | None) -> list[int]:
        """Those of others, of the oldest notes first; notes without a date last."""
        sql = """SELECT t.rowid FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 1
 AND t.person_key IN (SELECT value FROM json_each(:theirs)) AND t.rowid NOT IN (SELECT value FROM json_each(:written))
 AND n.date IS {} NULL ORDER BY n.date, n.path, t.line LIMIT :most"""
        dated = self._keys(sql.format("NOT"), most)
        left = None if most is None else most - len(dated)
        return [*dated, *(self._keys(sql.format(""), left) if left != 0 else [])]


# ("+": these only choose among rows that were found another way.)
_OURS = """(+t.person_key IS NULL OR +t.person_key IN (SELECT value FROM json_each(:ours))
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""
_MINE = """(ifnull(t.person_key IN (SELECT value FROM json_each(:mine)), 0)
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""
# The conditions that let SQLite find the way by an index.
_ANY_PRIORITY = f"t.priority IN ({', '.join(map(str, range(len(PRIORITIES))))})"
_MAY_BE_PLANNED = "(t.scheduled IS NOT NULL OR t.start IS NOT NULL) AND t.standing = 1"
# Where a side's tasks are, each as FROM and WHERE.
_BY_ME = (
    "tasks t WHERE t.person_key IN (SELECT value FROM json_each(:mine))",
    "json_each(:written) j CROSS JOIN tasks t ON t.rowid = j.value WHERE 1",
)
_BY_NOBODY = (
    "tasks t WHERE t.person_key IS NULL",
    "tasks t WHERE t.person_key IN (SELECT value FROM json_each(:nobodys))",
)
