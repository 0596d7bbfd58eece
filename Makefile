# povsim: everything a person or a machine runs. `make` alone explains.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
YEAR ?= 2024
SAMPLE := $(wildcard data/sample/20*/*.xlsx)
# JupyterLab asks the network for news, updates and extensions unless told not to.
OFFLINE := --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly
export POVSIM_HOME := $(CURDIR)
export JUPYTER_PATH := $(CURDIR)/dashboards/jupyter

.PHONY: help setup data report dashboard lab test test-slow bench backtest check fix sample lock clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.ready ## Make .venv with the locked versions

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"povsim needs Python 3.11 or newer, this is {v.major}.{v.minor}: install one, then run make setup PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

data: setup ## Load the sample workbooks into the default store (a store of yours is left alone)
	@if [ -n "$$POVSIM_STORE" ]; then echo "POVSIM_STORE is set: the sample is not loaded"; \
	else $(BIN)/povsim ingest $(SAMPLE) --sender povsim; fi

report: data ## Make the report of YEAR (2024) into output/reports
	$(BIN)/povsim report $(YEAR)

dashboard: data ## Serve the leaders' page on http://localhost:8866
	cd dashboards && ../$(BIN)/voila overview.ipynb --port 8866

lab: data ## Open JupyterLab on the planners' notebooks
	cd notebooks && ../$(BIN)/jupyter lab $(OFFLINE)

test: setup ## Run every test, with a real browser where there is one
	tests/install-system-packages
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-slow: setup ## Run the long campaigns: a province in every format, ten thousand broken files, 200 kills
	tests/install-system-packages
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow
	POVSIM_FUZZ=$${POVSIM_FUZZ:-10000} $(BIN)/python -m pytest -n 2 tests/property/test_fuzz.py
	POVSIM_KILLS=$${POVSIM_KILLS:-200} $(BIN)/python -m pytest -n 2 --dist loadgroup tests/property/test_store_trials.py

bench: setup ## Measure reading, checking and keeping; dated results go to benchmarks/results
	$(BIN)/python benchmarks/poverty.py
	$(BIN)/python benchmarks/nation.py
	$(BIN)/python benchmarks/workbook.py
	$(BIN)/python benchmarks/province.py
	$(BIN)/python benchmarks/store.py
	$(BIN)/python benchmarks/population.py
	$(BIN)/python benchmarks/scenarios.py
	$(BIN)/python benchmarks/allocation.py

backtest: setup ## Try the forecasts: speed, simulated worlds, the panels of POVSIM_PANELS (../shared/panels)
	$(BIN)/python benchmarks/trajectory.py
	$(BIN)/python benchmarks/flows.py
	$(BIN)/python benchmarks/constants.py
	$(BIN)/python benchmarks/backtest.py

check: setup ## Lint, types and layers, as the tests do
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

sample: setup ## Make the sample workbooks anew (seeded: nothing changes unless the script did)
	$(BIN)/python data/sample/make.py

lock: setup ## Resolve the locked versions anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra test --extra dev --upgrade pyproject.toml --output-file requirements.lock

clean: ## Remove what was made: .venv and output
	rm -rf $(VENV) output
