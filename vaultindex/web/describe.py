"""The description of `/api` (OpenAPI 3.1), made from the table of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from vaultindex import __version__
from vaultindex.web.documents import DOCUMENTS, FLAGS, MOST_ROWS, Asked
from vaultindex.web.guard import cookie_name

_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "flag": {"type": "string", "enum": list(FLAGS)},
    "number": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
}


def description(servers: Sequence[tuple[str, str]], port: int) -> dict[str, Any]:
    """The OpenAPI document. `servers` are (beginning of its addresses, name) of each vault, the one described first."""
    paths = {
        f"/api/{name}" + (f"/{{{asked.place}}}" if asked.place else ""): {"get": _operation(name, asked)}
        for name, asked in DOCUMENTS.items()
    }
    about = "The lists and pages of vaultindex as JSON, under the names of the commands: what `vi NAME --json` prints."
    return {
        "openapi": "3.1.0",
        "info": {"title": "vaultindex", "version": __version__, "description": about},
        "servers": [{"url": quote(base) or "/", "description": name} for base, name in servers],
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
            },
            "securitySchemes": {"cookie": {"type": "apiKey", "in": "cookie", "name": cookie_name(port)}},
        },
        "security": [{"cookie": []}],
    }


def _operation(name: str, asked: Asked) -> dict[str, Any]:
    params: list[dict[str, Any]] = []
    if asked.place:
        params.append(
            {"name": asked.place, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        )
    for word, kind in asked.words.items():
        schema = _KINDS[kind]
        shown = "with" if word == "with_" else word.replace("_", "-")
        params.append({"name": shown, "in": "query", "required": word == "q", "schema": schema})
    wrong = {"description": "what was wrong, in a sentence", "content": _body({"$ref": "#/components/schemas/Error"})}
    return {
        "operationId": name,
        "summary": asked.says,
        "parameters": params,
        "responses": {
            "200": {
                "description": "the document",
                "content": _body({"type": "array", "items": {"type": "object"}} if asked.rows else {"type": "object"}),
            },
            **dict.fromkeys(("400", "404", "409", "503"), wrong),
            "403": {"description": "without the cookie"},
            "414": {"description": "the address is too long"},
            "429": {"description": "too many requests"},
        },
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
