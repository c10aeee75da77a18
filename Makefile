# make search   set up, and run the search of configs/digits.yaml: a trained network and a report in runs/digits
# make test     set up, check style and types, and run the tests
# make lint     set up, and check style and types
# make fuzz     read mutated files with every reader: ARCHWRIGHT_FUZZ_SECONDS (300) per file of tests/fuzz
# make bench    run the benchmarks and rewrite benchmarks/results
# make clean    remove the environment and build files

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: search test lint fuzz bench clean

search: $(READY)
	$(BIN)/nas search configs/digits.yaml --resume

test: $(READY) lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fuzz: export ARCHWRIGHT_FUZZ_SECONDS ?= 300
fuzz: $(READY)
	$(BIN)/python -m pytest tests/fuzz -s

bench: $(READY)
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/storage.py
	$(BIN)/python benchmarks/large_search.py
	$(BIN)/python benchmarks/digits.py
	$(BIN)/python benchmarks/threads.py
	$(BIN)/python benchmarks/first_trial.py
	$(BIN)/python benchmarks/channels_last.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/spaces.py
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/proposals.py
	$(BIN)/python benchmarks/winner.py
	$(BIN)/python benchmarks/operators.py
	$(BIN)/python benchmarks/plain_gp.py
	$(BIN)/python benchmarks/controllers.py
	$(BIN)/python benchmarks/early_stopping.py
	$(BIN)/python benchmarks/window.py
	$(BIN)/python benchmarks/driver_rate.py
	$(BIN)/python benchmarks/faults.py
	$(BIN)/python benchmarks/averages.py

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
