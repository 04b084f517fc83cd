"""The keys of triage: what each does, how they are shown."""

from __future__ import annotations

KEYS = {
    "a": "accept", "r": "reject", "e": "edit", "d": "due", "o": "owner", "l": "later", "m": "merge", "s": "source",
    "t": "tomorrow", "w": "next week", "x": "no date", "A": "accept all of the note", "R": "reject all of the note",
    "M": "accept mine, reject the others of the note", "*": "many at once", "f": "filter", "n": "next", "b": "back",
    "?": "keys", "u": "undo", "q": "quit",
}  # fmt: skip
# How `?` shows them.
HELP = """\
This one   a accept   r reject   l later: asked again tomorrow   e edit the line
           m merge: reject it, another note asks the same   s where it is from
Its date   d any (fri, +3d, 'next mon')   t tomorrow   w next Monday   x none
Its owner  o
Its note   A accept all that is left of it   R reject all
           M accept mine, reject the others
Many       * by age, owner or a filter: says how many, asks, one step to undo
Which      f filter: words or options of vi tasks, as in: --account contoso
Whom       a name that may mean several people is asked about once, before its
           proposal: a number says who, d none of these, space later
Move       n next   b back   u undo the last step
           q quit: what was decided stays decided"""
MENU = "[a]ccept [r]eject [d]ue [o]wner [l]ater [s]ource [b]ack [u]ndo [?]keys [q]uit"
MENU_WITH_MERGE = "[a]ccept [r]eject [d]ue [o]wner [l]ater [m]erge [b]ack [u]ndo [?]keys [q]uit"


def meant(typed: str) -> str:
    """The key that a character means: capitals have their own, else they are the small letter."""
    return typed if typed in KEYS else typed.lower()
