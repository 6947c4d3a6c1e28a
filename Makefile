# Two commands: `make demo` and `make test`. Both set up what they need in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check setup benchmarks clean help

help:
	@echo "make demo        run the main job on the examples (about a minute after the downloads)"
	@echo "make test        run every test, on SQLite and PostgreSQL (several minutes)"
	@echo "make check       lint, formats, types, import floors"
	@echo "make benchmarks  measure (long)"

$(BIN)/meal: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[server,demo]"
	@touch $(BIN)/meal

$(VENV)/.dev: $(BIN)/meal
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[server,demo,dev]"
	@touch $(VENV)/.dev

setup: $(VENV)/.dev

demo: $(BIN)/meal
	$(BIN)/meal demo

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto

benchmarks: $(VENV)/.dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo dist .pytest_cache .mypy_cache .ruff_cache
