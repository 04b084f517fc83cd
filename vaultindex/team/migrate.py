"""The store's schema and who may do what in it: made and brought up to date by `vi team init`, members by `vi team add`."""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold
from vaultindex.team.address import StoreError, library
from vaultindex.team.rows import COLUMNS

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

_LOCK = 0x76696478  # 'vidx': of everybody who changes the schema
MEMBER, PUBLISHER, READER = "vaultindex_member", "vaultindex_publisher", "vaultindex_reader"
STAGING = "vaultindex_staging"  # a schema with one table a publisher, which is theirs alone
_FIELDS = max(len(columns) for columns in COLUMNS.values())
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")


def files() -> list[tuple[int, str]]:
    """(version, SQL) of each migration, in order."""
    found = []
    for file in importlib.resources.files("vaultindex.team").joinpath("schema").iterdir():
        if file.name.endswith(".sql"):
            found.append((int(file.name[:-4]), file.read_text(encoding="utf-8")))
    return sorted(found)


def version(conn: Connection) -> int:
    """The version of the store's schema; 0 where there is none."""
    there = conn.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'vaultindex' AND table_name = 'versions'"
    )
    if there.fetchone() is None:
        return 0
    row = conn.execute("SELECT max(version) FROM vaultindex.versions").fetchone()
    return int(row[0] or 0) if row else 0


def check(conn: Connection) -> None:
    """Raise StoreError when the store's schema is not the one that we know."""
    have, want = version(conn), files()[-1][0]
    if have == 0:
        raise StoreError(
            "the store has no tables of vaultindex yet, or none that you may see: vi team init, vi team add"
        )
    if have < want:
        raise StoreError(f"the store has version {have} of the tables, this program needs {want}: vi team init")
    if have > want:
        raise StoreError(f"the store has version {have} of the tables, this program knows {want}: update vaultindex")


def init(conn: Connection) -> list[int]:
    """Make the roles, tables and policies, or what of them is missing; the versions that were applied."""
    applied = []
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        for role in (MEMBER, PUBLISHER, READER):
            _role(conn, role, "NOLOGIN")
        for role in (PUBLISHER, READER):
            _grant(conn, MEMBER, role)
        have = version(conn)
        for number, text in files():
            if number > have:
                conn.execute(text.encode())
                conn.execute("INSERT INTO vaultindex.versions (version) VALUES (%s)", (number,))
                applied.append(number)
    return applied


def add(conn: Connection, name: str, publish: bool, read: bool, accounts: Sequence[str]) -> list[str]:
    """Let a role publish, read everything, or read these accounts; it is made when there is none. What was done, in words."""
    from psycopg import sql

    check_name(name)
    done = []
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        check(conn)
        row = conn.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
        if row is not None and row[0]:
            raise StoreError(f"{name} is a superuser or bypasses row security: no policy would hold. Take another role")
        if _role(conn, name, "LOGIN"):
            done.append(f"made the role {name}: give it a password with \\password {name} in psql, or a certificate")
        if publish:
            _grant(conn, PUBLISHER, name)
            table = sql.Identifier(STAGING, name)
            columns = sql.SQL(", ").join(sql.SQL(f"f{number} text") for number in range(1, _FIELDS + 1))
            conn.execute(
                sql.SQL(
                    "CREATE TABLE IF NOT EXISTS {} (vault text NOT NULL, batch bigint NOT NULL, n int NOT NULL, kind text NOT NULL,"
                    " {}, PRIMARY KEY (vault, batch, n))"
                ).format(table, columns)
            )
            conn.execute(sql.SQL("GRANT SELECT, INSERT, DELETE ON {} TO {}").format(table, sql.Identifier(name)))
            done.append(f"{name} publishes vaults named {name}/…")
        if read:
            _grant(conn, READER, name)
            done.append(f"{name} reads everything")
        for account in accounts:
            _grant(conn, MEMBER, name)
            _grant(conn, _account(conn, account), name)
            done.append(f"{name} reads what is of the account {account}")
    return done


def remove(conn: Connection, name: str) -> None:
    """Take every right in the store from a role. What it published stays until it is withdrawn."""
    from psycopg import sql

    check_name(name)
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        roles = conn.execute(
            """SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles p ON p.oid = m.member
 WHERE p.rolname = %s AND g.rolname LIKE 'vaultindex!_%%' ESCAPE '!'""",
            (name,),
        ).fetchall()
        if not roles:
            raise UsageError(f"{name} has no part in the store")
        for (role,) in roles:
            conn.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role), sql.Identifier(name)))
        conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(STAGING, name)))


def check_name(name: str) -> None:
    """Raise UsageError when a role cannot have this name."""
    if not name or not _NAME.issuperset(name) or len(name) > 40 or name.startswith(("vaultindex_", "pg_", "-", ".")):
        raise UsageError(f"{name!r} is no name for a member: a-z, 0-9, '_', '-' and '.', 40 characters at most")


def _role(conn: Connection, name: str, how: str) -> bool:
    """Make a role when there is none; whether it was made."""
    psycopg = library()
    from psycopg import sql

    if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is not None:
        return False
    try:
        with conn.transaction():
            conn.execute(sql.SQL(f"CREATE ROLE {{}} {how}").format(sql.Identifier(name)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return False  # roles are the server's: another of its databases just made it
    return True


def _grant(conn: Connection, role: str, to: str) -> None:
    from psycopg import sql

    conn.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(to)))


def _account(conn: Connection, account: str) -> str:
    """The role of those who read one account, with its policies; made when there is none."""
    from psycopg import sql

    key = fold(account)
    if not key:
        raise UsageError("an account has a name")
    role = f"vaultindex_account_{blake2b(key.encode(), digest_size=8).hexdigest()}"
    _role(conn, role, "NOLOGIN")
    for kind in COLUMNS:
        table = sql.Identifier("vaultindex", kind)
        conn.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(role), table))
        conn.execute(
            sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO {} USING (account_key = {})").format(
                sql.Identifier(role), table, sql.Identifier(role), sql.Literal(key)
            )
        )
    return role
