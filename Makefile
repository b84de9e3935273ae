# Two commands matter: `make run` and `make test`. Both set up what they need from Python 3.11+ alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# suites that start a whole site or make real sound for each test: `make test` runs them, the daily loop does not
WHOLE_SITES := desk api leak deploy bulletins audio/clip audio/process audio/voices audio/horn
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test check bench lock clean setup setup-test browser
.DEFAULT_GOAL := run

$(VENV)/.base: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Loa Thôn needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	touch $@

$(VENV)/.test: $(VENV)/.base requirements-test.lock
	$(PIP) install --require-hashes -r requirements-test.lock
	touch $@

setup: $(VENV)/.base
setup-test: $(VENV)/.test

run: setup
	$(BIN)/python -m bot run

browser: setup-test
	$(BIN)/python deploy/ensure_chromium.py

check: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m bot content check
	$(BIN)/pytest -q -n logical --dist loadfile -m "not slow and not browser and not postgres" $(WHOLE_SITES:%=--ignore=tests/%)

test: browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m bot content check
	$(BIN)/pytest -q -n logical --dist loadfile -m "not slow and not browser"
	$(BIN)/pytest -q -n logical --dist loadfile -m "slow or browser"

bench: setup-test
	$(BIN)/python -m bench

lock: setup-test
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra test pyproject.toml -o requirements-test.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
