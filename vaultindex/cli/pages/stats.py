"""Command stats: tasks made and settled, the age of what is open, how much of what was proposed is accepted."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.render import bars, json_text, table

FIELDS = ("name", "made", "settled", "open", "proposed", "age", "age_90", "accepted", "rejected", "acceptance")
_WIDTH = 14  # characters of the longest bar
_MOST = 40  # rows of a picture


@command(
    epilog="Examples:  vi stats   vi stats --by account   vi stats --by source --json   vi stats --format svg > tasks.svg"
    "   vi stats --by account --list Contoso"
)
@click.option(
    "--by",
    type=click.Choice(["month", "account", "owner", "source", "priority"]),
    default="month",
    show_default=True,
    help="A row for each. source: of the note (its `source`, else its type).",
)
@click.option("--list", "behind", metavar="NAME", help="The tasks behind one row ('none': without a name).")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows (of months: the last N).")
@shared
@in_app
def stats(app: App, by: str, behind: str | None, limit: int | None) -> None:
    """Tasks made and settled, days that open ones wait (median, 90th percentile), how many proposals are accepted."""
    from vaultindex.ask.pages import stats as page_of
    from vaultindex.state.history import History
    from vaultindex.state.journal import state_file

    app.draws = True
    conn, me = app.connect(), app.config.get("me")
    history = History(state_file(app.env, app.root, app.config))
    if behind is not None:
        _behind(app, conn, page_of.tasks_behind(conn, history, app.today, me, by, behind), limit)
        return
    page = page_of.stats(conn, history, app.today, me, by)
    rows = page["rows"]
    page["rows"] = rows if limit is None else rows[-limit:] if by == "month" else rows[:limit]
    if app.format == "json":
        app.lines([json_text.dumps(page)])
    elif app.format == "svg":
        app.lines([_picture(page)])
    else:
        _table(app, page)
    app.cut(len(page["rows"]), len(rows))


def _behind(app: App, conn: Any, numbers: dict[str, list[int]], limit: int | None) -> None:
    """The tasks behind the numbers of a row, and what each counts as."""
    from vaultindex.ask.tasks import lists
    from vaultindex.cli.task_columns import PLAIN, columns

    if app.format == "svg":
        raise UsageError("a list is no picture: leave --format svg out")
    counted: dict[int, list[str]] = {}
    for number, keys in numbers.items():
        for key in keys:
            counted.setdefault(key, []).append(number)
    keys = list(counted)[:limit]
    rows = lists.of_rowids(conn, keys, app.today, app.config.get("me"))
    for row, key in zip(rows, keys):
        row["counts_as"] = counted[key]
    shape = columns(app, conn) if app.format == "table" else PLAIN
    as_what = table.Column("counts as", lambda r: ", ".join(r["counts_as"]), style=lambda r: "dim")
    heading = " · ".join(f"{len(some):,} {number}" for number, some in numbers.items() if some)
    app.show(rows, [*shape, as_what], (*lists.FIELDS, "counts_as"), "no tasks", heading=heading)
    app.cut(len(keys), len(counted))


def _percent(row: dict[str, Any]) -> str:
    return "" if row["acceptance"] is None else f"{row['acceptance'] * 100:.0f} %"


def _number(field: str, title: str) -> table.Column:
    return table.Column(title, lambda r: f"{r[field]:,}" if r[field] else "", right=True)


def _table(app: App, page: dict[str, Any]) -> None:
    rows, total, by = page["rows"], page["total"], page["by"]
    largest = max((max(row["made"], row["settled"]) for row in rows), default=0)
    shape = [
        table.Column(by, lambda r: r["name"] or "none", grow=1),
        _number("made", "made"),
        *([table.Column("", lambda r: bars.bar(r["made"], largest, _WIDTH))] if app.format == "table" else []),
        _number("settled", "settled"),
        *([table.Column("", lambda r: bars.bar(r["settled"], largest, _WIDTH), style=lambda r: "green")]
          if app.format == "table" and by == "month" else []),
        _number("open", "open"),
        _number("proposed", "proposed"),
        _number("age", "age"),
        _number("age_90", "90 %"),
        table.Column("accepted", _percent, right=True),
    ]  # fmt: skip
    parts = [f"{total['made']:,} made", f"{total['settled']:,} settled", f"{total['open']:,} open"]
    if total["age"] is not None:
        parts.append(f"open for {total['age']} days (median; 90 % for at most {total['age_90']})")
    if total["acceptance"] is not None:
        parts.append(f"{_percent(total)} of proposals accepted")
    screen = table.screen()
    if app.format == "table":
        app.lines([table.paint(line, "bold", screen.colour) for line in _wrapped(parts, screen.width)])
        if by == "month" and len(rows) > 1:
            spark = [f"{name} {bars.sparkline([row[name] for row in rows[-36:]])}" for name in ("made", "settled")]
            app.lines(["  ".join(spark)])
    app.show(rows, shape, FIELDS, "no tasks", header=True)
    if app.format in ("table", "plain"):
        for name, number in page["undated"].items() if by == "month" else ():
            if number:
                app.notes.append(f"{number:,} were {name} on a day that nobody wrote down: in no month")
        if rows:
            app.notes.append(f"the tasks behind a row: vi stats --by {by} --list NAME")


def _wrapped(parts: list[str], width: int) -> list[str]:
    """The parts joined by dots, on as few lines as they need."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]} · {part}"
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return [safe(line) for line in lines]


def _picture(page: dict[str, Any]) -> str:
    """The statistics as an SVG document."""
    rows = page["rows"][-_MOST:] if page["by"] == "month" else page["rows"][:_MOST]
    total = page["total"]
    said = (
        f"{total['made']} tasks made, {total['settled']} settled, {total['open']} open on {page['today']}. A table of {len(rows)}"
        " rows: " + "; ".join(f"{row['name'] or 'none'}: {row['made']} made, {row['settled']} settled" for row in rows)
    )  # fmt: skip
    some = [
        bars.Bar(row["name"] or "none", row["made"], row["settled"],
                 (str(row["open"]), "" if row["age"] is None else str(row["age"]), _percent(row)))
        for row in rows
    ]  # fmt: skip
    return bars.chart(f"Tasks by {page['by']}", said, (page["by"], "made", "settled", "open", "age", "accepted"), some)
