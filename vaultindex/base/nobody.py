"""Owners that are nobody: words that stand where a name should (`@TBD`, `all`), and teams."""

from __future__ import annotations

# Folded, in the languages of the notes we know.
_WORDS = """tbd tbc tba none nobody n/a na ? - -- — – all everyone everybody team unassigned anyone someone unknown open various both
    alle teilnehmer niemand offen team tous toutes personne equipe todos todas nadie equipo tutti nessuno
    iedereen niemand alla ingen wszyscy все никто herkes 全員 未定 なし 全体 待定 所有人 모두 미정"""
NOBODY = frozenset(_WORDS.split())
# A name that ends or begins with one of these is a team's: nobody in it has promised anything yet.
TEAMS = ("team", "group", "squad", "dept", "department", "everyone", "gruppe", "equipe", "equipo")


def is_nobody(key: str) -> bool:
    """Whether a folded owner is no person: a word of NOBODY, or a team's name."""
    words = key.split()
    return not words or key in NOBODY or words[0] in TEAMS or words[-1] in TEAMS


def nobody_sql(column: str) -> str:
    """`is_nobody` as SQL, for a column of folded names that are not NULL."""
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in sorted({*NOBODY, *TEAMS, ""}))
    teams = " OR ".join(f"{column} LIKE '{team} %' OR {column} LIKE '% {team}'" for team in TEAMS)
    return f"({column} IN ({words}) OR {teams})"
