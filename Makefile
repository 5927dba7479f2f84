# Two commands are all a newcomer needs: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
PORT ?= 8000
IMAGES ?= all
export PYTHON PORT

VENV := .venv
BIN := $(VENV)/bin
PROXY := build/proxy/bin/configurable-http-proxy
# Stamps live inside the environment, so that deleting it is enough to start afresh.
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help run test lint image engine labextension clean
# The proxy may need the environment: one thing after the other, also under make -j.
.NOTPARALLEL:

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(RUN_STAMP) $(PROXY) ## Start JupyterHub with Runtiles on 127.0.0.1 (PORT=8000)
	@$(BIN)/python -m scripts.run

test: $(DEV_STAMP) $(PROXY) ## Lint, then run every test (TESTS=...); as root on Debian with engine and browser
	@bash scripts/test.sh $(TESTS)

lint: $(DEV_STAMP) ## Check style, types and the direction of imports
	@sh scripts/lint.sh

image: $(RUN_STAMP) ## Build the images of the local tiles (IMAGES=python|data-science|all)
	@$(BIN)/python -m scripts.image $(IMAGES)

engine: ## Install and start a Docker engine on Debian or Ubuntu (needs root)
	@sh scripts/engine.sh

labextension: $(RUN_STAMP) ## Check, test and build the part in JupyterLab (needs Node.js 20 with npm)
	@$(BIN)/python -m scripts.labextension

clean: ## Delete the environment and all that was built; state and user files stay
	rm -rf $(VENV) build/proxy build/image build/tools build/labextension .mypy_cache .ruff_cache .pytest_cache

$(RUN_STAMP): pyproject.toml scripts/venv.sh Makefile
	@sh scripts/venv.sh hub,server,cli
	@touch $@

$(DEV_STAMP): pyproject.toml scripts/venv.sh
	@sh scripts/venv.sh hub,server,cli,dev
	@touch $@ $(RUN_STAMP)

$(PROXY): scripts/proxy.sh
	@sh scripts/proxy.sh
