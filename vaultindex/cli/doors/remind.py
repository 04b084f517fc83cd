"""Command remind: what is due and what is new, in one sentence, for a prompt, a status bar or a notification."""

from __future__ import annotations

import click

from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared


@command(
    epilog="Examples:  vi remind   vi remind --template '{due} due, {new} new'   vi remind --exit-code --quiet || notify-send vault 'look'"
    '   vi config set remind \'["08:30", "16:00"]\'   vi remind --test'
)
@click.option(
    "--template", metavar="TEXT", help="Your own words: {due}, {overdue}, {new} are numbers, {sentence} is ours."
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is something (for prompts and cron).")
@click.option("--test", is_flag=True, help="Show a notification now, and say by which program.")
@shared
@in_app
def remind(app: App, template: str | None, exit_code: bool, test: bool) -> None:
    """Say in one sentence what is due, overdue and newly proposed. The watcher sends it at the times of setting `remind`."""
    from vaultindex.ask.pages.day import shown_in_triage
    from vaultindex.doors import notify, reminder
    from vaultindex.state import journal

    if test:
        app.lines([f"shown by {notify.send('vaultindex', 'Notifications of vaultindex look like this.', app.env)}"])
        return
    kept = shown_in_triage(journal.state_file(app.env, app.root, app.config))
    found = reminder.look(app.connect(), app.today, app.config.get("me"), kept)
    numbers = {"due": len(found.due), "overdue": len(found.overdue), "new": len(found.new)}
    said = one_line(found.sentence())
    if app.format in ("json", "jsonl"):
        from vaultindex.render import json_text

        app.lines([json_text.dumps({**numbers, "sentence": found.sentence()})])
    elif template is None:
        app.lines([said])
    else:
        from vaultindex.render.template import Template

        app.lines(Template(template, (*numbers, "sentence")).lines([{**numbers, "sentence": said}]))
    app.finish_with(exit_code and bool(found))
