"""Command lint: fields and dates that the Tasks plugin does not see, and how to write them."""

from __future__ import annotations

import click

from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.render import table


@command(epilog="Examples:  vi lint   vi lint --fix   vi lint --json")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@click.option(
    "--fix", is_flag=True, help="Write the proposed lines, after the diff and a yes; one vi undo takes all back."
)
@click.option("--yes", "-y", is_flag=True, help="With --fix: do not ask.")
@shared
@in_app
def lint(app: App, limit: int | None, fix: bool, yes: bool) -> None:
    """Fields that the Tasks plugin does not see because text follows them, impossible dates, and how to write them."""
    from vaultindex.ask.tasks.lists import lint as find

    if fix:
        from vaultindex.cli.change.mend import mend

        mend(app, limit, yes)
        return
    rows = find(app.connect())
    total, rows = len(rows), rows[:limit]
    app.cut(len(rows), total)
    if app.format == "table":
        to = table.screen()
        for row in rows:
            app.lines(
                [
                    table.paint(f"{one_line(row['path'])}:{row['line']}", "cyan", to.colour),
                    f"  {one_line(row['what'])}",
                ]
            )
            if row["raw"]:
                app.lines([table.paint("  - " + one_line(row["raw"].strip()), "red", to.colour)])
            app.lines([table.paint("  + " + one_line(row["fix"]), "green", to.colour)] if row["fix"] else [])
        if not rows:
            app.notes.insert(0, "nothing to mend: the Tasks plugin sees every field")
        return
    columns = [
        table.Column("place", lambda r: f"{r['path']}:{r['line']}", grow=2, style=lambda r: "cyan"),
        table.Column("what", lambda r: r["what"], grow=3),
        table.Column("fix", lambda r: r["fix"] or "", grow=3),
    ]
    app.show(rows, columns, ("path", "line", "kind", "what", "fix", "raw"), "nothing to mend")
