# Needs python3 (3.11 or newer) and make. Every target makes the virtual environment it needs, once.
# Another Python: make demo PYTHON=python3.12        More arguments for pytest or bench: make test ARGS="-k gates"

PYTHON ?= python3
ARGS ?=

DEMO  := .venv/bin/python
TEST  := .venv-test/bin/python
LINT  := .venv-lint/bin/python
DOCS  := .venv-docs/bin/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help demo test lint format docs test-interpreted test-bounds bench bench-accuracy clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-18s %s\n' "$$name" "$$text"; done

demo: .venv/installed  ## compare estimators on random circuits and draw comparison.png
	@rm -f comparison.png
	@cache="$$($(DEMO) tools/numba_cache.py)" && NUMBA_CACHE_DIR="$$cache" .venv/bin/heurest compare --plot comparison.png
	@test -s comparison.png || { echo 'heurest compare ended well but drew no comparison.png' >&2; exit 1; }
	@echo "The picture is $(CURDIR)/comparison.png; the command is .venv/bin/heurest"

test: .venv-test/installed  ## run all tests, the doctests and the documentation's examples
	$(TEST) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 10 --durations-min 1 $(ARGS)

lint: .venv-lint/installed  ## check style (ruff) and types (mypy, strict)
	$(LINT) -m ruff check
	$(LINT) -m ruff format --check
	$(LINT) -m mypy

format: .venv-lint/installed  ## let ruff mend style and layout
	$(LINT) -m ruff check --fix
	$(LINT) -m ruff format

docs: .venv-docs/installed  ## build docs/_build/html; a warning is an error
	$(DOCS) -m sphinx --fail-on-warning --keep-going --fresh-env --quiet --builder html docs docs/_build/html
	@echo "The documentation starts at $(CURDIR)/docs/_build/html/index.html"

test-interpreted: .venv-test/installed  ## run the kernels' tests without the JIT and report which lines of kernels ran
	@rm -f .coverage .coverage.*
	NUMBA_DISABLE_JIT=1 $(TEST) -m coverage run -m pytest tests -n 2 -m 'kernels and not large' $(ARGS)
	$(TEST) -m coverage combine --quiet
	$(TEST) -m coverage report --include 'heurest/kernels/*' --show-missing --skip-covered --fail-under 90

test-bounds: .venv-test/installed  ## run the tests on small sizes with every array index in kernels checked
	NUMBA_BOUNDSCHECK=1 HEUREST_TEST_SIZE=small $(TEST) -m pytest tests -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv-test/installed  ## measure the speed figures, one thread; prints each next to its limit
	cache="$$($(TEST) tools/numba_cache.py)" && \
	  NUMBA_CACHE_DIR="$$cache" NUMBA_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(TEST) bench/run.py $(ARGS)

bench-accuracy: .venv-test/installed  ## measure errors against exact values, one thread: a column a method
	cache="$$($(TEST) tools/numba_cache.py)" && \
	  NUMBA_CACHE_DIR="$$cache" NUMBA_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(TEST) bench/accuracy.py $(ARGS)

clean:  ## remove environments, caches and everything built
	rm -rf .venv .venv-test .venv-lint .venv-docs .numba_cache .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist docs/_build docs/reference/_generated comparison.png .coverage .coverage.*
	find . -name .git -prune -o -name __pycache__ -prune -exec rm -rf {} +

# One environment a purpose, each with the extras it needs. The file `installed` appears only when all went well.
.venv/installed:      extras := plot
.venv-test/installed: extras := test
.venv-lint/installed: extras := lint
.venv-docs/installed: extras := docs

.venv/installed .venv-test/installed .venv-lint/installed .venv-docs/installed: pyproject.toml heurest/_version.py
	@rm -f $@
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("heurest needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Installing heurest[$(extras)] into $(@D) (once; a minute or two)"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --editable '.[$(extras)]'
	@touch $@
