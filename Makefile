# What a person does with a checkout. Needs Python 3.11 or newer and make; everything else comes from package registries.
#
# The environment lies in .venv. Each way of using it (demo, test) has a stamp there that is older than what it was made
# from only when something has to be installed again, so that a second `make demo` starts at once.

PYTHON ?= python3
VENV ?= .venv
STUDIES ?=
LABELS ?=
PORT ?=
ARGS ?=
BROWSER ?=
SECONDS ?= 28800
export STUDIES LABELS PORT BROWSER

PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check -c constraints.txt
PACKAGE := pyproject.toml constraints.txt hatch_build.py
FRONTEND := $(wildcard js/*.json js/*.mjs scripts/frontend.py) $(shell find js/src -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test test-versions lint docs bench protocol click-model wheel clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo   open JupyterLab on notebooks/quickstart.ipynb with example studies'
	@echo '              STUDIES=folder   your own images instead'
	@echo '              LABELS=a,b       the labels to draw'
	@echo '              BROWSER=none     only print the address'
	@echo '              PORT=number      the port (default: the first free one from 8888)'
	@echo '            You work on a copy of the notebook in .demo/notebooks: it is kept once you have'
	@echo '            changed a cell; delete it to get a fresh one. The checkout stays as it is.'
	@echo 'make test   install what the tests need, a browser too, and run all of them, those with the browser beside the others'
	@echo '              ARGS="-k click"  passed on to pytest; ARGS="-n 0" runs one test after the other'
	@echo 'make test-versions  try the oldest dependencies that are allowed and the newest, on each Python that is here'
	@echo '              ARGS="--only lowest"  these alone; ARGS=--torch=  the bounds of torch too (gigabytes)'
	@echo 'make lint   ruff, mypy, the import rules, Biome and tsc'
	@echo 'make docs   build the documentation into build/docs; a broken link or a page that nothing links to is an error'
	@echo 'make bench  measure, in about two hours; JSON lines on stdout'
	@echo '              ARGS="name ..."  only these; ARGS=--list says which there are'
	@echo 'make protocol  write js/src/protocol.ts from the messages in jlabel/labeler/protocol'
	@echo 'make click-model  train the two networks of the click tool from nothing, into click-model/; again to go on'
	@echo '              SECONDS=number   of each network, all sittings together (default: 28800)'
	@echo '              ARGS="--compiled --channels-last"  passed on to both; these two are faster on a graphics card'
	@echo 'make wheel  build dist/*.whl and look for the front end in it'
	@echo 'make clean  remove what make made, except .demo and click-model: your work is there'

demo: $(VENV)/.demo
	@$(PY) scripts/demo.py --studies="$$STUDIES" --labels="$$LABELS" --port="$$PORT" --browser="$$BROWSER"

test: $(VENV)/.test
	@$(PY) scripts/frontend.py install
	@$(PY) scripts/frontend.py build
	@$(PY) scripts/frontend.py npm test
	@browser="$$($(PY) scripts/find_browser.py --install)" && \
	  env -u BROWSER -u PYTHONDONTWRITEBYTECODE JLABEL_TEST_BROWSER="$$browser" $(PY) -m pytest -n 3 $(ARGS)

test-versions: $(VENV)/.test
	@$(PY) scripts/frontend.py build >&2
	@$(PY) scripts/check_versions.py $(ARGS)

lint: $(VENV)/.test
	@$(PY) scripts/frontend.py install
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) scripts/frontend.py npm run lint
	$(PY) scripts/frontend.py npm run types

docs: $(VENV)/.test
	@$(PY) scripts/frontend.py build
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict
	@echo 'the documentation is at build/docs/index.html'

bench: $(VENV)/.test
	@$(PY) scripts/frontend.py build >&2
	@$(PY) -m bench $(ARGS)

protocol: $(VENV)/.test
	$(PY) scripts/protocol.py

click-model: $(VENV)/.test
	$(PY) -m jlabel.click.pretraining 2 --folder click-model --seconds $(SECONDS) --export click-model/click_2d.safetensors $(ARGS)
	$(PY) -m jlabel.click.pretraining 3 --folder click-model --seconds $(SECONDS) --export click-model/click_3d.safetensors $(ARGS)

wheel: $(VENV)/.test
	@$(PY) -m pip wheel -q --no-deps -w dist .
	@$(PY) scripts/check_wheel.py dist/*.whl

clean:
	rm -rf $(VENV) js/node_modules jlabel/widget/static dist build test-results
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.python:
	@$(PYTHON) scripts/make_venv.py $(VENV) >&2
	@touch $@

$(VENV)/.demo: $(VENV)/.python $(PACKAGE) $(FRONTEND)
	@echo 'installing jlabel into $(VENV) ...' >&2
	@$(PIP) -e '.[demo]' >&2
	@touch $@

$(VENV)/.test: $(VENV)/.python $(PACKAGE)
	@echo 'installing jlabel and what its tests need into $(VENV) ...' >&2
	@$(PIP) -e '.[demo,test,lint]' >&2
	@touch $@
