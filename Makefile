# Everything needs only make and a Python of at least 3.11, named by PYTHON3.
PYTHON3 ?= python3
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
REPORT := demo-report

.DEFAULT_GOAL := help
.PHONY: help venv demo test nightly bench docs screenshots dist clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP)  ## make the environment in .venv (the other targets do so themselves)

$(STAMP): constraints.txt pyproject.toml
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This needs Python 3.11 or newer and found: $$($(PYTHON3) --version 2>&1)."; \
	  echo "Name another one like this: make venv PYTHON3=python3.12"; exit 1; }
	@test -x $(PYTHON) || $(PYTHON3) -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "Python could not make an environment. Debian and Ubuntu: apt install python3-venv"; \
	  exit 1; }
	# torch first and exactly, so that no looser request is resolved
	$(PYTHON) -m pip install --quiet -c constraints.txt torch==2.13.0
	$(PYTHON) -m pip install --quiet -c constraints.txt -e '.[test]'
	@touch $@

demo: $(STAMP)  ## grade the sample class into demo-report/
	$(VENV)/bin/grader batch examples/class --exercise quadratic --out $(REPORT) --accept-weak-isolation
	@echo
	@echo "The class's report: $(CURDIR)/$(REPORT)/index.html"

test: $(STAMP)  ## lint, types and tests
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -n 2

nightly: $(STAMP)  ## the tests with longer limits and many more random inputs
	GRADER_NIGHTLY=1 $(PYTHON) -m pytest -n 2 --timeout=900

bench: $(STAMP)  ## measure what grading costs
	$(PYTHON) -m benchmarks
	$(PYTHON) -m benchmarks.isolation

docs: $(STAMP)  ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict
	@echo
	@echo "The documentation: $(CURDIR)/site/index.html"

screenshots: $(STAMP)  ## take the pictures of docs/images/ again, from real runs (needs chromium)
	$(PYTHON) -m docs.screenshots

dist: $(STAMP)  ## build the wheel and the source distribution into dist/
	$(PYTHON) -m build --no-isolation

clean:  ## remove all that the other targets made
	rm -rf $(VENV) $(REPORT) site build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
