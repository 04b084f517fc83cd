"""What public reports and real vaults broke in the reading of notes: each test is one promise, on a vault of a few lines."""

from __future__ import annotations

import os
import unicodedata

import pytest

from tests.field.shell import Vi
from vaultindex.notes.parse import LONGEST_LINE, parse_note
from vaultindex.tasks.line import mend_line, parse_task
from vaultindex.vault.disk import is_conflict_copy


def test_a_box_before_another_list_marker_is_a_task_before_and_after_accept(vi: Vi) -> None:
    vi.write("n.md", "- [ ] 1. call\n- [ ] 3) third\n- [ ] - dash\n- [ ] - [ ] two\n- [?] 5. idea #proposed\n")
    assert [t["line"] for t in vi.json("tasks", "--sort", "note")] == [1, 2, 3, 4, 4, 5]
    assert vi("accept", "n.md:5").returncode == 0
    assert [t["text"] for t in vi.json("tasks", "--note", "n", "--sort", "note")][-1] == "5. idea"
    assert vi("done", "n.md:4").returncode == 0


def test_a_change_never_writes_a_line_that_is_no_task(vi: Vi) -> None:
    vi.write(".obsidian/plugins/obsidian-tasks-plugin/data.json", '{"globalFilter": "#task"}')
    vi.write("n.md", "- [ ] call #task\n")
    done = vi("tag", "n.md:1", "task", "--remove")
    assert (done.returncode, vi.read("n.md")) == (1, "- [ ] call #task\n")
    assert "would not be a task any more" in done.stderr


def test_names_in_both_unicode_forms_never_change_places(vi: Vi) -> None:
    composed, apart = (unicodedata.normalize(form, "Zoë.md") for form in ("NFC", "NFD"))
    vi.write(f"Büro/{apart}", "- [ ] apart\n")
    vi.write(f"Büro/{composed}", "- [ ] composed\n")
    for _ in range(3):
        assert [t["text"] for t in vi.json("tasks")] == ["composed"]
        assert "shares its name" in vi("doctor").stdout
        (vi.vault / "Büro" / apart).write_text("- [ ] apart, saved\n")
    os.remove(vi.vault / "Büro" / composed)
    assert [t["text"] for t in vi.json("tasks")] == ["apart, saved"]
    assert vi("index", "--verify").returncode == 0


def test_a_fresh_note_with_a_decomposed_name_is_read_and_its_path_opens(vi: Vi) -> None:
    name = unicodedata.normalize("NFD", "Büro/Zoë.md")
    vi.write(name, "- [ ] first\n")
    for _ in range(3):
        assert (vi("doctor").stdout, len(vi.json("tasks"))) == ("", 1)
    assert (vi.vault / vi("tasks", "--format", "paths").stdout.strip()).is_file()


def test_what_counts_as_unread_is_named_by_doctor_and_counted_by_status(vi: Vi) -> None:
    vi.write("a.md", "- [ ] real\n")
    vi.write("Sub/.Other.md.icloud", "")
    assert "Sub/Other.md" in vi("doctor").stdout
    assert vi.json("status")["problems"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "Plan (Conflicted copy iPhone (2) 202510061210).md",
        "Plan (Dana's conflicted copy 2025-10-06).md",
        "Plan (Danas Konfliktkopie 2025-10-06).md",
        "Plan (In Konflikt stehende Kopie von Dana 2025-10-06).md",
        "Plan (Copie en conflit de Dana 2025-10-06).md",
        "Plan (Copia en conflicto de PC (2) 2025-10-06).md",
        "Plan (Dana 的冲突副本 2025-10-06).md",
        "Plan (Danaの競合コピー 2025-10-06).md",
        "Plan-DESKTOP-4F7K2QP.md",
        "Plan-LAPTOP-AB12CD34-2.md",
        "Plan.sync-conflict-20251006-121000-ABCDEFG.md",
    ],
)
def test_copies_that_sync_tools_leave_are_left_out_in_any_language(name: str) -> None:
    assert is_conflict_copy(name)


@pytest.mark.parametrize(
    "name", ["Conflict.md", "Conflict resolution (2).md", "Plan (draft) on conflict (3).md", "My-DESKTOP-setup.md"]
)
def test_a_note_about_conflicts_is_no_copy(name: str) -> None:
    assert not is_conflict_copy(name)


@pytest.mark.parametrize("query", ["张三", "价格", "会議", "회의", "ประชุม"])
def test_search_finds_scripts_without_spaces(vi: Vi, query: str) -> None:
    vi.write("n.md", "今天和张三开会讨论价格\n東京都の会議で価格\n프로젝트 회의록 가격\nวันนี้มีประชุมใหญ่\n")
    assert [r["path"] for r in vi.json("search", query)] == ["n.md"]


def test_search_finds_parts_of_words_when_no_whole_word_fits_and_forgets_old_text(vi: Vi) -> None:
    vi.write("a.md", "the Preisliste of 张三\n")
    vi.write("b.md", "a liste\n")
    assert [r["path"] for r in vi.json("search", "eislist")] == ["a.md"]
    assert [r["path"] for r in vi.json("search", "liste")] == ["b.md"]
    vi.write("a.md", "nothing of it, and longer than before\n")
    assert (vi.json("search", "张三"), vi.json("search", "eislist")) == ([], [])
    assert vi("index", "--verify").returncode == 0


def test_a_name_in_a_script_without_spaces_is_an_unlinked_mention(vi: Vi) -> None:
    vi.write("张三.md", "")
    vi.write("n.md", "今天和张三开会\n")
    assert [(r["path"], r["line"]) for r in vi.json("backlinks", "张三", "--unlinked")] == [("n.md", 1)]


def test_a_comment_is_no_decision(vi: Vi) -> None:
    vi.write("m.md", "## Decisions\n- <!-- here -->\n- %%none yet%%\n- real <!-- why --> one\n- %% a\n")
    assert [d["text"].split() for d in vi.json("decisions")] == [["real", "one"]]


def test_a_first_name_finds_all_spellings_or_asks(vi: Vi) -> None:
    vi.write(
        "m.md", "---\nparticipants: [José Álvarez, Ann Lee]\n---\n- [ ] d @José\n- [ ] f @José Álvarez\n- [ ] g @Ann\n"
    )
    assert [t["text"] for t in vi.json("tasks", "--owner", "jose", "--sort", "note")] == ["d", "f"]
    assert [t["text"] for t in vi.json("tasks", "--owner", "ann")] == ["g"]
    vi.write("n.md", "- [ ] x @Ann\n")
    asked = vi("tasks", "--owner", "ann")
    assert asked.returncode == 3 and "@Ann" in asked.stderr and "Ann Lee" in asked.stderr
    assert len(vi.json("tasks", "--owner", "@Ann")) == 2  # written so in both notes


@pytest.mark.parametrize(
    "text, line",
    [
        ("<div>\n- [ ] in HTML\n", 2),
        ("text\n```\n- [ ] below an open fence\n", 3),
        ("12.  Cellar\n\n\t- [ ] pump\n", 3),
    ],
)
def test_lint_names_a_box_that_obsidian_does_not_see(vi: Vi, text: str, line: int) -> None:
    vi.write("n.md", text)
    assert [(r["kind"], r["line"]) for r in vi.json("lint")] == [("box", line)]


@pytest.mark.parametrize(
    "text",
    [
        "```\n- [ ] quoted\n```\n",
        "<!--\n- [ ] hidden\n-->\n",
        "%%\n- [ ] hidden\n%%\n",
        "- a\n  ```\n  - [ ] quoted\n  ```\n",
    ],
)
def test_lint_says_nothing_of_boxes_that_are_quoted_on_purpose(vi: Vi, text: str) -> None:
    vi.write("n.md", text)
    assert vi.json("lint") == []


def test_one_line_that_is_too_long_hides_only_itself() -> None:
    note = parse_note("- [ ] task\n[[Link]]\n- " + "A" * LONGEST_LINE + "\n# End\n", "x.md")
    assert [(i.line, i.status) for i in note.items] == [(1, " "), (3, None)]
    assert ([link.link for link in note.links], [h.text for h in note.headings]) == (["Link"], ["End"])
    assert [(p.kind, p.line) for p in note.problems] == [("size", 3)]
    assert parse_note("A" * LONGEST_LINE, "x.md").problems == []


def test_properties_that_never_end_are_named(vi: Vi) -> None:
    vi.write("n.md", "---\ndate: 2025-09-30\ntags:\n\n# Call\n")
    vi.write("rule.md", "---\n\nA rule and text.\n")
    assert [p["path"] for p in vi.json("doctor")["problems"]] == ["n.md"]


def test_a_sign_used_as_a_picture_or_quoted_as_code_is_no_field() -> None:
    for line in (
        "- [ ] ⛔ PUSH to main",
        "- [ ] use `📅 2025-10-09` here",
        "- [ ] ref 🆔 abc.def",
        "- [ ] 🆔 card please",
    ):
        task = parse_task(line)
        assert task is not None and task.stray == (), line
    assert parse_task("- [ ] wait ⛔ a1b2c3 for it").stray[0].value == "a1b2c3"  # type: ignore[union-attr]


def test_lint_finds_dates_that_are_none_and_writes_them_right(vi: Vi) -> None:
    vi.write(
        "a.md",
        "- [ ] a 📅 2024-6-15\n- [ ] b 📅 2024/07/01 then\n- [x] c 📅 2026-02-29 (so) ✅ 2026-04-08\n- [ ] d 📅 15.6.2024\n",
    )
    assert [(r["line"], r["fix"]) for r in vi.json("lint")] == [
        (1, "- [ ] a 📅 2024-06-15"), (2, "- [ ] b then 📅 2024-07-01"), (3, None), (4, None),
    ]  # fmt: skip


def test_a_mended_line_holds_the_same_words() -> None:
    assert mend_line("- [ ] meet 📅 2025-10-09T14:00 Bob") == "- [ ] meet 14:00 Bob 📅 2025-10-09"


LINT = [
    # (line, the advice; None where none may be given)
    ("- [ ] Send the sheet by Friday 2025-10-10 @Dana", "- [ ] Send the sheet @Dana 📅 2025-10-10"),
    ("- [ ] `use 📅 2025-10-09` by 2025-10-10", "- [ ] `use 📅 2025-10-09` 📅 2025-10-10"),
    ("- [ ] Ring Bob by 2025-10-10 #work ⏫", "- [ ] Ring Bob #work ⏫ 📅 2025-10-10"),
    ("- [ ] 📅 2025-6-15 then", "- [ ] then 📅 2025-06-15"),
    ("- [ ] foo 📅 2025-6-15 bar 📅 2025-07-01", None),  # it has a due date that the plugin sees
    ("- [ ] ends (📅 2025-6-5)", None),  # empty brackets would be left
    ("- [ ] x 🔁 every week then 📅 2025-06-05 more", "- [ ] x then more 🔁 every week 📅 2025-06-05"),
    ("- [ ] prio ⏫ high then ⏬", None),  # the plugin sees another one
    ("- [ ] half an id 🆔 abc.def then", None),
    ("- [ ] Ring 🔁 every week by 2025-10-10", None),  # it would begin to recur
    ("- [ ] Ring Bob 🆔 abc by 2025-10-10", None),  # it would get an id
    ("- [ ] Write @Dana and @Bob by 2025-10-10", None),
]


@pytest.mark.parametrize(("line", "advice"), LINT)
def test_lint_gives_a_line_only_when_the_plugin_reads_it_as_meant(vi: Vi, line: str, advice: str | None) -> None:
    vi.write("n.md", line + "\n")
    given = [row["fix"] for row in vi.json("lint")]
    assert [fix for fix in given if fix] == ([advice] if advice else [])
    for fix in filter(None, given):  # and it is a fixed point: nothing is left to advise
        vi.write("n.md", fix + "\n")
        assert vi.json("lint") == []


def test_broken_settings_of_the_plugin_are_said_where_they_change_answers(vi: Vi) -> None:
    data = ".obsidian/plugins/obsidian-tasks-plugin/data.json"
    vi.write("n.md", "- [ ] x 📅 2025-10-08\n")
    for asked in (["tasks"], ["query", "not done"], ["today"], ["notes"]):
        for broken in ('{"globalFilter": "#task"', "[1]", '"text"'):
            vi.write(data, broken)
            said = vi(*asked).stderr
            assert said.count(data) == 1 and "defaults are used" in said, (asked, broken)
            assert len([line for line in said.splitlines() if "data.json" in line]) == 1
            assert "data.json" not in vi(*asked, "--quiet").stderr
        vi.write(data, '{"globalFilter": ""}')
        assert "data.json" not in vi(*asked).stderr
