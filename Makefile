# Every command a person needs. Each sets up .venv first, which takes no time when nothing changed.
# Settings (docs/reference/settings.md) go through the environment: SPADEWORK_HOME=/data make up

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PORT ?=
ARGS ?=
YES ?=
BIN := .venv/bin
ifneq ($(PORT),)
export SPADEWORK_PORT := $(PORT)
endif

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: up
up: setup ## Start Spadework and print its address and a one-time sign-in link (PORT=8300)
	@exec $(BIN)/spadework up $(ARGS)

.PHONY: demo
demo: setup ## Run the main job on real companies in the terminal, without any key (YES=1 to not be asked)
	@exec $(BIN)/spadework demo $(if $(YES),--yes) $(ARGS)

.PHONY: test
test: setup ## Run the tests (ARGS='-k name' to choose)
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: bench
bench: setup ## Run the benchmarks, each beside its reference, and write benchmarks/results/latest.json
	@exec $(BIN)/python -m benchmarks $(ARGS)

.PHONY: check
check: setup ## Everything CI runs: style, layers, types, docs, tests, the web interface
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/python ui_build.py check
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: docs
docs: setup ## Write docs/reference again from the code
	@$(BIN)/python docs/generate.py

.PHONY: lock
lock: setup ## Choose the newest allowed versions and write requirements.lock
	@$(BIN)/python bootstrap.py lock

.PHONY: stop
stop: ## Stop the embedded database, which outlives the commands that use it
	@test ! -x $(BIN)/python || $(BIN)/python -c \
	  "from spadework.core import config, postgres; postgres.stop(config.load().home)"

.PHONY: clean
clean: ## Remove what set-up and builds made; your data in SPADEWORK_HOME stays
	rm -rf .venv ui/node_modules spadework/web/static dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first of these that is Python 3.11 or newer; .venv's own, when it is whole, keeps the version stable.
.PHONY: setup
setup: ## Prepare .venv; the other commands do it by themselves
	@for python in $(BIN)/python $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$python bootstrap.py; \
	  fi; \
	done; \
	echo "Spadework needs Python 3.11 or newer. On Debian or Ubuntu run \`apt-get install python3\`," \
	  "elsewhere see python.org; then run the same command again." >&2; exit 1
