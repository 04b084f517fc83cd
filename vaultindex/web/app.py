"""The application: addresses, templates, and what is said when something is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from vaultindex.base.errors import ChangedError, IndexUnavailable, UnknownName, UsageError, VaultError
from vaultindex.base.text import one_line, safe
from vaultindex.render import json_text, phrases
from vaultindex.web import pages
from vaultindex.web.acts import act
from vaultindex.web.describe import description
from vaultindex.web.documents import DOCUMENTS, document
from vaultindex.web.feed import feed
from vaultindex.web.guard import FEED, App, Receive, Scope, Send
from vaultindex.web.live import Live
from vaultindex.web.site import Hall, Site
from vaultindex.web.text import lines_of, marked, note_url

HERE = os.path.dirname(os.path.abspath(__file__))
_STATUS = ((UsageError, 400), (UnknownName, 404), (ChangedError, 409), (IndexUnavailable, 503))


def status_of(error: VaultError) -> int:
    """The HTTP status that says the same as the exit code."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def make_app(hall: Hall) -> tuple[App, list[Live]]:
    """The application of these vaults, without its guard; and what tells the open pages of each of changes."""
    templates = _templates()
    lives = {site: Live(site) for site in hall.sites}

    def show(request: Request, template: str, shown: dict[str, Any], today: str) -> HTMLResponse:
        base, site = _vault(request)
        here = _here(request)
        facts = {"facts": [], "sections": [], "nothing": "", "aside": "", "here": here, "today": today, **shown}
        facts |= _words(hall, site, base, here)
        return HTMLResponse(templates.get_template(template).render(facts), shown.get("status", 200))

    def trouble(request: Request, error: VaultError) -> HTMLResponse:
        shown = {"title": "That did not work", "message": str(error), "status": status_of(error)}
        return show(request, "error.html", shown, _vault(request)[1].today)

    def page_of(make: Callable[..., pages.Page]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            base, site = _vault(request)
            try:
                with site.visit() as visit:
                    template, shown = make(visit, dict(request.query_params), request.path_params.get("place", ""))
                    return show(request, template, {"notes": visit.notes, **shown}, visit.today)
            except pages.Moved as moved:
                return RedirectResponse(note_url(moved.path, base=quote(base)), 302)
            except VaultError as error:
                return trouble(request, error)

        return endpoint

    def answer(name: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                with _vault(request)[1].visit() as visit:
                    found = document(visit, name, dict(request.query_params), request.path_params.get("place", ""))
                    return _json(found)
            except VaultError as error:
                return _json({"error": str(error)}, status_of(error))

        return endpoint

    async def do(request: Request) -> Response:
        try:
            given = _form(await request.body())
        except (ClientDisconnect, ValueError):
            return Response("that is too much, or no text\n", 413, media_type="text/plain")
        wants_json = "application/json" in request.headers.get("accept", "")
        site = _vault(request)[1]

        def run() -> Response:
            try:
                if given.get("vault", site.mark) != site.mark:
                    raise ChangedError("this page showed another vault: open it anew. Nothing was done")
                with site.visit() as visit:
                    done = act(
                        visit, given.get("verb", ""), given.get("id", ""), given.get("raw", ""), given.get("value", "")
                    )
            except VaultError as error:
                if wants_json:
                    return _json({"error": str(error)}, status_of(error))
                return trouble(request, error)
            if wants_json:
                return _json(done._asdict())
            back = _local(given.get("back", "/"))
            return show(request, "done.html", {"title": done.said, "done": done, "back": back}, site.today)

        answer = await run_in_threadpool(run)
        lives[site].tell()
        return answer

    async def events(request: Request) -> Response:
        live = lives[_vault(request)[1]]
        if live.full:
            return Response("too many pages listen already\n", 503, media_type="text/plain")
        return StreamingResponse(live.listen(), media_type="text/event-stream")

    def describe(request: Request) -> Response:
        return _json(description(_servers(hall, request), request.url.port or 80))

    def refuse(request: Request, error: VaultError) -> Response:
        return (
            _json({"error": str(error)}, status_of(error))
            if _here(request).startswith("/api/")
            else trouble(request, error)
        )

    def missing(request: Request, error: Exception) -> Response:
        return refuse(request, UnknownName("there is nothing at this address"))

    def broken(request: Request, error: Exception) -> Response:
        what = type(error).__name__  # its text may hold words of a note
        return refuse(request, VaultError(f"trouble in vaultindex itself ({what}): please report it"))

    def damaged(request: Request, error: Exception) -> Response:
        what = IndexUnavailable("the index could not be read: ask again; if it stays so, vi doctor --fix")
        return refuse(request, what)

    routes = [Route(path, page_of(make), methods=["GET"]) for path, make in pages.PAGES.items()]
    routes += [
        Route("/do", do, methods=["POST"]), Route("/events", events, methods=["GET"]), Route("/api", describe, methods=["GET"]),
        Route(FEED, feed(lambda request: _vault(request)[1], status_of), methods=["GET"]),
        *(Route(f"/api/{name}" + ("/{place:path}" if asked.place else ""), answer(name), methods=["GET"])
          for name, asked in DOCUMENTS.items()),
    ]  # fmt: skip
    app = Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=500, compresslevel=5)],
        exception_handlers={404: missing, 405: missing, sqlite3.DatabaseError: damaged, Exception: broken},
    )
    app.mount("/static", StaticFiles(directory=os.path.join(HERE, "static")))

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        """The vault is chosen here, once, for all that answers this request."""
        base, site = hall.of(scope["path"])
        await app({**scope, "root_path": base, "vaultindex.site": site}, receive, send)

    return enter, list(lives.values())


def _vault(request: Request) -> tuple[str, Site]:
    """(the beginning of the addresses of the vault that is asked for, the vault)."""
    return request.scope["root_path"], request.scope["vaultindex.site"]


def _here(request: Request) -> str:
    """The address within the vault."""
    path: str = request.scope["path"]
    return path[len(request.scope["root_path"]) :]


def _servers(hall: Hall, request: Request) -> list[tuple[str, str]]:
    """(address, name) of each vault for the description of the API; first the one whose description is asked for."""
    base, site = _vault(request)
    return [(base, site.name), *((at, one.name) for at, one in hall.addresses if at != base)]


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, each once."""
    return {
        name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20).items()
    }


def _local(address: str) -> str:
    """An address of this page and no other."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def _json(value: Any, status: int = 200) -> Response:
    return Response(json_text.dumps(value) + "\n", status, media_type="application/json")


def _words(hall: Hall, site: Site, base: str, here: str) -> dict[str, Any]:
    """What the templates say of this vault: its name, and every address with the beginning that means it."""
    start = quote(base)

    def name_url(kind: str, name: str) -> str:
        return f"{start}/{kind}/{quote(name, safe='')}"

    stay = here if here in pages.PAGES else "/"  # the same page of another vault, where it has one
    return {
        "base": start, "vault_name": site.name, "vault_mark": site.mark, "read_only": site.read_only,
        "vaults": [(one.name, quote(at) + stay, one is site) for at, one in hall.addresses],
        "name_url": name_url, "note_url": lambda path, line=None: note_url(path, line, start),
        "marked": lambda text: marked(text, base=start), "obsidian": lambda path: phrases.obsidian_link(site.root, path),
        "lines_of": lambda body, targets, most: lines_of(body, targets, most, start),
    }  # fmt: skip


def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(os.path.join(HERE, "templates")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip

    def sign(row: Mapping[str, Any]) -> str:
        return {"proposed": "?", "done": "✓", "cancelled": "–", "other": "·"}.get(row["state"], "○")

    def late(row: Mapping[str, Any], today: str) -> str:
        return "late" if row.get("overdue") else "now" if row.get("due") == today else ""

    found.globals.update(
        name_of=phrases.name_of, sign=sign, late=late, short_day=phrases.short_day, short_name=phrases.short_name,
        count=phrases.count, priority=lambda row: row["priority"] != "none",
    )  # fmt: skip
    # What a note holds is shown with every character that could turn the line round made visible.
    found.filters.update(shown=lambda text: one_line(str(text)), safe_text=lambda text: safe(str(text)))
    found.policies["json.dumps_function"] = json.dumps
    return found
