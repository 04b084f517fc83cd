"""What a person who is new to it asks, and the answers that must not hide anything; each test is one promise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.field.shell import Vi
from vaultindex.vault.disk import is_conflict_copy


def test_query_note_answers_the_blocks_that_are_right_and_names_the_one_that_is_not(vi: Vi) -> None:
    vi.write("t.md", "- [ ] one 📅 2025-10-07\n")
    block = "```tasks\n{}\n```\n\n"
    vi.write("Dash.md", block.format("not done") + block.format("foo bar") + block.format("limit 1"))
    done = vi("query", "--note", "Dash")
    assert (done.returncode, done.stdout.count("\tone\t")) == (2, 2)
    assert "Dash.md:5" in done.stderr
    assert [("error" in d) for d in __import__("json").loads(vi("query", "--note", "Dash", "--json").stdout)] == [
        False,
        True,
        False,
    ]


def test_the_number_of_matches_is_never_cut_in_silence(vi: Vi) -> None:
    names = [f"Person {chr(65 + n)}son" for n in range(4)]
    for n, name in enumerate(names):
        vi.write(
            f"M{n}.md",
            f"---\ndate: 2025-10-0{n + 1}\naccount: Acme {n}\nparticipants: [{name}]\n---\n[[X]] [[Y]]\n- [ ] call 📅 2025-10-0{n + 1}\n"
            "## Decisions\n- go on\n",
        )
    for asked in ("tasks", "search call", "notes", "decisions", "people", "accounts", "links --broken", "backlinks X"):
        total = {"links": 8}.get(asked.split()[0], 4)
        for form in ("plain", "json"):
            done = vi(*asked.split(), "-n", "3", "--format", form)
            assert f"3 of {total} shown" in done.stderr, (asked, form)
            assert "shown" not in vi(*asked.split(), "-n", "9", "--format", form).stderr
    vi.write("many.md", "".join(f"- [ ] number {n} 📅 2025-10-01\n" for n in range(20)))
    page = vi.json("today")  # the page itself is never cut
    assert (
        len(page["past_doubted"]) == page["counts"]["doubted"] == 24
    )  # twenty tasks that share a date, and the notes' own


def test_me_is_understood_wherever_lists_show_it(vi: Vi) -> None:
    vi.write("n.md", "- [ ] a @Myself\n- [ ] b @Dana\n- [ ] c\n")
    assert [t["text"] for t in vi.json("tasks", "--owner", "me")] == ["a"]
    assert vi("assign", "n.md:3", "me").returncode == 0
    assert [t["text"] for t in vi.json("tasks", "--mine", "--sort", "note")] == ["a", "c"]


@pytest.mark.parametrize(
    "words, hint",
    [("due today", "--due today"), ("overdue", "--overdue"), ("today", "--due today"), ("owner dana", "--owner dana")],
)
def test_an_empty_answer_names_the_option_that_was_meant(vi: Vi, words: str, hint: str) -> None:
    vi.write("n.md", "- [ ] call\n")
    assert f"vi tasks {hint}" in vi("tasks", *words.split()).stderr
    assert "vi tasks --" not in vi("tasks", "unknown").stderr


def test_since_with_a_length_of_time_looks_back(vi: Vi) -> None:
    vi.write("old.md", "---\ndate: 2025-08-01\n---\n")
    vi.write("new.md", "---\ndate: 2025-10-01\n---\n")
    assert [n["path"] for n in vi.json("notes", "--since", "30d")] == ["new.md"]
    assert len(vi.json("notes", "--since", "3 months")) == 2
    assert [n["path"] for n in vi.json("notes", "--since", "2025-09")] == ["new.md"]


@pytest.mark.parametrize("asked", ["doctor --kind sizes", "notes --type meetin"])
def test_a_kind_or_type_that_does_not_exist_is_said_with_the_nearest(vi: Vi, asked: str) -> None:
    vi.write("n.md", "---\ntype: meeting\n---\n")
    done = vi(*asked.split())
    assert done.returncode in (2, 3)
    assert "Did you mean" in done.stderr


def test_overdue_tasks_that_a_list_shows_are_not_counted_again(vi: Vi) -> None:
    vi.write("n.md", "- [ ] this week 📅 2025-10-06\n- [ ] long ago 📅 2025-01-01\n")
    assert "also 1 overdue" in vi("tasks", "--due", "week", "--format", "table").stdout


def test_a_reader_that_goes_away_or_an_encoding_that_lacks_a_sign_is_no_error(vi: Vi) -> None:
    vi.write("n.md", "".join(f"- [ ] 🔺 eins {n} – 価格\n" for n in range(3000)))
    vi("index")
    command = f"{sys.executable} -m vaultindex tasks --vault {vi.vault} --index {vi.folder}/i.db"
    piped = subprocess.run(
        ["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"], env=vi.env, capture_output=True
    )
    assert (piped.returncode, piped.stdout.count(b"\n")) == (0, 1)
    for code in ("cp1252", "ascii"):
        env = {**vi.env, "PYTHONIOENCODING": code}
        done = subprocess.run([*command.split(), "-n", "1"], env=env, capture_output=True)
        assert (done.returncode, b"eins" in done.stdout) == (0, True)


def test_undo_follows_a_renamed_note_and_says_who_holds_the_line_when_several_do(vi: Vi) -> None:
    vi.write("a.md", "- [ ] call\n")
    assert vi("done", "a.md:1").returncode == 0
    (vi.vault / "a.md").rename(vi.vault / "b.md")
    assert vi("undo").returncode == 0
    assert vi.read("b.md") == "- [ ] call\n"
    vi("done", "b.md:1")
    vi.write("c.md", vi.read("b.md"))
    (vi.vault / "b.md").rename(vi.vault / "d.md")
    done = vi("undo")
    assert done.returncode != 0 and "c.md" in done.stderr and "d.md" in done.stderr


def test_a_change_that_lacks_its_word_says_which(vi: Vi) -> None:
    vi.write("n.md", "- [x] call ✅ 2025-10-01\n")
    assert "a name" in vi("assign", "n.md:1").stderr
    assert "which priority" in vi("priority", "n.md:1").stderr
    assert "none" not in vi("reopen", "n.md:1").stdout


def test_a_vault_without_dates_is_never_told_that_nothing_is_to_do(vi: Vi) -> None:
    vi.write("n.md", "".join(f"- [ ] thing number{n}\n" for n in range(40)))
    done = vi("today")
    assert "28 of 40  vi tasks --undated --open" in done.stdout and "enjoy" not in done.stdout
    assert done.stdout.count("thing number") == 28
    vi.write("n.md", "- [x] thing\n")
    assert "enjoy the day" in vi("today").stdout


def test_texts_that_roll_over_are_folded_on_the_start_screen_and_nowhere_else(vi: Vi) -> None:
    for day in range(1, 8):
        vi.write(f"2025-09-0{day}.md", "- [ ] Write it\n- [ ] Book it 📅 2025-09-20\n")
    screen = vi("today").stdout
    assert screen.count("Write it") == screen.count("Book it") == 1
    assert screen.count("(in 7 notes since 1 Sep)") == 2
    assert len(vi.json("tasks")) == 14 and len(vi.json("today")["overdue"]) == 7
    assert "2 different texts among the 14" in vi("status").stdout


def test_the_start_screen_says_what_the_lists_say(vi: Vi) -> None:
    vi.write(
        "n.md",
        "- [ ] a 📅 2025-10-01\n- [ ] b ⏳ 2025-10-01\n- [ ] c 🛫 2025-10-08\n- [?] d 📅 2025-10-08\n- [ ] e 📅 2025-02-30\n"
        "- [ ] f 📅 2025-10-09\n- [x] g 📅 2025-10-01\n- [ ] h @Dana\n- [ ] i @Myself 📅 2025-10-08\n- [ ] j 📅 2025-12-01 ⏳ 2025-10-07\n",
    )
    heading = vi("today", "--format", "table").stdout.split("\n")[0]
    assert "1 due · 1 overdue · 1 proposed · 1 waiting" in heading
    page = vi.json("today")
    shown = {
        name: [task["text"] for task in page[name]] for name in ("due", "overdue", "planned", "proposed", "undated")
    }
    assert shown == {"due": ["i"], "overdue": ["a"], "planned": ["b", "j", "c"], "proposed": ["d"], "undated": []}


@pytest.mark.parametrize("command", ["tasks", "notes", "done", "triage"])
def test_an_unknown_tag_is_said_with_the_nearest(vi: Vi, command: str) -> None:
    vi.write("n.md", "---\ntags: [project/alpha]\n---\n- [ ] x #waiting #+odd\n")
    for given, hint in (("waitin", "Did you mean #waiting?"), ("#project/alfa", "#project/alpha"), ("zzz", "Tags: #")):
        done = vi(command, "--tag", given)
        assert done.returncode == 3 and "no note has the tag" in done.stderr and hint in done.stderr
    for known in ("waiting", "#WAITING", "project", "project/alpha/", "+odd"):
        assert vi(command, "--tag", known, *(["--dry-run"] if command == "done" else [])).returncode == 0, known


REPEATED = [
    ("tasks", "--due", "today", "fri"), ("tasks", "-n", "1", "2"), ("tasks", "--owner", "Ann", "Bob"), ("notes", "--since", "-1w", "-2w"),
    ("search x", "--account", "A", "B"), ("people", "--limit", "1", "2"), ("doctor", "--kind", "yaml", "size"),
    ("done", "--on", "today", "fri"), ("reject", "--reason", "a", "b"), ("query done", "--note", "A", "B"), ("log", "-n", "1", "2"),
    ("tasks", "--format", "json", "csv"), ("tasks", "--today", "2025-10-08", "2025-10-09"),
]  # fmt: skip


@pytest.mark.parametrize("asked", REPEATED, ids=lambda one: " ".join(one[:2]))
def test_an_option_with_one_value_that_is_said_twice_is_an_error(vi: Vi, asked: tuple[str, ...]) -> None:
    command, option, one, other = asked
    vi.write("n.md", "- [ ] x @Ann\n")
    for first, second in ((one, other), (other, one), (one, one)):
        done = vi(*command.split(), option, first, option, second)
        assert done.returncode == 2 and "said twice" in done.stderr, (first, second)


def test_an_option_that_every_command_takes_is_said_once_before_or_behind_its_name(vi: Vi) -> None:
    vi.write("n.md", "- [ ] x\n")
    done = vi("--today", "2025-10-07", "tasks", "--today", "2025-10-08")
    assert done.returncode == 2 and "2025-10-07 and 2025-10-08" in done.stderr
    assert vi("--today", "2025-10-08", "tasks", "--today", "2025-10-08").returncode == 0
    assert vi("due", "n.md:1", "fri", "--scheduled", "--start").returncode == 2
    assert vi("tasks", "--tag", "a", "--quiet", "--quiet").returncode == 3, (
        "flags, and options with several values, may"
    )


def test_a_message_names_what_is_missing(vi: Vi) -> None:
    vi.write("n.md", "- [ ] x 📅 2025-10-08 @Ann\n")
    for asked, wanted in (
        ("assign", "vi assign ID... NAME"), ("assign n.md:1", "vi assign n.md:1 NAME"), ("priority n.md:1", "vi priority n.md:1 PRIORITY"),
        ("tag n.md:1", "vi tag n.md:1 TAG"), ("due n.md:1", "say when"), ("due fri", "say which tasks"), ("due", "which tasks and when"),
    ):  # fmt: skip
        done = vi(*asked.split())
        assert done.returncode == 2 and wanted in done.stderr and "Usage:" not in done.stderr, asked
    assert "❌ none" not in vi("cancel", "n.md:1").stdout and "none" not in vi("reopen", "n.md:1").stdout
    assert "assign already" not in vi("assign", "n.md:1", "Ann").stderr


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"pricing ti"', True), ('"icing tiers"', True), ('"icing ti"', True), ('"会议plan"', True), ("会议plan", True), ("nning报", True),
        ('"会议planning报"', True), ('"โครงการทด"', True), ('"pricing zz"', False), ('"tiers pricing"', False), ('"会议nning"', False),
    ],
)  # fmt: skip
def test_a_phrase_may_begin_and_end_inside_a_word(vi: Vi, query: str, found: bool) -> None:
    vi.write("n.md", "our pricing tiers now\n会议planning报告\nโครงการทดสอบ\n")
    assert bool(vi.json("search", query)) == found


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("Note (Conflicted copy Ann :) 202603121129).md", True), ("Note (Ann :)'s conflicted copy 2026-01-02).md", True),
        ("Note (Conflicted copy (Mac 202603121129).md", True), ("Note (Bob (work's conflicted copy 2026-01-02).md", True),
        ("Plan (Ann) about Bob's conflicted copy (draft).md", False), ("Conflicts (2026-01-02).md", False),
        ("Team conflict (Ann's view 2026-01-02).md", False),
    ],
)  # fmt: skip
def test_a_conflict_copy_is_known_though_the_device_has_an_unpaired_bracket(name: str, copy: bool) -> None:
    assert is_conflict_copy(name) == copy


def test_groups_and_placeholders_at_their_edges_are_the_plugins(vi: Vi) -> None:
    vi.write("One.md", "# A\n- [ ] a\n##\n- [ ] b\n# One\n- [ ] c\n")
    vi.write(
        ".obsidian/plugins/obsidian-tasks-plugin/data.json",
        '{"presets": {"m": "\\nnot done\\r\\n\\nlimit 2\\n", "blank": " \\n"}}',
    )
    vi.write("q.md", "---\nmy key: b\n---\n")

    def ask(query: str) -> list[tuple[list[str], list[str]]]:
        groups = vi.json("query", query, "--note", "q")["groups"]
        return [(group["names"], [task["text"] for task in group["tasks"]]) for group in groups]

    # No heading, and none that repeats the note's name.
    assert ask("group by backlink") == [(["[[One]]"], ["b", "c"]), (["[[One#A|One > A]]"], ["a"])]
    assert ask("group by heading")[0] == (["(No heading)"], ["b"])
    assert ask("description includes {{ query.file.property( 'my key' ) }}") == [([], ["b"])]
    for lines in ("preset m", "{{preset.m}}", "not done\nlimit {{preset.m.length}}\nlimit 2"):
        assert ask(lines) == [([], ["a", "b"])], lines
    assert len(ask("preset blank")[0][1]) == 3
    # A note without links: an empty text, and none of them.
    assert vi("query", "description includes {{query.file.outlinks}}", "--note", "q").returncode == 2
    assert ask("limit {{query.file.outlinks.length}}") in ([([], [])], [])
