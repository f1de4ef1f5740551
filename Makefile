# Two commands: `make demo` and `make test`. Both make their own environment in .venv.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$p; break; fi; done)

.PHONY: help demo view test test-browser coverage goldens docs bench nightly pythons clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

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

$(VENV)/installed-viz: pyproject.toml $(VENV)/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[viz]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-browser: pyproject.toml $(VENV)/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,browser]'
	@touch $@ $(VENV)/installed $(VENV)/installed-dev $(VENV)/installed-viz

demo: $(VENV)/installed  ## run the main job: three readings of one shock, with a report
	$(BIN)/moat compare --out out/demo
	@echo "Report: out/demo/report.html"

view: $(VENV)/installed-viz  ## open the page: play with the market
	$(BIN)/moat view $(VIEW)

test: $(VENV)/installed-dev  ## run all tests
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile

test-browser: $(VENV)/installed-browser  ## drive the page in a real browser
	@if ! command -v chromium >/dev/null; then \
		if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
			echo "test-browser needs Chromium: install the package chromium and run it again."; exit 2; fi; \
		apt-get update -qq || true; apt-get install -y -qq chromium >/dev/null; fi
	$(BIN)/python -m pytest tests/test_page_server.py tests/test_page_parts.py tests/test_page_tab.py
	$(BIN)/python -m pytest -m browser tests/browser

coverage: $(VENV)/installed-dev  ## lines of world/, agents/ and model/ that the tests run, in plain Python
	MOAT_PLAIN_PYTHON=1 $(BIN)/python -m pytest -n auto --cov --cov-report=term

nightly: coverage  ## run the long tests too, and count the lines the others run
	$(BIN)/python -m pytest -m 'not browser'

pythons: $(VENV)/installed-dev  ## run a small sweep on every Python from 3.11 here; fail where figures differ
	PYTHONPATH=. $(BIN)/python benchmarks/pythons.py

goldens: $(VENV)/installed-dev  ## write the golden figures of the shipped scenarios anew
	$(BIN)/python -m tests.test_goldens --write

docs: $(VENV)/installed-dev  ## write the generated pages of docs/ anew
	$(BIN)/python -m docs.make

bench: $(VENV)/installed-dev  ## measure both engines in one run
	$(BIN)/python -m benchmarks.engines

clean:  ## remove the environment and what was made
	rm -rf $(VENV) out build *.egg-info
