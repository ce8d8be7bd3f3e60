# The words of this project: `make help` lists them. Nothing has to be installed by hand before
# but Python 3.11, 3.12 or 3.13 and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# Compiled modules are kept: some three hundred processes start in the tests.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $(name))))
BIN := .venv/bin
LABELLED ?= ../shared/cleaning
# Tests wait for processes and disks half of the time: three at once keep two processors at work.
AT_ONCE ?= --numprocesses 3 --dist worksteal
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: help setup serve test check faults quality bench lock

help: ## list these words
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 10

setup: .venv/compiled ## create .venv and install what serving needs

serve: .venv/compiled ## index ./articles, follow the folder, serve http://127.0.0.1:8000
	@sh .ci/serve

test: .venv/installed-test .venv/compiled check ## everything the tests need, then every test
	@sh .ci/browser
	@sh .ci/nginx
	@sh .ci/whoosh-suite
	$(BIN)/python -m pytest $(AT_ONCE)

check: .venv/installed-test ## format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: .venv/installed-test .venv/compiled ## hold every goal of docs/reliability.md at length and write down what was measured
	@sh .ci/nginx
	$(BIN)/python -m pytest tests/faults --long --table -p no:randomly --timeout 600 -v

quality: .venv/installed-test .venv/compiled ## score cleaning and ranking on the judged data in ../shared
	@[ -e $(LABELLED)/evaluate.py ] || echo "no labelled articles in $(LABELLED): set LABELLED"
	@for what in text html; do [ ! -e $(LABELLED)/evaluate.py ] || $(BIN)/python \
		$(LABELLED)/evaluate.py --what $$what --cmd '$(BIN)/python -m indexer clean -'; done
	$(BIN)/python -m tests.quality.judged_ranking

bench: .venv/installed-bench .venv/compiled ## build and query other engines beside ours, in one run
	$(BIN)/python -m benchmarks

lock: .venv/created ## pin the newest versions, with hashes
	$(LOCK) --group setup -o .ci/requirements-setup.txt
	$(LOCK) pyproject.toml -o .ci/requirements.txt
	for extra in test bench train; do $(LOCK) pyproject.toml --extra $$extra \
		-c .ci/requirements.txt -o .ci/requirements-$$extra.txt; done

.venv/created:
	@if [ -z "$(PYTHON)" ]; then \
		echo "make: Python 3.11, 3.12 or 3.13 is needed and none was found;" \
			"install one, or name it: make PYTHON=/path/to/python3" >&2; exit 2; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make: $(PYTHON) cannot make a virtual environment;" \
			"install its venv package (Debian: apt install python3-venv)" >&2; exit 2; }
	$(PYTHON) -m venv --clear .venv
	@sh .ci/install .ci/requirements-setup.txt || echo "make: uv is not to be had: pip installs" >&2
	@touch $@

.venv/installed: .ci/requirements.txt .venv/created
	sh .ci/install $<
	@touch $@

.venv/installed-%: .ci/requirements-%.txt .venv/installed
	sh .ci/install $<
	@touch $@

.venv/compiled: .venv/installed search/compiled.py search/stamps.py search/machine_code.py \
		search/compile_loops.py \
		$(wildcard search/loops/*.py indexer/loops/*.py)
	@$(BIN)/python -m search.compile_loops search.loops indexer.loops
	@touch $@
