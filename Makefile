# Engawa: two commands are enough, `make demo` and `make test`. `make help` names the others.
# Needs Python 3.11 or newer, git and make; everything else is set up inside this folder.

PYTHON ?=
PORT ?= 8000
MINUTES ?= 5
BIN := .venv/bin
RUN := .venv/.stamp-run
TEST := .venv/.stamp-test
export PORT MINUTES

.DEFAULT_GOAL := help
.PHONY: help setup demo test torture pictures format lock clean

help: ## What can be made here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-16s%s\n' "$$name" "$$text"; done

setup: $(RUN) ## Virtual environment, what Engawa needs, .venv/bin/engawa

.venv/.stamp-venv: tools/find_python.sh
	@echo "[1/3] virtual environment in .venv"
	@python=$$(tools/find_python.sh $(PYTHON)) && "$$python" -m venv .venv
	@touch $@

$(RUN): .venv/.stamp-venv requirements/run.txt requirements/uv.txt pyproject.toml
	@echo "[2/3] packages that Engawa needs (10 to 40 seconds the first time)"
	@tools/install.sh requirements/run.txt
	@echo "[3/3] the command .venv/bin/engawa"
	@tools/install.sh --project
	@touch $@

$(TEST): $(RUN) requirements/test.txt
	@echo "[1/9] packages that the tests need"
	@tools/install.sh requirements/test.txt
	@touch $@

demo: setup ## Serves everything on http://127.0.0.1:8000 (PORT=…), no credentials needed
	@$(BIN)/engawa demo
