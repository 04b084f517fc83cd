"""Command publish: give the team what the rules of the settings choose, and take it back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.render import phrases, table

if TYPE_CHECKING:
    from vaultindex.team.rules import Rules

Row = dict[str, Any]
_NOUNS = {
    "notes": ("note", None), "tasks": ("task", None), "decisions": ("decision", None), "people": ("person there", "people there"),
    "names": ("name", None), "texts": ("text", None), "vaults": ("vault", None),
}  # fmt: skip


@command(
    epilog="Examples:  vi publish --dry-run   vi publish   vi publish --withdraw"
    "\n\nWhat is published is said in your settings, [publish.VAULT]; the store is the setting `team`. docs/team.md says more."
)
@click.option("--dry-run", is_flag=True, help="Show the very rows that would be published, and how many by which rule.")
@click.option("--withdraw", is_flag=True, help="Delete every row of this vault from the store, and prove it.")
@click.option(
    "--accept-removals", is_flag=True, help="Withdraw also when most published notes are gone from the vault."
)
@click.option("-n", "--limit", type=ROWS, metavar="N", help="With --dry-run: at most N rows.")
@click.option("--fields", metavar="A,B", help="With --dry-run: only these fields.")
@shared
@in_app
def publish(
    app: App, dry_run: bool, withdraw: bool, accept_removals: bool, limit: int | None, fields: str | None
) -> None:
    """Publish rows of this vault to the team's store: those that your settings choose, and no others."""
    if dry_run and withdraw:
        raise UsageError("--dry-run or --withdraw, not both")
    if (limit or fields) and not dry_run:
        raise UsageError("--limit and --fields belong to --dry-run")
    from vaultindex.team import rules as given

    rules = given.of(app.config, app.root) if not withdraw else given.Rules(given.named(app.config, app.root))
    if dry_run:
        _show(app, rules, limit, fields)
        return
    from vaultindex.team import address, send

    publisher = send.Publisher(address.address(app.env, app.config), app.env, rules)
    try:
        if withdraw:
            _withdraw(app, publisher)
        else:
            _publish(app, publisher, accept_removals)
    finally:
        publisher.close()


def _publish(app: App, publisher: Any, accept: bool) -> None:
    from vaultindex.team.send import Seen

    conn = app.connect()
    report = app.report
    assert report is not None
    doubts = [
        *([report.paused] if report.paused else []),
        *(["the index was not refreshed"] if report.stale is not None else []),
    ]
    if report.unknown:
        doubts.append(f"{phrases.count(report.unknown, 'folder or file', 'folders or files')} could not be read")
    done = publisher.publish(conn, Seen(not doubts, "; ".join(doubts), accept))
    if app.format in ("json", "jsonl"):
        app.document({**done._asdict(), "doubts": doubts})
    else:
        said = f"{done.vault}: {phrases.count(done.notes, 'note')} published, {done.sent:,} of them sent now ({phrases.count(done.rows, 'row')})"
        app.lines([safe(said + (f", {done.withdrawn:,} withdrawn" if done.withdrawn else ""))])
    if done.kept:
        app.notes.append(f"{phrases.count(done.kept, 'note')} not in the index stay in the store: {'; '.join(doubts)}")


def _withdraw(app: App, publisher: Any) -> None:
    vault, went, left = publisher.withdraw()
    if app.format in ("json", "jsonl"):
        app.document({"vault": vault, "deleted": went, "left": left})
    else:
        deleted = ", ".join(phrases.count(number, *_NOUNS[kind]) for kind, number in went.items() if number)
        app.lines(
            [
                safe(
                    f"{vault}: {deleted or 'nothing was there'}{' deleted' if deleted else ''}; {sum(left.values()):,} rows of it are left"
                )
            ]
        )
    if any(left.values()):
        raise VaultError(f"{vault} still has rows in the store: is another process publishing it?")


def _show(app: App, rules: Rules, limit: int | None, fields: str | None) -> None:
    from vaultindex.team.rows import NAMES, Maker
    from vaultindex.team.rules import chosen

    conn = app.connect()
    given = chosen(conn, rules)
    maker = Maker(conn, rules)
    rows: list[Row] = []
    by_rule: dict[str, Counter[str]] = {}
    for note in maker.notes(given):
        for kind, some in note.rows.items():
            for values, rule in zip(some, note.rules[kind]):
                by_rule.setdefault(rule, Counter())[kind] += 1
                rows.append({"table": kind, "rule": rule, **dict(zip(NAMES[kind], values))})
    total = len(rows)
    names = list(dict.fromkeys(["table", "rule", *(name for columns in NAMES.values() for name in columns)]))
    columns = [
        text("table", style="cyan"), text("rule", most=24, style="dim"), table.Column("place", _place, grow=3, style=lambda r: "dim"),
        table.Column("what", _what, grow=5, lines=2),
    ]  # fmt: skip
    app.show(rows[:limit], columns, names, "the rules choose nothing", only=fields, header=True)
    app.cut(min(limit or total, total), total)
    for rule, counted in by_rule.items():
        app.notes.append(f"{rule}: {', '.join(phrases.count(n, *_NOUNS[kind]) for kind, n in counted.items())}")
    left = [
        (given.unshared, "note says share: false", "notes say share: false"), (given.fenced, "note behind `without`", "notes behind `without`"),
        (maker.left.proposals, "proposal", None), (maker.left.tasks, "task of others", "tasks of others"),
    ]  # fmt: skip
    kept = [phrases.count(number, one, many) for number, one, many in left if number]
    app.notes.append(
        f"in all {phrases.count(total, 'row')} of {phrases.count(len(given.notes), 'note')}"
        + (f"; stays here: {', '.join(kept)}" if kept else "")
    )


def _place(row: Row) -> str:
    return f"{row['path']}:{row['line']}" if row.get("line") else str(row["path"])


def _what(row: Row) -> str:
    for name in ("text", "title", "body", "alias", "name"):
        if row.get(name):
            return str(row[name])
    return ""
