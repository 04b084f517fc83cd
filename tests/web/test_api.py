"""The API against its own description: whatever may be asked is answered as described, and what may not be asked is refused.

Each document is asked a few dozen times, always the same ones; `SCHEMA_EXAMPLES=2000` asks for longer.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from vaultindex.web import guard
from vaultindex.web.app import make_app
from vaultindex.web.documents import DOCUMENTS
from vaultindex.web.site import Hall, Site

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "8"))
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "vault"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description as a client reads it, of an API that is asked in this process, guard and all."""
    import schemathesis  # here, so that who runs other tests does not wait for it

    folder = tmp_path_factory.mktemp("api")
    shutil.copytree(FIXTURE, folder / "vault")
    site = Site(str(folder / "vault"), str(folder / "index.db"), {"HOME": str(folder)}, today="2025-10-07")
    app, _ = make_app(Hall(site, {}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "RATE", 1e9)  # that many requests are refused is another test's matter
        patch.setattr(guard, "BURST", 1e9)
        gate = guard.Guard(app, 80, ["testserver"])
        cookie = f"{gate.cookie}={gate.ticket()}"

        async def let_in(scope: Any, receive: Any, send: Any) -> None:
            headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            await gate({**scope, "headers": [*headers, (b"cookie", cookie.encode())]}, receive, send)

        raw = schemathesis.openapi.from_asgi("/api", let_in).raw_schema
        # Who may ask is the guard's own matter and has its own tests; here everybody may, so that the words are made up.
        found = schemathesis.openapi.from_dict({name: part for name, part in raw.items() if name != "security"})
        found.app = let_in
        yield found


def test_the_description_names_every_document_and_the_cookie_of_this_page(schema: Any) -> None:
    raw = schema.raw_schema
    assert {path.split("/")[2] for path in raw["paths"]} == set(DOCUMENTS)
    assert raw["components"]["securitySchemes"]["cookie"]["name"] == "vaultindex-80"


@pytest.mark.parametrize(
    "error, status", [(sqlite3.DatabaseError("malformed"), 503), (RuntimeError("words of a note"), 500)]
)
def test_trouble_is_told_as_json_too(
    schema: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("vaultindex.web.app.document", fail)
    answer = TestClient(schema.app, raise_server_exceptions=False).get("/api/tasks")
    assert answer.status_code == status and set(answer.json()) == {"error"} and "words of" not in answer.text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_the_description_allows_is_answered_and_what_it_forbids_is_refused(schema: Any, name: str) -> None:
    from schemathesis.checks import CHECKS
    from schemathesis.generation import GenerationMode

    # A date or a name is described as text, and not each text is one.
    left_out = CHECKS.get_by_names(["positive_data_acceptance"])
    (operation,) = (one.ok() for one in schema.get_all_operations() if one.ok().definition.raw["operationId"] == name)
    statuses: dict[str, set[int]] = {"POSITIVE": set(), "NEGATIVE": set()}

    def ask(mode: GenerationMode) -> None:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            derandomize=True, max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )  # fmt: skip
        def each(case: Any) -> None:
            answer = case.call()
            statuses[mode.name].add(answer.status_code)
            case.validate_response(answer, excluded_checks=left_out)

        each()

    ask(GenerationMode.POSITIVE)
    assert statuses["POSITIVE"] and statuses["POSITIVE"] <= {200, 400, 404}
    if DOCUMENTS[name].words:  # where only a name or nothing is asked, nothing is forbidden
        ask(GenerationMode.NEGATIVE)
        assert 400 in statuses["NEGATIVE"] and statuses["NEGATIVE"] <= {200, 400, 404, 414}
