# Everything runs in .venv, which is made when it is missing: by uv when there is one, else by venv and pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run demo serve test check test-clients real-model pairs compat faults bench watched journal screenshots snapshots clean

run: $(VENV)/.ready
	$(BIN)/ccproxy

demo: $(VENV)/.ready
	$(BIN)/ccproxy --demo

serve: $(VENV)/.ready
	$(BIN)/ccproxy serve

test: $(VENV)/.ready-dev check
	$(BIN)/pytest -q -n auto --dist loadfile -m "not clients"

check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-clients: $(VENV)/.ready-dev
	$(BIN)/pytest -q -m clients tests/clients

real-model: $(VENV)/.ready-dev
	$(BIN)/python -m tests.real_model

pairs: $(VENV)/.ready-dev
	$(BIN)/python -m tests.pairs

compat: $(VENV)/.ready-dev
	$(BIN)/python -m tests.compat

faults: $(VENV)/.ready-dev
	$(BIN)/python -m tests.faults

bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.perf.bench

watched: $(VENV)/.ready-dev
	$(BIN)/python -m tests.perf.watched

journal: $(VENV)/.ready-dev
	$(BIN)/python -m tests.journal

screenshots: $(VENV)/.ready-dev
	$(BIN)/python -m tests.screenshots

snapshots: $(VENV)/.ready-dev
	$(BIN)/pytest -q tests/tui/test_screens.py --snapshot-update

$(VENV)/.ready: pyproject.toml
	@test -x $(BIN)/python || (command -v uv >/dev/null && uv venv --quiet --seed --python $(PYTHON) $(VENV)) || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e .; fi
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --group dev; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev; fi
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
