"""The open tasks by owner: whose they are and how many, each question answered from one index alone."""

from __future__ import annotations

import json
from typing import Any

from vaultindex.ask.tasks.lists import LEFT_OUT
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.nobody import is_nobody


def real(field: str) -> str:
    """The field's date exists in the calendar."""
    return f"(t.invalid IS NULL OR instr(t.invalid, ',{field},') = 0)"


# Conditions on an open task; :day is today. What they look at stands in one index.
LATE = f"(t.deadline < :day AND t.date_doubt IS NULL AND {real('due')})"
PAST_DOUBTED = f"(t.deadline < :day AND t.date_doubt IS NOT NULL AND {real('due')})"
PLANNED = f"""(((t.scheduled <= :day AND {real("scheduled")}) OR (t.start = :day AND {real("start")}))
 AND NOT ifnull(t.deadline <= :day AND {real("due")}, 0))"""
UNDATED = "(t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL)"
LISTED = f"+t.note NOT IN {LEFT_OUT}"


class Open:
    """The open tasks: whose they are, and how many, each question from one index alone."""

    def __init__(self, asker: Asker) -> None:
        self.asker, conn = asker, asker.conn
        # ("+": by the index of people, which holds the state too.)
        sql = f"""SELECT t.person_key, count(*) FROM tasks t WHERE t.person_key > '' AND +t.state = 'open' AND {LISTED}
 GROUP BY t.person_key"""
        self.owners: dict[str, int] = dict(conn.execute(sql).fetchall())
        self.theirs = [key for key in self.owners if key not in asker.my_keys and not is_nobody(key)]
        self.ours = json.dumps(sorted(set(self.owners).difference(self.theirs)))
        self.mine = json.dumps(sorted(asker.my_keys))
        # A task that bears my name as it is written, though a participant of that name is meant, is mine.
        sql = f"""SELECT t.rowid, {LATE} FROM tasks t WHERE t.written_key IN (SELECT value FROM json_each(:mine))
 AND t.person_key NOT IN (SELECT value FROM json_each(:ours)) AND +t.state = 'open' AND {LISTED}"""
        written = conn.execute(sql, {"day": asker.today, "mine": self.mine, "ours": self.ours}).fetchall()
        self.written, self.written_late = [row[0] for row in written], sum(bool(row[1]) for row in written)

    def counts(self) -> dict[str, Any]:
        """How many are ... ; waiting are all that others own."""
        # A range of the index each, so that each row is asked only what can be true of it: a quarter of the time.
        sure, doubted = "t.date_doubt IS NULL", "t.date_doubt IS NOT NULL"
        theirs = f"CASE WHEN {sure} THEN t.person_key IN (SELECT value FROM json_each(:theirs)) END"
        ranges = (  # which rows, late, theirs of these, planned, undated, past a doubted date, doubted
            (f"t.deadline < :day AND {real('due')}", sure, theirs, "0", "0", doubted, doubted),
            (
                "t.deadline < :day AND t.invalid IS NOT NULL",
                "0",
                "0",
                PLANNED,
                "0",
                "0",
                f"{doubted} AND NOT {real('due')}",
            ),
            ("t.deadline >= :day", "0", "0", PLANNED, "0", "0", doubted),
            ("t.deadline IS NULL", "0", "0", PLANNED, UNDATED, "0", doubted),
        )
        sql = " UNION ALL ".join(
            f"SELECT {', '.join(f'total({what})' for what in every)} FROM tasks t"
            f" WHERE t.state = 'open' AND {within} AND {LISTED}"
            for within, *every in ranges
        )
        some = self.asker.conn.execute(sql, self._values(0)).fetchall()
        late, late_theirs, planned, undated, past, unsure = (int(sum(column)) for column in zip(*some))
        return {
            "overdue": late,
            "overdue_theirs": late_theirs - self.written_late,
            "planned": planned,
            "waiting": self.waiting_count(),
            "undated": undated,
            "past_doubted": past,
            "doubted": unsure,
        }

    def waiting_count(self) -> int:
        """How many others own."""
        return sum(self.owners[key] for key in self.theirs) - len(self.written)

    def waiting_for(self, keys: list[str]) -> list[int]:
        """Those of these owners (folded)."""
        sql = f"""SELECT t.rowid FROM json_each(?) j CROSS JOIN tasks t ON t.person_key = j.value WHERE +t.state = 'open'
 AND {LISTED} AND t.rowid NOT IN (SELECT value FROM json_each(?))"""
        return [row[0] for row in self.asker.conn.execute(sql, (json.dumps(keys), json.dumps(self.written)))]

    def _values(self, most: int | None) -> dict[str, Any]:
        return {
            "day": self.asker.today, "mine": self.mine, "ours": self.ours, "written": json.dumps(self.written),
            "theirs": json.dumps(self.theirs), "most": -1 if most is None else most,
        }  # fmt: skip

    def _keys(self, sql: str, most: int | None) -> list[int]:
        return [row[0] for row in self.asker.conn.execute(sql, self._values(most))]

    def first(self, condition: str, order: str, most: int | None) -> list[int]:
        """Mine, then nobody's, by priority and then in this order."""
        sql = f"""SELECT t.rowid FROM tasks t WHERE t.state = 'open' AND {condition} AND {LISTED} AND {_OURS}
 ORDER BY {_MINE} DESC, t.priority, {order}, t.note, t.line LIMIT :most"""
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


_OURS = """(t.person_key IS NULL OR t.person_key IN (SELECT value FROM json_each(:ours))
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""
_MINE = """(ifnull(t.person_key IN (SELECT value FROM json_each(:mine)), 0)
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""
