"""Who may do what in the store is held by the store: every statement that a member may run is tried against another's rows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.team.conftest import Team
from tests.team.people import Person, stored
from vaultindex.base import settings
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.index import store, sync
from vaultindex.team import address, migrate, rules
from vaultindex.team.rows import COLUMNS
from vaultindex.team.send import Publisher

Make = Callable[[str, str], Person]
KINDS = tuple(COLUMNS)
NOTE = (
    "---\ndate: 2025-10-01\naccount: {}\nparticipants: [Dana Leigh]\n---\n- [ ] of {} @Myself\n## Decisions\n- by {}\n"
)


@pytest.fixture
def full(team: Team, member: Make) -> Team:
    """A store with rows of dana, who is attacked, and of pia, who publishes and reads nothing."""
    for role, name in (("dana", "Kim Berg"), ("pia", "Pia Roth")):
        one = member(role, name)
        one.settings(all=True, tasks="all", people=True, texts=True)
        for account in ("Contoso", "Fabrikam"):
            one.write(f"Meetings/{account}.md", NOTE.format(account, role, role))
            one.write(f"Accounts/{account}.md", "---\ntype: account\n---\n")
        one.vi("publish")
    return team


class Pia:
    """The attacker's own publisher."""

    def __init__(self, folder: Path, team: Team) -> None:
        home = folder / "pia"
        config = settings.load({"HOME": str(home)}, str(home / "vault"))
        file = str(home / "again" / "index.db")
        sync.sync(str(home / "vault"), file, config)
        self.index = store.open_read(file)
        self.rules, self.url = rules.of(config, str(home / "vault")), team.url("pia")

    def publish_again(self) -> None:
        """Make the store equal the vault, from nothing."""
        publisher = Publisher(self.url, {}, self.rules)
        publisher.withdraw()
        publisher.publish(self.index)
        publisher.close()


def tried(team: Team, role: str, statement: str) -> tuple[str, list[tuple[Any, ...]]]:
    """('' or the error, the rows) of a statement that a role runs."""
    import psycopg

    with address.connect(team.url(role), {}) as conn:
        try:
            cursor = conn.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
        except psycopg.Error as error:
            return str(error), []
        return "", rows


def columns(kind: str) -> str:
    return ", ".join(("vault", *(name for name, _ in COLUMNS[kind])))


def attacks() -> Iterator[tuple[str, bool]]:
    """Every statement with which a publisher may try another's rows; whether it must fail (else it must touch nothing)."""
    for kind in (*KINDS, "vaults"):
        theirs = f"vaultindex.{kind}"
        yield f"DELETE FROM {theirs} WHERE vault = 'dana/work'", False
        yield f"DELETE FROM {theirs}", False
        yield f"UPDATE {theirs} SET vault = 'pia/mine' WHERE vault = 'dana/work'", False
        yield f"UPDATE {theirs} SET vault = 'dana/work' WHERE vault = 'pia/work'", True
        yield f"TRUNCATE {theirs}", True
        yield f"DROP TABLE {theirs}", True
        yield f"ALTER TABLE {theirs} DISABLE ROW LEVEL SECURITY", True
        yield f"ALTER TABLE {theirs} NO FORCE ROW LEVEL SECURITY", True
        yield f"DROP POLICY publish ON {theirs}", True
        yield f"CREATE POLICY mine ON {theirs} USING (true)", True
        yield f"CREATE TRIGGER t BEFORE INSERT ON {theirs} EXECUTE FUNCTION suppress_redundant_updates_trigger()", True
        yield f"CREATE RULE r AS ON INSERT TO {theirs} DO NOTHING", True
        yield f"LOCK TABLE {theirs} IN ACCESS EXCLUSIVE MODE; DELETE FROM {theirs} WHERE vault = 'dana/work'", False
        yield f"COPY {theirs} FROM STDIN", True
        yield f"GRANT ALL ON {theirs} TO pia", False  # a warning
        yield f"CREATE TABLE mine (LIKE {theirs}); CREATE INDEX ON {theirs} (vault)", True
        yield f"SET row_security = off; SELECT * FROM {theirs}", True
    for kind in KINDS:
        names, theirs = columns(kind), f"vaultindex.{kind}"
        copied = names.replace("vault,", "'dana/work',", 1)
        yield f"INSERT INTO {theirs} ({names}) SELECT {copied} FROM {theirs} WHERE vault = 'pia/work'", True
        yield (
            f"INSERT INTO {theirs} ({names}) SELECT {copied} FROM {theirs} WHERE vault = 'pia/work' ON CONFLICT DO NOTHING",
            True,
        )
        yield (
            (
                f"INSERT INTO {theirs} ({names}) SELECT {copied} FROM {theirs} WHERE vault = 'pia/work'"
                " ON CONFLICT (vault, path, id) DO UPDATE SET path = 'mine'"
            ),
            True,
        )
        new = names.replace("vault,", "'dana/other',", 1)
        yield f"INSERT INTO {theirs} ({names}) SELECT {new} FROM {theirs} WHERE vault = 'pia/work'", True
        new = names.replace("vault,", "'dana',", 1)
        yield f"INSERT INTO {theirs} ({names}) SELECT {new} FROM {theirs} WHERE vault = 'pia/work'", True
    yield "INSERT INTO vaultindex.vaults (vault, publisher, watermark, rules) VALUES ('dana/work', 'x', 9, '') ON CONFLICT (vault) DO UPDATE SET watermark = 9", True  # fmt: skip
    yield "INSERT INTO vaultindex.vaults (vault, publisher, watermark, rules) VALUES ('dana/new', 'x', 9, '')", True
    yield "UPDATE vaultindex.vaults SET watermark = 0, publisher = 'Pia Roth' WHERE vault = 'dana/work'", False
    yield "SET ROLE dana", True
    yield "SET ROLE vaultindex_reader", True
    yield "SET ROLE admin", True
    yield "SET SESSION AUTHORIZATION dana", True
    yield "GRANT vaultindex_reader TO pia", True
    yield "GRANT dana TO pia", True
    yield "CREATE ROLE other", True
    yield "ALTER ROLE pia BYPASSRLS", True
    yield "ALTER ROLE dana PASSWORD 'x'", True
    yield 'SELECT * FROM vaultindex_staging."dana"', True
    yield "INSERT INTO vaultindex_staging.\"dana\" (vault, batch, n, kind) VALUES ('dana/work', 1, 1, 'tasks')", True
    yield 'DELETE FROM vaultindex_staging."dana"', True
    yield 'DROP TABLE vaultindex_staging."pia"', True
    yield "CREATE TABLE vaultindex.mine (x int)", True
    yield "CREATE TABLE vaultindex_staging.mine (x int)", True
    yield "CREATE FUNCTION vaultindex.split_part(text, text, int) RETURNS text LANGUAGE sql AS $$ SELECT 'pia' $$", True
    yield "DROP SCHEMA vaultindex CASCADE", True
    yield "INSERT INTO vaultindex.versions (version) VALUES (99)", True


def test_a_publisher_changes_takes_and_impersonates_no_row_of_another_by_any_statement(
    full: Team, tmp_path: Path
) -> None:
    def all_of_dana() -> object:
        return stored(full, "dana/work"), full.rows("SELECT * FROM vaultindex.vaults WHERE vault = 'dana/work'")

    rights = "SELECT relname, relacl::text, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'vaultindex%' ORDER BY 1"
    before, could = all_of_dana(), full.rows(rights)
    assert all(stored(full, "dana/work")[kind] for kind in KINDS), "there is something of each kind to be attacked"
    mine = stored(full, "pia/work")
    pia = Pia(tmp_path, full)
    for statement, fails in attacks():
        said, _ = tried(full, "pia", statement)
        assert said or not fails, statement
        assert all_of_dana() == before, statement
        if not said:  # what it did to its own rows is undone, so that the next one has something to begin with
            pia.publish_again()
            assert stored(full, "pia/work") == mine, statement
    assert full.rows(rights) == could
    assert full.rows("SELECT vault FROM vaultindex.vaults WHERE vault NOT IN ('dana/work', 'pia/work')") == []


def test_a_publisher_who_reads_nothing_sees_no_row_of_another(full: Team) -> None:
    for kind in KINDS:
        for statement in (
            f"SELECT vault FROM vaultindex.{kind}",
            f"SELECT vault FROM vaultindex.{kind} WHERE vault = 'dana/work'",
            f"DELETE FROM vaultindex.{kind} WHERE vault = 'dana/work' RETURNING vault",
            f"UPDATE vaultindex.{kind} SET path = path WHERE vault = 'dana/work' RETURNING vault",
            f"SELECT vault FROM vaultindex.{kind} FOR UPDATE",
        ):
            said, rows = tried(full, "pia", statement)
            assert said == "" and {row[0] for row in rows} <= {"pia/work"}, statement
        with (
            address.connect(full.url("pia"), {}) as conn,
            conn.cursor().copy(f"COPY (SELECT * FROM vaultindex.{kind}) TO STDOUT".encode()) as copy,
        ):
            assert b"dana/work" not in b"".join(map(bytes, copy))
    said, rows = tried(full, "pia", "SELECT most_common_vals::text FROM pg_stats WHERE schemaname = 'vaultindex'")
    assert "dana" not in str(rows)


def test_a_function_that_looks_at_rows_before_the_policy_sees_none_of_them(full: Team) -> None:
    """A cheap function in a condition must not be run on rows that the policy hides."""
    full.server.psql("CREATE SCHEMA pias AUTHORIZATION pia", full.database)
    leak = """CREATE FUNCTION pias.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
 $$ BEGIN IF $1 LIKE '%dana%' THEN RAISE EXCEPTION 'saw %', $1; END IF; RETURN true; END $$"""
    assert tried(full, "pia", leak)[0] == ""
    for kind in KINDS:
        said, rows = tried(full, "pia", f"SELECT vault FROM vaultindex.{kind} WHERE pias.leak(vault)")  # fmt: skip
        assert said == "" and {row[0] for row in rows} == {"pia/work"}


def test_a_reader_reads_and_writes_nothing(full: Team) -> None:
    before = {vault: stored(full, vault) for vault in ("dana/work", "pia/work")}
    for statement, _ in attacks():
        said, _ = tried(full, "rita", statement)
        assert said or statement.startswith(("SET row_security", "GRANT ALL", "SET ROLE vaultindex_reader")), statement
    assert {vault: stored(full, vault) for vault in before} == before
    assert {row[0] for row in tried(full, "rita", "SELECT vault FROM vaultindex.tasks")[1]} == {"dana/work", "pia/work"}


def test_a_reader_of_an_account_sees_its_rows_and_no_other(full: Team) -> None:
    for kind in KINDS:
        said, rows = tried(full, "kim", f"SELECT DISTINCT account_key FROM vaultindex.{kind}")
        assert said == "" and rows == [("contoso",)], kind
    assert tried(full, "kim", "DELETE FROM vaultindex.tasks")[0]


def test_a_stranger_sees_nothing(full: Team) -> None:
    full.server.psql("DROP ROLE IF EXISTS stranger", full.database)
    full.server.psql("CREATE ROLE stranger LOGIN", full.database)
    for kind in (*KINDS, "vaults", "versions"):
        assert "permission denied" in tried(full, "stranger", f"SELECT * FROM vaultindex.{kind}")[0]
    full.server.psql("DROP ROLE stranger", full.database)


def test_the_owner_of_the_tables_is_held_by_the_policies_too(full: Team) -> None:
    for kind in KINDS:
        assert tried(full, "admin", f"SELECT * FROM vaultindex.{kind}") == ("", [])


def test_a_member_may_do_what_they_were_given_and_nothing_when_it_is_taken(team: Team, member: Make) -> None:
    boss = member("admin", "Ada Boss")
    team.server.psql("DROP ROLE IF EXISTS zoe", team.database)
    assert "zoe reads what is of the account Contoso" in boss.vi("team", "add", "zoe", "--account", "Contoso")
    assert "permission denied" in tried(team, "zoe", "INSERT INTO vaultindex.vaults (vault, publisher, watermark, rules) VALUES ('zoe/x', '', 0, '')")[0]  # fmt: skip
    assert "zoe publishes vaults named zoe/" in boss.vi("team", "add", "zoe", "--publish", "--read")
    zoe = member("zoe", "Zoe Marsh")
    zoe.write("A.md", "- [ ] x @Myself\n")
    zoe.vi("publish")
    assert len(zoe.json("team", "tasks")) == 1
    boss.vi("team", "remove", "zoe")
    assert zoe.run("publish").returncode == 1 and zoe.run("team", "tasks").returncode == 1
    assert "no part" in boss.vi("team", "remove", "zoe", code=2)
    assert team.rows("SELECT count(*) FROM vaultindex.tasks WHERE vault = 'zoe/work'") == [(1,)]
    team.server.psql("DROP ROLE zoe", team.database)
    for wrong in ("Zoe", "a/b", "vaultindex_owner", "pg_x", "", "x" * 50, 'a"b'):
        with address.connect(team.url("admin"), {}) as conn, pytest.raises(UsageError, match="no name for a member"):
            migrate.add(conn, wrong, True, True, ())
    with (
        address.connect(team.server.url("root", team.database), {}) as conn,
        pytest.raises(VaultError, match="superuser"),
    ):
        migrate.add(conn, "root", True, True, ())


def test_init_is_run_by_several_at_once_and_twice_and_makes_one_schema(server: Any) -> None:
    name = "teamtwice"
    server.psql(f"DROP DATABASE IF EXISTS {name}", "postgres")
    server.psql(f"CREATE DATABASE {name} OWNER admin", "postgres")
    code = (
        "import sys; from vaultindex.team import address, migrate\n"
        "with address.connect(sys.argv[1], {}) as conn: print(migrate.init(conn))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, server.url("admin", name)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        for _ in range(4)
    ]  # fmt: skip
    said = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    assert said == ["[1]", "[]", "[]", "[]"]
    server.psql(f"DROP DATABASE {name}", "postgres")


# --- secrets ---


SECRET = "s3cr3t-Pa55"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://dana:{SECRET}@127.0.0.1:1/team",
        f"host=127.0.0.1 port=1 user=dana password={SECRET} dbname=team",
        f"postgresql://dana:{SECRET}@[::bad/team",
        f"postgresql://dana:{SECRET}@/team?host=/nowhere",
        f"nonsense {SECRET}",
        f"postgresql://dana:{SECRET}@127.0.0.1:1/team?sslmode=wrong",
        f"postgresql://127.0.0.1:1/team?user=dana&password={SECRET}",
    ],
)
def test_no_message_and_no_file_repeats_a_password(url: str, tmp_path: Path, vault: Path) -> None:
    config = tmp_path / ".config" / "vaultindex" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[publish.vault]\nall = true\nname = "Kim Berg"\n')
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VAULTINDEX_TEAM_URL": url}
    for words in (["publish", "--vault", str(vault)], ["team", "tasks"], ["team", "init"], ["team", "sql", "select 1"], ["config", "--vault", str(vault)], ["doctor", "--vault", str(vault)]):  # fmt: skip
        done = warm.run([sys.executable, "-m", "vaultindex", *words], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
        assert SECRET not in done.stdout + done.stderr, words
        assert "trouble in vaultindex" not in done.stderr
        if words[0] != "config" and words[0] != "doctor":
            assert done.returncode in (1, 2) and "store" in done.stderr, done.stderr
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_password_is_refused_in_a_setting_and_in_an_argument_without_repeating_it(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "vaultindex" / "config.toml"
    config.parent.mkdir(parents=True)
    for wrong in (
        f"postgresql://dana:{SECRET}@db/team",
        f"host=db password={SECRET}",
        f"postgresql://db/team?password={SECRET}",
    ):
        config.write_text(f'team = "{wrong}"\n')
        with pytest.raises(UsageError, match="holds a password") as told:
            settings.load({"HOME": str(tmp_path)})
        assert SECRET not in str(told.value)
        with pytest.raises(UsageError, match="holds a password") as told:
            settings.load({"HOME": str(tmp_path / "x"), "VAULTINDEX_TEAM": wrong})
        assert SECRET not in str(told.value)
        with pytest.raises(UsageError, match="does not belong into an argument") as told:
            address.given(wrong)
        assert SECRET not in str(told.value)
    config.write_text('team = "service=team"\n')
    assert address.address({}, settings.load({"HOME": str(tmp_path)})) == "service=team"
    assert address.shown(f"host=db password={SECRET} user=dana") == "host=db user=dana"


def test_a_service_file_says_where_the_store_is(team: Team, member: Make) -> None:
    dana = member("dana", "Kim Berg")
    dana.write("A.md", "- [ ] x @Myself\n")
    (dana.home / ".pg_service.conf").write_text(
        f"[team]\nhost={team.server.folder}\ndbname={team.database}\nuser=dana\n", encoding="utf-8"
    )
    del dana.env["VAULTINDEX_TEAM_URL"]
    assert "no store is known" in dana.vi("publish", code=2)
    dana.vi("config", "set", "team", "service=team")
    assert dana.vi("publish").startswith("dana/work: 1 note published")


def test_the_keyring_is_asked_where_the_server_wants_a_password(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    server = team.server
    rules = server.data / "pg_hba.conf"
    before = rules.read_text()
    asked = []

    def get(service: str, where: str) -> str:
        asked.append((service, where))
        return SECRET

    ring = types.SimpleNamespace(get_password=get, errors=types.SimpleNamespace(KeyringError=RuntimeError))
    monkeypatch.setitem(sys.modules, "keyring", ring)
    server.psql(f"ALTER ROLE rita PASSWORD '{SECRET}'", "postgres")
    rules.write_text("local all rita scram-sha-256\n" + before)
    server.psql("SELECT pg_reload_conf()", "postgres")
    try:
        with address.connect(team.url("rita"), {}) as conn:
            assert conn.execute("SELECT current_user").fetchone() == ("rita",)
        assert asked == [("vaultindex", team.url("rita"))]
    finally:
        rules.write_text(before)
        server.psql("SELECT pg_reload_conf()", "postgres")
