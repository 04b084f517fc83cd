# make demo: see it answer · make test: everything the tests need, then all of them
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready

.PHONY: demo test test-web screenshots recording site lint format conformance fuzz bench transcripts docs faults mutants soak team-test install-test release clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	@VI="$(BIN)/vi" sh tools/demo.sh

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

# The page in a real browser; fails without one, where `make test` skips and says so.
test-web: $(READY)
	VAULTINDEX_BROWSER_NEEDED=1 $(BIN)/python -m pytest -n auto tests/web

# Six pages at two widths, light and dark, into screenshots/.
screenshots: $(READY)
	$(BIN)/python -m tools.screenshots screenshots

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/words.py
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Agreement with the recorded answers of Obsidian and its Tasks plugin, as a table.
conformance: $(READY)
	$(BIN)/python -m tests.conformance

# A team's store on a PostgreSQL of its own: ten vaults of 2,000 notes while everything breaks. Fails where none is installed.
team-test: $(READY)
	VAULTINDEX_NEEDS_POSTGRESQL=1 VAULTINDEX_TEAM_NOTES=$(or $(NOTES),2000) $(BIN)/python -m pytest -n auto tests/team

# Long random comparisons; `make test` runs a short part of each.
fuzz: $(READY)
	VAULTINDEX_TIMES=20 $(BIN)/python -m pytest -n auto tests/index/test_sync.py tests/watch/test_watcher.py tests/notes tests/tasks tests/state/test_edits.py
	$(BIN)/python -m tests.fuzz

# Each fault of the table in docs/reliability.md, injected for real, and what happened.
faults: $(READY)
	VAULTINDEX_EVERY_STEP=1 $(BIN)/python -m pytest -n auto tests/faults

# More than a hundred bugs put in on purpose: which of them does no test notice? Minutes; MUTANTS=word for some of them.
mutants: $(READY)
	$(BIN)/python -m tests.mutants $(MUTANTS)

# Minutes of writers and readers around one watcher; at the end the index equals a fresh one.
soak: $(READY)
	$(BIN)/python -m tests.soak $(SOAK)

# Beside other tools and bare reading, for half an hour; BENCH="--quick" for two minutes, BENCH="--write" for RESULTS.md.
bench: $(READY)
	$(BIN)/python -m benchmarks $(BENCH)

# Write the recorded terminal sessions (tests/cli/*.txt, README.md, docs/*.md) anew; read the diff before you commit it.
transcripts: $(READY)
	$(BIN)/python -m tests.shell

# Wheel and sdist built, checked, installed into an empty environment, and tried from there as a new user would.
install-test: $(READY)
	@PYTHON="$(CURDIR)/$(BIN)/python" sh tools/check_install.sh

# All that comes before an upload: the tests, the linters, the distributions in dist/, checked.
release: test lint install-test
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python tools/recipes.py dist --homepage "$(HOMEPAGE)" --source "$(SOURCE)"
	@echo "ready: python -m twine upload dist/*.whl dist/*.tar.gz"

# Write what is generated of docs/ anew: the JSON contract, the reference of commands, settings and topics.
docs: $(READY)
	$(BIN)/python -m tests.json_docs
	$(BIN)/python tools/reference.py docs

# Draw docs/recording.svg anew, from a real run.
recording: $(READY)
	$(BIN)/python tools/recording.py docs/recording.svg

# The site of docs/ in site/, built strictly; it needs the extra `docs`.
site: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/zensical build --strict --config-file mkdocs.yml

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
