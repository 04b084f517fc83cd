"""The calendar feed: tasks for programs that fetch an address again and again, which bears a secret of its own.

A calendar has no cookie, so the secret in the address is all that lets it in; it opens this one document and nothing else,
and can be changed. The page's own secret ends with each run, this one stays, for a calendar keeps its address.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from itertools import chain
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.files import write_own
from vaultindex.doors.calendar import FIELDS, Calendar, Entries, feed_options
from vaultindex.web import documents as docs
from vaultindex.web.guard import FEED
from vaultindex.web.live import signature
from vaultindex.web.site import Site, Visit

_FORMS = ("events", "todos")
# What chooses tasks here as in the list. Which states there are is the feed's own, and a calendar has no order.
_STATES = ("open", "done", "cancelled", "all", "done_on", "status")
_ASKED = docs.DOCUMENTS["tasks"]
FILTERS = _ASKED._replace(
    words={name: kind for name, kind in _ASKED.words.items() if name not in (*_STATES, "sort", "limit")}
)
_HEADERS = {"cache-control": "private, no-cache"}  # to be kept, and asked for each time whether it is the same
_MOST_KEPT = 32  # feeds of which it is remembered what they were


def secret(state: str, new: bool = False) -> str:
    """The secret of a vault's feed, made when there is none, and made anew with `new`. `state` is the vault's state file.

    Raises VaultError when it cannot be kept.
    """
    found = None if new else _kept(state)
    if found is None:
        found = secrets.token_urlsafe(24)
        try:
            write_own(_file(state), found.encode())
        except OSError as error:
            raise VaultError(f"the address of the feed cannot be kept in {_file(state)}: {error.strerror}") from error
    return found


def address(visit: Visit, params: Mapping[str, str]) -> str:
    """The address of the feed for the filters of a list, as far as they mean something to it; '' when its secret cannot be
    kept, and the page says why."""
    some = {name: value for name, value in params.items() if value and _word(name) in FILTERS.words}
    try:
        return url(visit.site.address, secret(visit.state), some)
    except VaultError as error:
        visit.notes.append(str(error))
        return ""


def url(base: str, key: str, params: Mapping[str, str] | None = None) -> str:
    """The feed's address below that of the page (http://127.0.0.1:8750)."""
    return f"{base}{FEED}?{urlencode({'secret': key, **(params or {})})}"


def feed(site_of: Callable[[Request], Site], status: Callable[[VaultError], int]) -> Callable[[Request], Response]:
    """The endpoint; `site_of` says which vault is asked, `status` the HTTP status of an error. Whatever is wrong with the secret, it is as if nothing were there."""
    known: dict[str, tuple[object, str]] = {}  # what was asked -> (what the answer was made of, its tag)

    def endpoint(request: Request) -> Response:
        params = dict(request.query_params)
        given, allowed = params.pop("secret", ""), False
        site = site_of(request)
        try:
            with site.visit() as visit:
                allowed = _may(visit.state, given)
                if not allowed:
                    return _nothing()
                asked, of = f"{site.mark} {urlencode(sorted(params.items()))}", _made_of(visit)
                seen = known.get(asked)
                if seen is not None and seen[0] == of and _has(request, seen[1]):
                    return _same(seen[1])
                body = _calendar(visit, params)
        except VaultError as error:
            if not allowed:
                return _nothing()
            return Response(f"{error}\n", status(error), media_type="text/plain")
        tag = f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        while len(known) >= _MOST_KEPT:
            known.pop(next(iter(known)))
        known[asked] = of, tag
        if _has(request, tag):
            return _same(tag)
        return Response(body, media_type="text/calendar", headers={"etag": tag, **_HEADERS})

    return endpoint


def _nothing() -> Response:
    return Response("there is nothing at this address\n", 404, media_type="text/plain")


def _same(tag: str) -> Response:
    return Response(status_code=304, headers={"etag": tag, **_HEADERS})


def _calendar(visit: Visit, params: dict[str, str]) -> bytes:
    form = params.pop("as", "events")
    if form not in _FORMS:
        raise UsageError(f"as is {' or '.join(_FORMS)}, not {form[:40]!r}")
    asked = docs.given(FILTERS, params)
    if "tag" in asked:
        asked["tag"] = asked["tag"].replace(",", " ").split()
    conn, today = visit.conn, visit.today
    some = (build(conn, options, today, visit.me)[0] for options in feed_options(asked, today))
    found = [lists.select(conn, nodes, today=today, me=visit.me, only=FIELDS) for nodes in some]
    calendar = Calendar(visit.root, form == "todos")
    return b"".join(calendar.file(Entries(conn, chain(*found), calendar, visit.history.names())))


def _made_of(visit: Visit) -> object:
    """Another one when the answer may be another: the index, the day, the settings."""
    _ = visit.conn  # the index as new as the vault
    return signature(visit.index), visit.today, repr(visit.config.values)


def _has(request: Request, tag: str) -> bool:
    """Whether the asker has the answer with this tag already."""
    given = [one.strip() for line in request.headers.getlist("if-none-match") for one in line.split(",")]
    return "*" in given or tag.removeprefix("W/") in (one.removeprefix("W/") for one in given)


def _may(state: str, given: str) -> bool:
    """Whether this is the secret; without one nobody may. Asked of the file, so that a new one counts at once."""
    kept = _kept(state)
    # Compared also where there is none, so that the time says nothing.
    return secrets.compare_digest(given.encode(), (kept or secrets.token_urlsafe(24)).encode()) and kept is not None


def _kept(state: str) -> str | None:
    try:
        with open(_file(state), encoding="ascii") as file:
            found = file.read().strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise VaultError(
            f"{_file(state)} cannot be read: {error}; vi serve --new-feed-address makes it anew"
        ) from error
    return found if len(found) >= 32 else None  # cut short, by whomever: as if there were none


def _file(state: str) -> str:
    return os.path.join(os.path.dirname(state), "feed-secret")


def _word(name: str) -> str:
    key = name.replace("-", "_")
    return "with_" if key == "with" else key
