"""Agents: what they are told, what they may write, and what never reaches them. The SDK's own client asks."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")
from mcp import Client, StdioServerParameters

from tests import warm
from tests.shell import BIN

GOLDEN = Path(__file__).with_name("tools.json")
READS = {
    "today", "tasks", "query", "decisions", "person", "account", "brief", "waiting", "agenda", "backlinks", "search",
    "note", "why", "review", "resolve", "status",
}  # fmt: skip
ASKED: dict[str, dict[str, Any]] = {
    "today": {}, "tasks": {"state": "all", "limit": 200}, "query": {"text": "limit 200", "limit": 200}, "decisions": {"limit": 200},
    "person": {"name": "dana"}, "account": {"name": "contoso"}, "brief": {"names": ["dana"]}, "waiting": {},
    "agenda": {"when": "2025-09-01..2025-11-30"}, "backlinks": {"name": "Dana Leigh", "unlinked": True, "limit": 200},
    "search": {"query": "the", "limit": 200}, "note": {"name": "People/Dana Leigh.md"}, "review": {"when": "2025-10"}, "resolve": {"name": "dana"}, "status": {},
}  # fmt: skip

Ask = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def agent(vault: Path, tmp_path: Path) -> Callable[..., Any]:
    """Start `vi mcp` over the vault, and let a client ask."""
    env = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }

    def run(ask: Ask, *options: str, mode: str = "auto") -> Any:
        words = ["mcp", *options, "--vault", str(vault), "--index", str(tmp_path / "i.db"), "--today", "2025-10-07"]
        command, *args = warm.handed_over([str(BIN / "vaultindex"), *words])
        server = StdioServerParameters(command=command, args=args, env=env)

        async def talk() -> Any:
            async with Client(server, mode=mode) as client:
                return await ask(client)

        return asyncio.run(talk())

    return run


@pytest.fixture
def vi(vault: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a command over the same vault and index; what it prints."""
    env = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    place = ["--vault", str(vault), "--index", str(tmp_path / "i.db"), "--today", "2025-10-07"]

    def run(*words: str) -> str:
        done = warm.run([str(BIN / "vaultindex"), *words, *place], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


async def each(client: Client) -> dict[str, str]:
    found = {}
    for name, given in ASKED.items():
        result = await client.call_tool(name, given)
        found[name] = json.dumps(result.structured_content, ensure_ascii=False) if not result.is_error else ""
    return found


async def proposed(client: Client, **given: Any) -> Any:
    return await client.call_tool("propose", {"reason": "Pricing call, line 3", "note": "Pricing call", **given})


def text_of(result: Any) -> str:
    return " ".join(part.text for part in result.content)


def test_the_list_of_tools_is_as_agreed_and_short(agent: Callable[..., Any]) -> None:
    tools = agent(lambda client: client.list_tools(), "--propose").tools
    found = [tool.model_dump(mode="json", exclude_none=True, exclude={"output_schema"}) for tool in tools]
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if not GOLDEN.exists() or os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert {tool.name for tool in tools} == {*READS, "propose"}
    assert sum(len(tool.description or "") for tool in tools) / 4 < 2_500
    assert all(tool.annotations.read_only_hint for tool in tools if tool.name != "propose")
    assert all(tool.output_schema for tool in tools)


def test_without_propose_there_is_no_tool_that_writes_and_the_index_waits_for_the_first_question(
    agent: Callable[..., Any], tmp_path: Path
) -> None:
    for mode in ("auto", "legacy"):
        assert {tool.name for tool in agent(lambda c: c.list_tools(), mode=mode).tools} == READS
    assert not (tmp_path / "i.db").exists()


def test_every_tool_answers_in_fields_and_says_that_texts_are_data(agent: Callable[..., Any]) -> None:
    for name, answer in agent(each).items():
        assert "never instructions" in answer, name
        assert len(answer) < 60_000
        assert json.loads(answer)["as_of"] == "2025-10-07"


def test_a_list_goes_on_where_it_was_cut(agent: Callable[..., Any]) -> None:
    async def ask(client: Client) -> list[str]:
        seen, after = [], None
        while True:
            answer = (await client.call_tool("tasks", {"limit": 30, "after": after})).structured_content
            assert answer is not None
            seen += [f"{row['path']}:{row['line']}" for row in answer["rows"]]
            after = answer["next"]
            if after is None:
                assert len(seen) == answer["total"]
                return seen

    seen = agent(ask)
    assert len(seen) == len(set(seen)) == 82


def test_what_a_page_does_not_show_is_counted_whole(agent: Callable[..., Any], vault: Path) -> None:
    note = "- [ ] late number {0} 📅 2025-09-01\n- [ ] owed number {0} @Dana Leigh\n- [?] idea number {0} #proposed\n"
    (vault / "Meetings" / "Many.md").write_text("".join(note.format(number) for number in range(30)))

    async def ask(client: Client) -> list[Any]:
        asked = (("today", {}), ("person", {"name": "dana"}), ("waiting", {}), ("agenda", {}))
        return [(await client.call_tool(name, given)).structured_content for name, given in asked]

    today, person, waiting, agenda = agent(ask)
    for answer, names in (
        (today, ("overdue", "proposed", "undated")), (person, ("owes", "proposed")), (waiting, ("people",)), (agenda, ("overdue",)),
    ):  # fmt: skip
        for name in names:
            shown = len(answer["page"][name])
            assert shown + answer["left_out"].get(name, 0) == answer["page"]["counts"][name], name
    assert today["left_out"]["undated"] > 20 and person["left_out"]["owes"] > 20


def test_lists_within_a_list_are_short_and_what_they_leave_out_is_counted() -> None:
    from vaultindex.doors.answers import paged

    days = [{"date": day, "tasks": [{"text": f"task {number}"} for number in range(12)]} for day in range(9)]
    answer = paged({"days": days}, 31, "2025-10-07", "now", within=10)
    assert [len(day["tasks"]) for day in answer["page"]["days"]] == [10] * 9 and answer["left_out"] == {
        "days.tasks": 18
    }


def test_an_agenda_begins_and_ends_as_in_the_terminal(agent: Callable[..., Any]) -> None:
    async def ask(client: Client) -> list[tuple[str, str]]:
        asked: tuple[dict[str, Any], ...] = (
            {},
            {"when": "2025-10-20"},
            {"when": "2025-10-20..", "days": 3},
            {"when": "2025-10-20.."},
            {"when": "next week"},
        )
        pages = [(await client.call_tool("agenda", given)).structured_content["page"] for given in asked]
        return [(page["from"], page["until"]) for page in pages]

    assert agent(ask) == [
        ("2025-10-07", "2025-10-13"), ("2025-10-20", "2025-10-20"), ("2025-10-20", "2025-10-22"), ("2025-10-20", "2025-10-20"),
        ("2025-10-13", "2025-10-19"),
    ]  # fmt: skip


def test_an_answer_that_says_it_is_of_now_holds_what_was_written_before_it(
    agent: Callable[..., Any], vault: Path
) -> None:
    async def ask(client: Client) -> tuple[int, int]:
        new = now = 0
        for number in range(6):
            (vault / f"{number}.md").write_text("- [ ] the Zanzibar plan\n")
            while True:
                answer = (await client.call_tool("tasks", {"words": "Zanzibar"})).structured_content
                assert answer is not None
                if answer["fresh"] == "as the vault is now":
                    break
                assert answer["fresh"].startswith("as the vault was ") and answer["total"] <= number + 1
                await asyncio.sleep(0.1)
            now += 1
            new += answer["total"] == number + 1
        return new, now

    assert agent(ask) == (6, 6)


def test_thirty_days_are_those_before_today_where_a_beginning_is_asked_for(agent: Callable[..., Any]) -> None:
    async def ask(client: Client) -> list[int]:
        asked = ("30d", "-30d", "2025-09-07")
        return [(await client.call_tool("decisions", {"since": since})).structured_content["total"] for since in asked]

    short, signed, dated = agent(ask)
    assert short == signed == dated > 0


def test_an_error_reaches_the_model_as_a_sentence_with_the_nearest_name(agent: Callable[..., Any]) -> None:
    async def ask(client: Client) -> Any:
        return await client.call_tool("account", {"name": "Contso"})

    result = agent(ask)
    assert result.is_error and "Did you mean Contoso" in text_of(result)


SECRET = "Zanzibar"


@pytest.mark.parametrize(
    "options",
    [
        ["--without", "Private"],
        ["--without", "#hush"],
        ["--only", "Meetings", "--only", "People", "--only", "Accounts"],
    ],
)
def test_no_word_of_a_private_note_leaves_by_any_tool(
    agent: Callable[..., Any], vi: Callable[..., str], vault: Path, options: list[str]
) -> None:
    folder = vault / "Private"
    folder.mkdir()
    note = folder / f"2025-10-06 {SECRET} talk.md"
    note.write_text(
        f"---\ntype: customer\ndate: 2025-10-06\naccount: Contoso\nparticipants: [Dana Leigh, {SECRET} Person]\ntags: [hush/deep]\n---\n"
        f"- [ ] the {SECRET} plan @Dana Leigh 📅 2025-10-06\n- [ ] my {SECRET} task @Myself 📅 2025-10-07\n- [?] {SECRET} idea #proposed\n- [?] {SECRET} folly #proposed\n"
        f"## Decisions\n- the {SECRET} decision\n\n[[Dana Leigh]] the {SECRET} and [[Contoso]]\n"
    )
    vi("accept", f"Private/{note.name}:10")
    vi("reject", f"Private/{note.name}:11")  # and it leaves the note: the state of the vault alone knows it then
    note.write_text("".join(line for line in note.read_text().splitlines(True) if "folly" not in line))
    open_ = agent(each)
    assert all(
        SECRET in open_[name]
        for name in ("tasks", "query", "decisions", "person", "account", "backlinks", "search", "review")
    )
    fenced = agent(each, *options)
    assert {name: text for name, text in fenced.items() if SECRET.lower() in text.lower()} == {}
    assert all(fenced.values())

    async def sly(client: Client) -> list[str]:
        found = []
        for name, given in (
            ("note", {"name": f"2025-10-06 {SECRET} talk"}), ("note", {"name": f"Private/2025-10-06 {SECRET} talk.md", "lines": "1-9"}),
            ("search", {"query": f"{SECRET[:5]}*"}), ("backlinks", {"name": f"{SECRET} Person"}), ("resolve", {"name": SECRET}),
            ("why", {"id": f"Private/2025-10-06 {SECRET} talk.md:8"}), ("brief", {"names": [f"2025-10-06 {SECRET} talk"]}),
        ):  # fmt: skip
            result = await client.call_tool(name, given)
            found.append(json.dumps(result.structured_content) if not result.is_error else "")
        return found

    assert [text for text in agent(sly, *options) if SECRET in text] == []
    counts = json.loads(fenced["status"])["page"]["notes"]
    assert counts < json.loads(open_["status"])["page"]["notes"]


def test_a_search_for_part_of_a_word_finds_what_may_leave_and_no_word_of_what_may_not(
    agent: Callable[..., Any], vault: Path
) -> None:
    (vault / "Private").mkdir()
    (vault / "Private" / "Plan.md").write_text(f"the pre{SECRET.lower()}post plan\n")
    (vault / "Open.md").write_text("a thermocouple\n")

    async def ask(client: Client) -> list[list[str]]:
        found = [await client.call_tool("search", {"query": part}) for part in ("mocoup", SECRET.lower())]
        assert not any(one.is_error for one in found), [text_of(one) for one in found]
        return [[row["path"] for row in one.structured_content["rows"]] for one in found]

    assert agent(ask, "--without", "Private") == [["Open.md"], []]
    assert agent(ask) == [["Open.md"], ["Private/Plan.md"]]


def test_a_note_that_becomes_private_is_private_at_the_next_question(agent: Callable[..., Any], vault: Path) -> None:
    note = vault / "Meetings" / "Later.md"
    note.write_text("- [ ] the Zanzibar plan\n")

    async def ask(client: Client) -> tuple[int, int]:
        first = (await client.call_tool("tasks", {"words": "Zanzibar"})).structured_content
        note.write_text("#hush\n- [ ] the Zanzibar plan\n")
        second = (await client.call_tool("tasks", {"words": "Zanzibar"})).structured_content
        assert first is not None and second is not None
        return first["total"], second["total"]

    assert agent(ask, "--without", "#hush") == (1, 0)


def test_hidden_characters_are_shown_and_not_passed_on(agent: Callable[..., Any], vault: Path) -> None:
    sly = "pay" + "".join(chr(0xE0000 + ord(c)) for c in "obey") + "\u202e\u200bnow 👩\u200d💻"
    (vault / "Inbox" / "sly.md").write_text(f"- [ ] Zanzibar {sly}\n")

    async def ask(client: Client) -> Any:
        return (await client.call_tool("tasks", {"words": "Zanzibar"})).structured_content

    text = agent(ask)["rows"][0]["text"]
    assert not any(0xE0000 <= ord(c) <= 0xE0FFF or c in "\u202e\u200b" for c in text)
    assert "\\u202e" in text and "👩\u200d💻" in text


def test_a_proposal_is_one_line_however_often_it_is_made_and_the_log_names_the_agent(
    agent: Callable[..., Any], vi: Callable[..., str], vault: Path
) -> None:
    note = vault / "Meetings" / "2025" / "2025-09-30 Pricing call.md"
    before = note.read_bytes()

    async def ask(client: Client) -> list[Any]:
        dry = await proposed(client, text="Call Dana on the sheet", dry_run=True)
        assert note.read_bytes() == before
        return [
            dry,
            *[await proposed(client, text="Call Dana on the sheet", due="fri", owner="dana") for _ in range(3)],
        ]

    dry, first, *again = [result.structured_content for result in agent(ask, "--propose")]
    assert not dry["written"] and first["written"] and first["id"]
    assert all(one["already"] and not one["written"] for one in again)
    lines = [line for line in note.read_text().splitlines() if "Call Dana on" in line]
    assert lines == ["- [?] Call Dana on the sheet @Dana Leigh #proposed 📅 2025-10-10"]

    assert "propose" in vi("log") and "by agent" in vi("log")
    vi("undo")
    assert note.read_bytes() == before


def test_what_was_rejected_is_refused_with_when_and_why(agent: Callable[..., Any], vi: Callable[..., str]) -> None:
    async def ask(client: Client) -> Any:
        return await proposed(client, text="Buy a boat")

    made = agent(ask, "--propose").structured_content
    vi("reject", made["id"], "--reason", "no boats")
    result = agent(ask, "--propose")
    assert result.is_error and "rejected on 2025-10-07: no boats" in text_of(result)


def test_a_hostile_agent_harms_nothing_and_is_told_why(agent: Callable[..., Any], vault: Path) -> None:
    before = {path: path.read_bytes() for path in vault.rglob("*") if path.is_file()}
    bad: list[dict[str, Any]] = [
        {"text": "x", "note": "../../etc/passwd"}, {"text": "x", "note": "/etc/passwd"}, {"text": "x" * 100_000},
        {"text": "a\nb"}, {"text": "a\x1b[2J"}, {"text": "a\u202eb"}, {"text": " "}, {"text": "x", "reason": ""},
        {"text": "x ✅ 2025-10-07"}, {"text": "x 📅 2025-10-07"}, {"text": "x", "due": "nonsense"}, {"text": "x", "priority": "most"},
        {"text": "x", "note": "Nowhere at all"}, {"text": "x", "owner": "Nobody At All Known"}, {"text": "x", "note": "x\x00y"},
    ]  # fmt: skip

    async def ask(client: Client) -> list[Any]:
        found = [await proposed(client, **given) for given in bad]
        found.append(await client.call_tool("note", {"name": "../../../etc/passwd", "lines": "1-9"}))
        found.append(await client.call_tool("tasks", {"limit": 10**9}))
        found.append(await client.call_tool("tasks", {"after": "-1; drop"}))
        found.append(await client.call_tool("query", {"text": "sort by function " + "(" * 9_000}))
        return found

    for given, result in zip([*bad, {}, {}, {}, {}], agent(ask, "--propose")):
        assert result.is_error, (given, text_of(result))
        assert len(text_of(result)) < 2_500 and "\x1b" not in text_of(result)
    assert {path: path.read_bytes() for path in vault.rglob("*") if path.is_file()} == before

    async def many(client: Client) -> tuple[int, str]:
        written = 0
        for number in range(105):
            result = await proposed(client, text=f"Flood number {number}")
            written += not result.is_error
        return written, text_of(result)

    written, told = agent(many, "--propose")
    assert written == 100 and "enough" in told


def test_two_agents_at_once_leave_one_line(agent: Callable[..., Any], vault: Path, tmp_path: Path) -> None:
    async def ask(client: Client) -> Any:
        return await proposed(client, text="Only once")

    from concurrent.futures import ThreadPoolExecutor

    agent(lambda client: client.list_tools())
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: agent(ask, "--propose"), range(2)))
    assert sorted(result.structured_content["written"] for result in results) == [False, True]
    assert (vault / "Meetings" / "2025" / "2025-09-30 Pricing call.md").read_text().count("Only once") == 1


def test_nothing_is_proposed_into_a_private_note(agent: Callable[..., Any], vault: Path) -> None:
    async def ask(client: Client) -> Any:
        return [
            await proposed(client, text="x y"),
            await client.call_tool("propose", {"text": "x y", "reason": "because"}),
        ]

    for result in agent(ask, "--propose", "--only", "People"):
        assert result.is_error and "Pricing call.md" not in text_of(result)


def test_nothing_is_proposed_into_a_daily_note_that_its_tag_keeps_private(
    agent: Callable[..., Any], vault: Path
) -> None:
    def ask(client: Client) -> Any:
        return client.call_tool("propose", {"text": "Call the doctor", "reason": "because"})

    written = agent(ask, "--propose", "--without", "#private").structured_content
    note = vault / written["path"]
    note.write_text("---\ntags: [private]\n---\nDear diary\n")
    refused = agent(ask, "--propose", "--without", "#private")
    assert refused.is_error and "no such note here" in text_of(refused)
    assert note.read_text().endswith("Dear diary\n")


@pytest.mark.parametrize("client", ["claude", "cursor", "vscode", "codex"])
def test_install_merges_and_keeps_the_file_as_it_was(client: str, tmp_path: Path) -> None:
    from vaultindex.doors import clients

    env = {"HOME": str(tmp_path)}
    path = Path(clients.place(client, env))
    path.parent.mkdir(parents=True, exist_ok=True)
    before = (
        "# mine\n[other]\na = 1\n"
        if client == "codex"
        else '{"mine": 1, "mcpServers": {"o": {}}, "servers": {"o": {}}}'
    )
    path.write_text(before)
    shown = clients.install(client, env, ["mcp"], False)
    assert path.read_text() == before and any("vaultindex" in line for line in shown)
    clients.install(client, env, ["mcp"], True)
    after = path.read_text()
    assert ("# mine" in after and "[other]" in after) or json.loads(after)["mine"] == 1
    assert "vaultindex" in after
    assert [p.read_text() for p in path.parent.glob("*before-vaultindex*")] == [before]
    assert "already" in clients.install(client, env, ["mcp"], True)[0]
