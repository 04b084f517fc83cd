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
from vaultindex.web.guard import FEED
from vaultindex.web.live import Live
from vaultindex.web.site import Site
from vaultindex.web.text import marked, note_url

HERE = os.path.dirname(os.path.abspath(__file__))
_STATUS = ((UsageError, 400), (UnknownName, 404), (ChangedError, 409), (IndexUnavailable, 503))


def status_of(error: VaultError) -> int:
    """The HTTP status that says the same as the exit code."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def make_app(site: Site) -> tuple[Starlette, Live]:
    """The application of a site, without its guard; and what tells open pages of changes."""
    live, templates = Live(site), _templates(site)

    def show(template: str, shown: dict[str, Any], path: str, today: str) -> HTMLResponse:
        facts = {"facts": [], "sections": [], "nothing": "", "aside": "", "here": path, "today": today, **shown}
        return HTMLResponse(templates.get_template(template).render(facts), shown.get("status", 200))

    def trouble(error: VaultError, path: str) -> HTMLResponse:
        shown = {"title": "That did not work", "message": str(error), "status": status_of(error)}
        return show("error.html", shown, path, site.today)

    def page_of(make: Callable[..., pages.Page]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            path = request.url.path
            try:
                with site.visit() as visit:
                    template, shown = make(visit, dict(request.query_params), request.path_params.get("place", ""))
                    return show(template, {"notes": visit.notes, **shown}, path, visit.today)
            except pages.Moved as moved:
                return RedirectResponse(note_url(moved.path), 302)
            except VaultError as error:
                return trouble(error, path)

        return endpoint

    def answer(name: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                with site.visit() as visit:
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

        def run() -> Response:
            try:
                with site.visit() as visit:
                    done = act(
                        visit, given.get("verb", ""), given.get("id", ""), given.get("raw", ""), given.get("value", "")
                    )
            except VaultError as error:
                if wants_json:
                    return _json({"error": str(error)}, status_of(error))
                return trouble(error, "/do")
            if wants_json:
                return _json(done._asdict())
            return show(
                "done.html",
                {"title": done.said, "done": done, "back": _local(given.get("back", "/"))},
                "/do",
                site.today,
            )

        answer = await run_in_threadpool(run)
        live.tell()
        return answer

    async def events(request: Request) -> Response:
        if live.full:
            return Response("too many pages listen already\n", 503, media_type="text/plain")
        return StreamingResponse(live.listen(), media_type="text/event-stream")

    def describe(request: Request) -> Response:
        return _json(description())

    def missing(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/api/"):
            return _json({"error": "there is nothing at this address"}, 404)
        return trouble(UnknownName("there is nothing at this address"), request.url.path)

    def broken(request: Request, error: Exception) -> Response:
        what = type(error).__name__  # its text may hold words of a note
        if request.url.path.startswith("/api/"):
            return _json({"error": f"trouble in vaultindex itself ({what})"}, 500)
        return trouble(VaultError(f"trouble in vaultindex itself ({what}): please report it"), request.url.path)

    def damaged(request: Request, error: Exception) -> Response:
        return trouble(
            IndexUnavailable("the index could not be read: ask again; if it stays so, vi doctor --fix"),
            request.url.path,
        )

    routes = [Route(path, page_of(make), methods=["GET"]) for path, make in pages.PAGES.items()]
    routes += [
        Route("/do", do, methods=["POST"]), Route("/events", events, methods=["GET"]), Route("/api", describe, methods=["GET"]),
        Route(FEED, feed(site, status_of), methods=["GET"]),
        *(Route(f"/api/{name}" + ("/{place:path}" if asked.place else ""), answer(name), methods=["GET"])
          for name, asked in DOCUMENTS.items()),
    ]  # fmt: skip
    app = Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=500, compresslevel=5)],
        exception_handlers={404: missing, 405: missing, sqlite3.DatabaseError: damaged, Exception: broken},
    )
    app.mount("/static", StaticFiles(directory=os.path.join(HERE, "static")))
    return app, live


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


def _templates(site: Site) -> Environment:
    found = Environment(
        loader=FileSystemLoader(os.path.join(HERE, "templates")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip

    def name_url(kind: str, name: str) -> str:
        return f"/{kind}/{quote(name, safe='')}"

    def sign(row: Mapping[str, Any]) -> str:
        return {"proposed": "?", "done": "✓", "cancelled": "–", "other": "·"}.get(row["state"], "○")

    def late(row: Mapping[str, Any], today: str) -> str:
        return "late" if row.get("overdue") else "now" if row.get("due") == today else ""

    found.globals.update(
        name_url=name_url, note_url=note_url, marked=marked, name_of=phrases.name_of, sign=sign, late=late,
        obsidian=lambda path: phrases.obsidian_link(site.root, path), short_day=phrases.short_day,
        short_name=phrases.short_name, count=phrases.count, priority=lambda row: row["priority"] != "none", read_only=site.read_only,
        vault_name=os.path.basename(site.root),
    )  # fmt: skip
    # What a note holds is shown with every character that could turn the line round made visible.
    found.filters.update(shown=lambda text: one_line(str(text)), safe_text=lambda text: safe(str(text)))
    found.policies["json.dumps_function"] = json.dumps
    return found
