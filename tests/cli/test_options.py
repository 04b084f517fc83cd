"""Every option of every command changes what it should: rows for the whole Click tree, in which a new option must have its own."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vaultindex.cli.commands import _SHARED, COMMANDS, cli, run
from vaultindex.cli.options import _CHOICES

ROOT = Path(__file__).resolve().parent.parent.parent
NOTES = {
    "2025-10-01 Sync.md": "---\ntype: customer\ndate: 2025-10-01\naccount: Acme\nparticipants: [Dana Lee]\ntags: [big]\n---\n"
    "- [ ] plan @Myself 📅 2025-10-01 ⏫\n- [?] idea @Dana #proposed 📅 2025-10-08\n- [x] done ✅ 2025-10-02\n- [-] no ❌ 2025-10-02\n"
    "- [ ] repeat 🔁 every day ⏳ 2025-10-03 🆔 abc123\n- [/] wait ⛔ abc123 🛫 2025-10-04 ➕ 2025-01-01 #deep/tag\n"
    "## Decisions\n- go on\n- stop\n## Key facts\n- a fact\n[[Nowhere]] [[Other]]\n",
    "Other.md": "---\ntype: project\ndate: 2025-09-01\naccount: Zenith\nparticipants: [Bob Ray]\n---\n- [ ] plan b\n## Decisions\n- older\n## Action Items\n- Send the sheet @Dana\n"
    "## Key facts\n- older fact\nDana Lee was there, [[2025-10-01 Sync]] and [[Twin]]\n",
    "a/Twin.md": "",
    ".Far.md.icloud": "", "b/Twin.md": "",
    "Templates/T.md": "---\ndate: 2025-10-05\n---\n- [ ] template\n- [?] template idea\n## Decisions\n- template\n## Key facts\n- template\n",
    "Dash.md": "- [?] my idea @Myself #proposed\n```tasks\nnot done\nlimit 1\n```\n",
    "bad.md": "---\na: [\n---\n- [ ] x 📅 2024-6-15\n- [ ] y 📅 2024-6-16\n",
    ".obsidian/templates.json": '{"folder": "Templates"}',
}  # fmt: skip

# Option of those that choose tasks -> its words, and the texts that `vi tasks` lists with it. The day is 2025-10-08.
UNSETTLED = {
    "plan",
    "idea",
    "my idea",
    "repeat",
    "wait",
    "plan b",
    "Send the sheet",
    "x 📅 2024-6-15",
    "y 📅 2024-6-16",
}
CHOSEN: dict[str, tuple[list[str], set[str]]] = {
    "--due": (["today"], {"idea"}), "--by": (["today"], {"plan", "idea"}), "--scheduled": (["2025-10-03"], {"repeat"}),
    "--start": (["2025-10-04"], {"wait"}), "--happens": (["2025-10-03"], {"repeat"}), "--created": (["2025-01-01"], {"wait"}),
    "--done-on": (["2025-10-02"], {"done"}), "--overdue": ([], {"plan"}), "--no-due": ([], UNSETTLED - {"plan", "idea"}),
    "--open": ([], UNSETTLED - {"idea", "my idea", "Send the sheet"}), "--proposed": ([], {"idea", "my idea", "Send the sheet"}), "--done": ([], {"done"}),
    "--cancelled": ([], {"no"}), "--all": ([], UNSETTLED | {"done", "no"}), "--mine": ([], {"plan", "my idea"}), "--not-mine": ([], UNSETTLED - {"plan", "my idea"}),
    "--owner": (["Dana Lee"], {"idea"}), "--account": (["Acme"], {"plan", "idea", "repeat", "wait"}),
    "--person": (["Dana Lee"], {"plan", "idea", "repeat", "wait"}), "--note": (["Other"], {"plan b", "Send the sheet"}),
    "--priority": (["high"], {"plan"}), "--tag": (["deep"], {"wait"}), "--status": (["/"], {"wait"}),
    "--stale": (["30d"], {"plan b", "Send the sheet", "wait"}), "--blocked": ([], {"wait"}), "--recurring": ([], {"repeat"}),
    "--theirs": ([], {"idea", "Send the sheet"}), "--nobodys": ([], UNSETTLED - {"plan", "my idea", "idea", "Send the sheet"}),
    "--undated": ([], {"my idea", "plan b", "Send the sheet", "x 📅 2024-6-15", "y 📅 2024-6-16"}), "--planned": ([], {"repeat"}),
    "--sure": ([], UNSETTLED - {"plan"}), "--doubted": ([], {"plan"}), "--with": (["Dana Lee"], {"plan", "idea", "repeat", "wait"}),
    "--boxes": ([], UNSETTLED - {"Send the sheet"}), "--excluded": ([], UNSETTLED | {"template", "template idea"}),
}  # fmt: skip
STATES = {"--open", "--proposed", "--done", "--cancelled", "--all", "--done-on"}

LISTED = {
    "--account": "Acme", "--person": "'Dana Lee'", "--note": "Other", "--since": "2025-10", "--until": "2025-09", "--excluded": "",
    "--limit": "1", "--fields": "text", "--exit-code": "", "--group": "account",
}  # fmt: skip
# Command -> what is said without the option; option -> its words. The answer with it must be another.
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "tasks": ("", {"--sort": "-priority", "--group": "owner", "--limit": "1", "--fields": "text", "--exit-code": ""}),
    "decisions": ("", {**LISTED, "--as-of": "2025-09-30"}), "facts": ("", LISTED), "rows": ("decisions", LISTED),
    "notes": ("", {
        "--type": "project", "--account": "Acme", "--person": "'Dana Lee'", "--tag": "big", "--since": "2025-10", "--until": "2025-09",
        "--no-actions": "", "--meetings": "", "--excluded": "", "--limit": "1", "--fields": "path",
    }),
    "agenda": ("2025-10", {"--days": "3", "--mine": "", "--owner": "'Dana Lee'", "--account": "Acme", "--person": "'Dana Lee'", "--proposed": ""}),
    "waiting": ("", {}), "person": ("'Dana Lee'", {"--since": "2025-10-02", "--why": ""}), "account": ("Acme", {"--since": "2025-10-02"}),
    "brief": ("Acme", {"--since": "2025-10-02", "--proposed": ""}), "recap": ("Other --anyway", {"--for": "'Bob Ray'"}), "decision": ("Other.md:9", {}),
    "review": ("month", {}), "stats": ("", {"--by": "account", "--list": "2025-10", "--limit": "1"}),
    "export": ("todotxt", {}), "mcp": ("--help", {}), "serve": ("--help", {}), "remind": ("", {}), "init": ("--help", {}), "demo": ("--help", {}), "completion": ("--help", {}), "shell-init": ("--help", {}),
    "publish": ("--help", {}), "team": ("--help", {}), **{f"team {name}": ("--help", {}) for name in ("init", "add", "remove", "status", "sql")},
    "search": ("plan", {"--account": "Acme", "--title": "", "--limit": "1", "--fields": "path"}),
    "people": ("", {"--unsure": "", "--since": "2025-10", "--limit": "1", "--fields": "name"}),
    "accounts": ("", {"--since": "2025-10", "--limit": "1", "--fields": "name"}),
    "backlinks": ("'Dana Lee'", {"--unlinked": "", "--count": "", "--limit": "1", "--fields": "path"}),
    "links": ("Other", {"--broken": "", "--ambiguous": "", "--limit": "1", "--fields": "path"}),
    "orphans": ("", {"--fields": "path"}), "deadends": ("", {"--fields": "path"}), "tags": ("", {"--fields": "tag"}),
    "lint": ("", {"--limit": "1"}), "doctor": ("", {"--kind": "yaml"}),
    "query": ("--note Dash", {"--explain": "", "--fields": "text"}),
    "open": ("--print Other", {"--obsidian": ""}), "note": ("Other", {}), "why": ("Other.md:7", {}), "status": ("", {}), "sql": ("'SELECT 1'", {}),
    "config": ("", {}), "vaults": ("", {}), "today": ("", {}), "log": ("", {}), "undo": ("--list", {}), "index": ("", {}), "help": ("exit-codes", {}),
    "add": ("'one more' --note Other --dry-run", {
        "--due": "fri", "--owner": "'Bob Ray'", "--priority": "high",
    }),
    "triage": ("--plain", {"--oldest": ""}),
    "reject": ("--dry-run --yes", {}), "accept": ("--dry-run --yes --boxes", {"--due": "fri", "--owner": "'Bob Ray'", "--priority": "low"}),
    "due": ("--dry-run --yes --boxes fri", {"--scheduled": "", "--start": ""}),
    "tag": ("--dry-run --yes --tag deep deep/tag", {"--remove": ""}),
    **{verb: ("--dry-run --yes --boxes", {"--on": "2025-01-01"}) for verb in ("done", "cancel")},
}  # fmt: skip
# Commands that choose tasks as `vi tasks` does -> what stands behind the options.
CHOOSING = {
    "tasks": "", "triage": "--plain", "done": "", "cancel": "", "reopen": "", "start": "", "accept": "", "reject": "", "edit": "",
    "due": "2030-01-01", "assign": "@Zoe", "priority": "lowest", "tag": "new",
}  # fmt: skip
# There the option says what holds anyway, or leaves what cannot be changed so.
NO_OTHER = {
    ("accept", "--proposed"), ("reject", "--proposed"), ("start", "--open"), ("triage", "--sure"),
}  # fmt: skip
# Options whose row is a test of its own, which writes, asks, starts a program or needs another vault -> where it stands.
ELSEWHERE = {
    "* --mend": "tests/cli/test_options.py::test_mend_writes_damaged_characters_of_the_line_as_they_were_meant",
    "* --no-input": "tests/cli/test_options.py::test_more_than_ten_changes_are_asked_about_ten_are_not",
    "* --yes": "tests/cli/test_options.py::test_more_than_ten_changes_are_asked_about_ten_are_not",
    "* --dry-run": "tests/cli/test_options.py::test_a_dry_run_writes_nothing",
    "query --list": "tests/cli/test_options.py::test_saved_queries_are_listed_shown_and_deleted",
    "query --show": "tests/cli/test_options.py::test_saved_queries_are_listed_shown_and_deleted",
    "query --delete": "tests/cli/test_options.py::test_saved_queries_are_listed_shown_and_deleted",
    "help --man": "tests/cli/test_manual.py::test_man_shows_them",
    "triage --likely": "tests/cli/test_triage.py::test_those_first_that_are_like_what_was_accepted_before",
    "reject --reason": "tests/cli/test_options.py::test_a_reason_is_kept_in_the_log",
    "lint --fix": "tests/cli/test_typed.py::test_lint_fix_shows_the_diff_writes_and_one_undo_takes_all_back",
    "lint --yes": "tests/cli/test_typed.py::test_lint_fix_shows_the_diff_writes_and_one_undo_takes_all_back",
    "add --as-is": "tests/cli/test_typed.py::test_add_says_what_it_understood_and_gives_the_id",
    "* --twins": "tests/cli/test_act.py::test_twins_are_done_when_they_are_asked_for_and_told_when_not",
    "person --write": "tests/cli/test_pages.py::test_a_persons_page_is_kept_as_a_marked_block_in_their_note_and_makes_no_second_task",
    "person --yes": "tests/cli/test_pages.py::test_a_persons_page_is_kept_as_a_marked_block_in_their_note_and_makes_no_second_task",
    "review --only": "tests/cli/test_pages.py::test_a_review_as_rows_is_of_one_section",
    "review --limit": "tests/cli/test_pages.py::test_a_review_as_rows_is_of_one_section",
    "people --same": "tests/cli/test_pages.py::test_an_answer_about_names_is_logged_and_undone",
    "people --different": "tests/cli/test_pages.py::test_an_answer_about_names_is_logged_and_undone",
    "people --guests": "tests/cli/test_pages.py::test_a_guest_list_that_is_none_is_an_error_that_says_what_it_must_have",
    "agenda --all": "tests/cli/test_pages.py::test_an_agenda_on_a_terminal_shows_so_many_rows_of_a_day_and_all_of_them_with_all",
    "waiting --owner": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --account": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --person": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --older": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --nudge": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --unfold": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "waiting --all": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "person --proposed": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "person --mentions": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "person --all": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "account --proposed": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "account --all": "tests/cli/test_options.py::test_options_of_pages_change_what_is_shown",
    "export --as": "tests/doors/test_calendar.py::test_todoman_lists_the_tasks_of_the_folder",
    "export --alarm": "tests/doors/test_calendar.py::test_an_alarm_rings_on_the_day_at_its_time",
    "export --watch": "tests/doors/test_calendar.py::test_a_watched_file_follows_the_notes_until_ctrl_c",
    "export --proposed": "tests/cli/test_options.py::test_an_export_holds_what_the_list_of_the_same_options_holds",
    "mcp --propose": "tests/doors/test_agent.py::test_without_propose_there_is_no_tool_that_writes_and_the_index_waits_for_the_first_question",
    "mcp --only": "tests/doors/test_agent.py::test_no_word_of_a_private_note_leaves_by_any_tool",
    "mcp --without": "tests/doors/test_agent.py::test_no_word_of_a_private_note_leaves_by_any_tool",
    "mcp --install": "tests/doors/test_agent.py::test_install_merges_and_keeps_the_file_as_it_was",
    "mcp --yes": "tests/doors/test_agent.py::test_install_merges_and_keeps_the_file_as_it_was",
    "publish --dry-run": "tests/team/test_publishing.py::test_a_dry_run_shows_the_very_rows_and_how_many_by_which_rule",
    "publish --limit": "tests/team/test_publishing.py::test_a_dry_run_shows_the_very_rows_and_how_many_by_which_rule",
    "publish --fields": "tests/team/test_publishing.py::test_a_dry_run_shows_the_very_rows_and_how_many_by_which_rule",
    "publish --withdraw": "tests/team/test_publishing.py::test_withdraw_deletes_every_row_of_the_vault_and_proves_it",
    "publish --accept-removals": "tests/team/test_publishing.py::test_most_notes_gone_at_once_are_withdrawn_only_when_told",
    "team add --publish": "tests/team/test_security.py::test_a_member_may_do_what_they_were_given_and_nothing_when_it_is_taken",
    "team add --read": "tests/team/test_security.py::test_a_member_may_do_what_they_were_given_and_nothing_when_it_is_taken",
    "team add --account": "tests/team/test_security.py::test_a_member_may_do_what_they_were_given_and_nothing_when_it_is_taken",
    "remind --template": "tests/cli/test_sessions.py::test_a_recorded_session_shows_what_the_commands_print",
    "remind --exit-code": "tests/cli/test_sessions.py::test_a_recorded_session_shows_what_the_commands_print",
    "remind --test": "tests/doors/test_remind.py::test_the_watcher_sends_it_by_notify_send",
    "recap --anyway": "tests/pages/test_pages.py::test_a_recap_waits_for_the_proposals_of_its_note",
    "init --me": "tests/cli/test_first_minute.py::test_init_says_who_i_am_and_asks_nothing_in_a_script",
    "init --name": "tests/cli/test_first_minute.py::test_init_says_who_i_am_and_asks_nothing_in_a_script",
    "init --yes": "tests/cli/test_first_minute.py::test_init_finds_the_vault_and_the_next_question_needs_no_words",
    "today --all": "tests/cli/test_options.py::test_all_shows_the_whole_start_screen",
    "open --print": "tests/cli/test_open.py::test_a_row_of_the_last_list_and_what_is_not_there",
    "open --editor": "tests/cli/test_open.py::test_the_editor_opens_at_the_line_and_its_failure_is_ours",
    "query --note": "tests/field/test_asking.py::test_query_note_answers_the_blocks_that_are_right_and_names_the_one_that_is_not",
    "query --file": "tests/cli/test_options.py::test_a_query_comes_from_a_file_or_is_saved_and_asked_again",
    "query --save": "tests/cli/test_options.py::test_a_query_comes_from_a_file_or_is_saved_and_asked_again",
    "query --saved": "tests/cli/test_options.py::test_a_query_comes_from_a_file_or_is_saved_and_asked_again",
    "add --daily": "tests/cli/test_options.py::test_add_writes_into_the_daily_note_or_the_named_one",
    "add --account": "tests/cli/test_options.py::test_add_writes_into_the_daily_note_or_the_named_one",
    "add --note": "tests/cli/test_options.py::test_add_writes_into_the_daily_note_or_the_named_one",
    "triage --new": "tests/cli/test_options.py::test_triage_shows_what_is_new_or_what_was_put_off_when_asked",
    "triage --again": "tests/cli/test_options.py::test_triage_shows_what_is_new_or_what_was_put_off_when_asked",
    "triage --plain": "tests/cli/test_triage.py::test_keys_decide_one_proposal_a_screen",
    "undo --list": "tests/cli/test_options.py::test_undo_lists_what_it_would_take_back_and_log_is_cut_where_it_is_told",
    "log --limit": "tests/cli/test_options.py::test_undo_lists_what_it_would_take_back_and_log_is_cut_where_it_is_told",
    "index --full": "tests/cli/test_options.py::test_index_is_filled_anew_verified_and_removals_are_accepted_when_told",
    "index --verify": "tests/cli/test_options.py::test_index_is_filled_anew_verified_and_removals_are_accepted_when_told",
    "index --accept-removals": "tests/cli/test_options.py::test_index_is_filled_anew_verified_and_removals_are_accepted_when_told",
    "doctor --fix": "tests/faults/test_several.py::test_doctor_mends_permissions_and_a_damaged_index_and_no_note",
    "doctor --repair": "tests/cli/test_repair.py::test_yes_writes_the_damaged_lines_as_meant_and_nothing_else",
    "serve --port": "tests/web/test_serve.py::test_a_taken_port_is_said_with_what_holds_it",
    "serve --open": "tests/web/test_serve.py::test_open_opens_the_address_in_the_browser",
    "serve --read-only": "tests/web/test_serve.py::test_read_only_shows_everything_and_changes_nothing",
    "serve --host": "tests/web/test_serve.py::test_another_address_than_this_machines_own_is_taken_with_a_warning",
    "serve --new-feed-address": "tests/web/test_feed.py::test_a_new_address_ends_the_old_one_while_the_server_runs",
    "watch --all": "tests/faults/test_several.py::test_one_broken_vault_leaves_the_others_watched",
    "watch --sweep": "tests/faults/test_watching.py::test_a_vault_that_goes_away_loses_nothing_and_is_taken_up_when_it_returns",
    "service logs --lines": "tests/cli/test_options.py::test_the_watchers_log_is_shown_from_its_end",
    "vaults adopt --anyway": "tests/faults/test_moved.py::test_doctor_lists_journals_whose_vault_is_nowhere_and_adopt_gives_one_to_this_vault",
}  # fmt: skip


def _tree(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    for inner, one in getattr(command, "commands", {}).items():
        yield from _tree(f"{name} {inner}", one)


def _of(*decorators: object) -> set[str]:
    probe = click.Command("probe", callback=None)
    for option in decorators:
        option(probe)  # type: ignore[operator]
    return {max(param.opts, key=len) for param in probe.params if isinstance(param, click.Option)}


SHARED, FILTERS = _of(*_SHARED), _of(*_CHOICES)
TREE = dict(one for name in COMMANDS for one in _tree(name, cli.get_command(click.Context(cli), name)))  # type: ignore[arg-type]
OPTIONS = {
    name: {max(p.opts, key=len) for p in command.params if isinstance(p, click.Option)} - SHARED
    for name, command in TREE.items()
}


def has_row(name: str, option: str) -> bool:
    if option == "--template":
        return True  # each is tried below
    chosen = (name in CHOOSING or name == "export") and option in CHOSEN
    apart = f"{name} {option}" in ELSEWHERE or ((name in CHOOSING or name == "add") and f"* {option}" in ELSEWHERE)
    return chosen or option in TABLE.get(name, ("", {}))[1] or apart


def test_every_option_of_every_command_has_a_row() -> None:
    assert [
        f"{name} {option}"
        for name, options in OPTIONS.items()
        for option in sorted(options)
        if not has_row(name, option)
    ] == []
    assert set(CHOSEN) == FILTERS, "the options that choose tasks"
    leaves = {
        name
        for name, command in TREE.items()
        if not name.startswith(("service", "watch", "vaults ", "config ")) and name not in CHOOSING
    }
    assert leaves - set(TABLE) == set(), "every command is asked here at least once"


def test_no_row_is_left_over() -> None:
    rows = [(name, option) for name, (_, given) in TABLE.items() for option in given]
    assert [row for row in rows if row[1] not in OPTIONS[row[0]]] == []
    named = [key.rsplit(" ", 1) for key in ELSEWHERE]
    assert [
        (name, option) for name, option in named if not any(option in OPTIONS[n] for n in OPTIONS if name in ("*", n))
    ] == []


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_a_row_of_its_own_is_there(where: str) -> None:
    file, _, name = where.partition("::")
    assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


class Place:
    """The vault of NOTES, and commands asked in this process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.vault, self.monkeypatch, self.capsys = folder, folder / "v", monkeypatch, capsys
        monkeypatch.setenv("HOME", str(folder))
        editor = folder / "editor"
        editor.write_text("#!/bin/sh\nsed -i 's/$/ edited/' \"$1\"\n")
        editor.chmod(0o755)
        monkeypatch.setenv("EDITOR", str(editor))

    def __call__(self, *words: str, answers: str = "") -> tuple[int, str, str]:
        """(exit code, what was printed, what was said on stderr without times)."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        given = [] if "--vault" in words else ["--vault", str(self.vault)]
        given += ["--index", str(self.folder / "i.db")] if "--index" not in words else []
        given += ["--today", "2025-10-08"] if "--today" not in words else []
        code = run([*words, *given], "vaultindex")
        said = self.capsys.readouterr()
        return code, said.out, re.sub(r"\d+ ms", "9 ms", said.err).replace(", indexed just now", "")


def write(folder: Path, notes: dict[str, str] = NOTES) -> None:
    for path, text in notes.items():
        file = folder / "v" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options")
    write(folder)
    return folder


@pytest.fixture
def place(shared_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    """For commands that write nothing."""
    return Place(shared_folder, monkeypatch, capsys)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    """A vault for one test."""
    write(tmp_path)
    return Place(tmp_path, monkeypatch, capsys)


def words_of(text: str) -> list[str]:
    import shlex

    return shlex.split(text)


@pytest.mark.parametrize("option", sorted(CHOSEN))
def test_the_option_lists_these_tasks_and_no_others(place: Place, option: str) -> None:
    given, wanted = CHOSEN[option]
    code, out, _ = place("tasks", option, *given, "--json")
    assert code == 0
    assert {task["text"] for task in json.loads(out)} == wanted
    assert json.loads(place("tasks", "--json")[1]) != json.loads(out)


@pytest.mark.parametrize(
    "name, option",
    [(name, option) for name in CHOOSING for option in sorted(OPTIONS[name] & set(CHOSEN)) if name != "tasks"],
)
def test_the_option_chooses_other_tasks_for_a_change(place: Place, name: str, option: str) -> None:
    if option in TABLE.get(name, ("", {}))[1]:
        return  # there it says what to write
    # What is compared takes every task, or where states are told apart those that have a box.
    base = (
        ["--boxes" if "--boxes" in OPTIONS[name] and option != "--boxes" else "--excluded"]
        if option in STATES
        else ["--all"]
    )
    base = [] if name == "triage" else base
    more = [] if name == "triage" else ["--dry-run", "--yes"]
    without = place(name, *base, *more, *words_of(CHOOSING[name]))
    with_it = place(name, *base, option, *CHOSEN[option][0], *more, *words_of(CHOOSING[name]))
    assert with_it[0] in (0, 1, 3) and "Traceback" not in with_it[2]
    assert (with_it[1:] != without[1:]) == ((name, option) not in NO_OTHER)


@pytest.mark.parametrize("name, option", [(name, option) for name, (_, rows) in TABLE.items() for option in rows])
def test_the_option_changes_the_answer(place: Place, name: str, option: str) -> None:
    base, rows = TABLE[name]
    form = (
        ["--format", "table"]
        if option == "--group"
        else ["--format", "plain"]
        if option in ("--explain", "--fields")
        else []
    )
    form = form or (
        ["--json"]
        if name not in ("doctor", "add", "due", "tag", "done", "cancel", "reopen", "accept", "reject", "triage", "open")
        else []
    )
    without = place(
        name, *words_of(base), *form, *(["--unlinked", "--count"] if (name, option) == ("backlinks", "--limit") else [])
    )
    more = ["--unlinked", "--count"] if (name, option) == ("backlinks", "--limit") else []
    with_it = place(name, *words_of(base), *form, *more, option, *words_of(rows[option]))
    assert with_it[0] == (1 if option == "--exit-code" else 0), with_it[2]
    assert with_it[:2] != without[:2]
    if option == "--limit":
        assert "1 of " in with_it[2], "what was left out is counted"


READ = {
    name: base
    for name, (base, _) in TABLE.items()
    if name not in ("help", "config", "vaults", "export", "remind") and name not in CHOOSING and base != "--help"
} | {"tasks": ""}


@pytest.mark.parametrize("name", sorted(READ))
def test_options_that_every_command_takes_hold_for_this_one(own: Place, name: str) -> None:
    words = [name, *words_of(READ[name])]
    code, out, err = own(*words)
    assert code == (1 if name == "index" else 0), err  # one note lies in the cloud
    quiet = own(*words, "--quiet")
    assert (quiet[2], quiet[0]) == ("", code)
    if name != "add":
        json.loads(own(*words, "--json")[1])
        for line in own(*words, "--format", "jsonl")[1].splitlines():
            json.loads(line)
    assert own(*words, "--strict")[0] in (0, 1, 6)
    if name in ("log", "undo", "add", "index"):
        return
    (own.folder / "other" / ".obsidian").mkdir(parents=True)
    (own.folder / "other" / "Other.md").write_text("\n\n\n\n\n\n- [ ] only this\n")
    other = own(*words, "--vault", str(own.folder / "other"), "--index", str(own.folder / "o.db"))
    assert name in ("sql", "waiting") or other[1] != out, "another vault, another answer"
    refused = own(*words, "--vault", str(own.folder / "other"))
    assert refused[0] == 2 and "is the index of the vault" in refused[2], "another index is this vault's alone"
    for note in own.vault.rglob("*.md"):
        note.unlink()
    (own.vault / "Other.md").write_text("changed\n")
    if name not in ("open", "why"):
        assert own(*words, "--no-refresh")[1] == out or name in ("doctor", "status")
    assert own(*words, "--no-refresh", "--strict")[0] == 6


@pytest.mark.parametrize("name", ["tasks", "today", "notes", "decisions"])
def test_a_pretended_day_is_the_day_of_every_word_for_a_day(own: Place, name: str) -> None:
    words = {
        "tasks": ["--due", "today"],
        "today": [],
        "notes": ["--since", "today"],
        "decisions": ["--since", "today"],
    }[name]
    assert own(name, *words, "--json")[1] != own(name, *words, "--json", "--today", "2025-10-01")[1]


# --- rows of their own ------------------------------------------------------------------------------------------------


def read(place: Place) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(place.vault.rglob("*.md"))}


@pytest.mark.parametrize("name", sorted(set(CHOOSING) - {"tasks", "triage"} | {"add"}))
def test_a_dry_run_writes_nothing(own: Place, name: str) -> None:
    before = read(own)
    words = (
        ["add", "new", "--note", "Other"] if name == "add" else [name, "--boxes", "--yes", *words_of(CHOOSING[name])]
    )
    code, out, _ = own(*words, "--dry-run")
    assert code in (0, 1) and out and read(own) == before
    own(*words)
    assert read(own) != before, "without it the same command does write"


def test_more_than_ten_changes_are_asked_about_ten_are_not(own: Place) -> None:
    for count, code in ((10, 0), (11, 2)):
        (own.vault / "many.md").write_text("- [ ] one more\n" * count)
        done = own("done", "--note", "many", "--no-input")
        assert done[0] == code
        assert (own.vault / "many.md").read_text().count("[x]") == (count if code == 0 else 0)
    assert "--yes" in done[2] and own("done", "--note", "many")[0] == 2, "nobody is there to be asked"
    assert own("done", "--note", "many", "--yes")[0] == 0
    assert (own.vault / "many.md").read_text().count("[x]") == 11


def test_mend_writes_damaged_characters_of_the_line_as_they_were_meant(own: Place) -> None:
    meant = "- [ ] Café now 📅 2025-10-08"
    damaged = meant.encode().decode("mac_roman")
    for mend, kept in (([], damaged), (["--mend"], meant)):
        (own.vault / "damaged.md").write_text(damaged + "\n")
        assert own("priority", "damaged.md:1", "high", *mend)[0] == 0
        written = (own.vault / "damaged.md").read_text()
        assert all(part in written for part in kept.split()), (
            "the characters that stay keep their bytes, unless they are mended"
        )
        assert ("Café" in written) == bool(mend)


def test_a_reason_is_kept_in_the_log(own: Place) -> None:
    assert own("reject", "--note", "2025-10-01 Sync", "--reason", "booked already")[0] == 0
    assert json.loads(own("log", "--json")[1])[0]["reason"] == "booked already"
    assert not any(b"booked already" in data for data in read(own).values())


def test_all_shows_the_whole_start_screen(own: Place) -> None:
    (own.vault / "many.md").write_text("".join(f"- [ ] late {i} 📅 2025-09-0{i % 9 + 1}\n" for i in range(30)))
    short, whole = own("today", "--format", "table")[1], own("today", "--all", "--format", "table")[1]
    assert short.count("late ") < whole.count("late ") == 30


def test_a_query_comes_from_a_file_or_is_saved_and_asked_again(own: Place) -> None:
    (own.folder / "q.txt").write_text("description includes plan\n")

    def asked(*words: str) -> list[str]:
        code, out, err = own(*words, "--json")
        assert code == 0, err
        return [task["text"] for group in json.loads(out)["groups"] for task in group["tasks"]]

    assert (
        asked("query", "--file", str(own.folder / "q.txt"))
        == asked("query", "description includes plan")
        == ["plan", "plan b"]
    )
    assert own("query", "--save", "planned", "description includes plan")[0] == 0
    for again in (["query", "--saved", "planned"], ["planned"]):
        assert asked(*again) == ["plan", "plan b"]
    assert own("query", "--saved", "unknown")[0] == 3


@pytest.mark.parametrize(
    "name", sorted(name for name, options in OPTIONS.items() if "--template" in options and "--fields" in options)
)
def test_a_template_gives_a_line_a_row_and_its_fields_are_those_of_json(place: Place, name: str) -> None:
    said = TABLE[name][0]
    rows = json.loads(place(name, *words_of(said), "--json")[1])
    if isinstance(rows, dict):  # a query has groups
        rows = [task for group in rows["groups"] for task in group["tasks"]]
    if rows and "groups" in rows[0]:
        rows = [task for one in rows for group in one["groups"] for task in group["tasks"]]
    field = next(f for f in ("text", "path", "name", "tag") if f in rows[0])
    code, out, err = place(name, *words_of(said), "--template", f"<{{{field}}}>")
    assert code == 0 and sorted(out.splitlines()) == sorted(f"<{row[field]}>" for row in rows), err
    assert place(name, *words_of(said), "--template", "{nothing}")[0] == 2


def test_saved_queries_are_listed_shown_and_deleted(own: Place) -> None:
    assert "no query is saved" in own("query", "--list", "--format", "table")[2]
    for word, text in (("planned", "description includes plan"), ("mine", "not done; due before today")):
        assert own("query", "--save", word, text)[0] == 0
    assert [row["name"] for row in json.loads(own("query", "--list", "--json")[1])] == ["mine", "planned"]
    assert own("query", "--show", "mine")[1] == "not done\ndue before today\n"
    code, _, err = own("query", "--show", "plannd")
    assert code == 3 and "Did you mean planned?" in err
    assert "description includes plan" in own("query", "--delete", "planned")[1]
    assert own("query", "--saved", "planned")[0] == 3 and own("query", "--delete", "planned")[0] == 3
    assert [row["name"] for row in json.loads(own("query", "--list", "--json")[1])] == ["mine"]


def test_add_writes_into_the_daily_note_or_the_named_one(own: Place) -> None:
    assert own("add", "into the daily note", "--daily")[0] == 0
    assert own("add", "into this one", "--note", "Other")[0] == 0
    (own.vault / "Accounts").mkdir()
    (own.vault / "Accounts" / "Acme.md").write_text("# Acme\n")
    assert own("add", "for the account", "--account", "Acme")[0] == 0
    assert "for the account" in (own.vault / "Accounts" / "Acme.md").read_text()
    assert "into this one" in (own.vault / "Other.md").read_text()
    assert [p.name for p in own.vault.rglob("*.md") if "into the daily note" in p.read_text()] == ["2025-10-08.md"]


def test_triage_shows_what_is_new_or_what_was_put_off_when_asked(own: Place) -> None:
    def left(*options: str) -> int:
        found = re.search(r"(\d+) left", own("triage", "--plain", *options)[2])
        return int(found[1]) if found else 0

    assert left("--new") == 3 and left("--new") == 2, "one was shown"
    own("triage", "--plain", answers="l\nq\n")
    assert left() == 2 and left("--again") == 3


def test_undo_lists_what_it_would_take_back_and_log_is_cut_where_it_is_told(own: Place) -> None:
    for line in (8, 12):
        assert own("done", f"2025-10-01 Sync.md:{line}")[0] == 0
    before = read(own)
    listed = own("undo", "--list", "--json")
    assert [row["verb"] for row in json.loads(listed[1])] == ["done", "done"] and read(own) == before
    assert len(json.loads(own("log", "--json", "-n", "1")[1])) == 1 and len(json.loads(own("log", "--json")[1])) == 2
    assert own("undo")[0] == 0 and read(own) != before


def test_index_is_filled_anew_verified_and_removals_are_accepted_when_told(own: Place) -> None:
    for i in range(30):
        (own.vault / f"many{i}.md").write_text(f"- [ ] {i}\n")
    assert json.loads(own("index", "--json")[1])["full"] is True, "a first one"
    assert json.loads(own("index", "--json")[1])["full"] is False
    assert json.loads(own("index", "--full", "--json")[1])["full"] is True
    assert own("index", "--verify")[0] in (0, 1) and "differences" not in own("index", "--verify")[1]
    import sqlite3

    with sqlite3.connect(own.folder / "i.db") as conn:
        conn.execute("UPDATE tasks SET text = 'forged' WHERE rowid = (SELECT min(rowid) FROM tasks)")
    assert own("index", "--json")[0] in (0, 1) and "forged" not in own("index")[1]
    assert "forged" in own("index", "--verify")[1] + own("index", "--verify")[2]
    for path in own.vault.glob("many*.md"):
        path.unlink()
    assert "gone at once" in own("index")[2] and "many3.md" in own("notes")[1]
    own("index", "--accept-removals")
    assert "many3.md" not in own("notes")[1]


def test_the_watchers_log_is_shown_from_its_end(own: Place) -> None:
    (own.folder / "watch.log").write_text("".join(f"line {i}\n" for i in range(40)))
    assert own("service", "logs")[1].splitlines() == [f"line {i}" for i in range(20, 40)]
    assert own("service", "logs", "-n", "2")[1].splitlines() == ["line 38", "line 39"]


MANY = {
    **{f"M{n}.md": f"---\ndate: 2025-0{n}-01\naccount: Acme\nparticipants: [Ann Fox, Bo Lund]\n---\nCy Reed came.\n- [ ] Send the big price sheet {n} @Ann Fox\n"
       f"- [ ] Ask for the room number {n} @Bo Lund\n- [?] Write up part {n} @Ann Fox\n## Decisions\n- go on with {n}\n" for n in range(1, 10)},
    "Away.md": "---\ndate: 2025-09-30\naccount: Zenith\nparticipants: [Cy Reed]\n---\n- [ ] Count all @Cy Reed\n",
    **{f"P{n}.md": f"- [ ] Item of person {n} @Person No{chr(97 + n)}\n" for n in range(26)},
    **{f"Q{n}.md": f"- [ ] Item of other {n} @Other No{chr(97 + n)}\n" for n in range(26)},
}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "option", "more", "less"),
    [
        ("waiting", "--owner 'Ann Fox'", "Send the big", "Ask for the room"), ("waiting", "--account Zenith", "Count all", "Send the big"),
        ("waiting", "--person 'Cy Reed'", "Count all", "Send the big"), ("waiting", "--older 8w", "Send the big", "Count all"),
        ("waiting", "--nudge", "Hi Ann,", "days"), ("waiting", "--all", "Other Noz", ""), ("waiting --owner 'Ann Fox'", "--unfold", "price sheet 1.", ""),
        ("person 'Ann Fox'", "--proposed", "Write up part 9", "vi tasks --proposed"), ("person 'Cy Reed'", "--mentions", "Cy Reed came.", ""),
        ("person 'Ann Fox'", "--all", "go on with 1", ""), ("account Acme", "--proposed", "Write up part 9", "vi tasks --proposed"),
        ("account Acme", "--all", "go on with 1", ""),
    ],
)  # fmt: skip
def test_options_of_pages_change_what_is_shown(own: Place, command: str, option: str, more: str, less: str) -> None:
    write(own.folder, MANY)
    own.monkeypatch.setenv("COLUMNS", "200")
    without, with_it = (own(*words_of(f"{command} {extra}"), "--format", "table") for extra in ("", option))
    assert with_it[0] == 0 and with_it[1] != without[1]
    assert more.rstrip(".") in with_it[1] and (not less or less not in with_it[1])


@pytest.mark.parametrize("option", sorted(set(CHOSEN) - {"--proposed", "--doubted", "--open", "--sure"}))
def test_an_export_holds_what_the_list_of_the_same_options_holds(place: Place, option: str) -> None:
    code, out, _ = place("export", "jsonl", option, *CHOSEN[option][0], "--proposed", "--doubted")
    assert code == 0
    assert {json.loads(line)["text"] for line in out.splitlines()} <= CHOSEN[option][1] | UNSETTLED
    assert out != place("export", "jsonl", "--proposed", "--doubted")[1] or option == "--boxes"
