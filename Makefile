# Two commands: `make demo` and `make test`. Both make their own environment in .venv.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$p; break; fi; done)

.PHONY: help demo test check goldens docs bench nightly clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

$(VENV)/made:
	@if [ -z "$(PYTHON)" ]; then echo "Moat needs Python 3.11 or newer; none was found (set PYTHON=...)."; exit 2; fi
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/installed

demo: $(VENV)/installed  ## run the main job: three readings of one shock, with a report
	$(BIN)/moat compare --out out/demo
	@echo "Report: out/demo/report.html"

test: $(VENV)/installed-dev  ## run all tests
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest

nightly: $(VENV)/installed-dev  ## run the long tests too
	$(BIN)/python -m pytest -m 'nightly or not nightly'

goldens: $(VENV)/installed-dev  ## write the golden hashes of the shipped scenarios anew
	$(BIN)/python -m tests.test_goldens --write

docs: $(VENV)/installed-dev  ## write the generated pages of docs/ anew
	$(BIN)/python -m docs.make

bench: $(VENV)/installed-dev  ## measure both engines in one run
	$(BIN)/python -m benchmarks.engines

clean:  ## remove the environment and what was made
	rm -rf $(VENV) out build *.egg-info
