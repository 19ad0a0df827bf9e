# Needs Python 3.11 or newer with pip, make and git; everything else is fetched, locked, into .tools and .venv.

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench audit venv dev clean

# looked for only when something is installed
PYTHON = $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$python" && break; done)
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
SYNC = UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 $(UV) sync --locked --quiet --python "$(PYTHON)" \
	$(addprefix --extra ,$(EXTRAS))

help:
	@echo 'make demo    the bot on simulated accounts, here in the terminal: no key, no network'
	@echo 'make test    all tests (ARGS="tests/settings -x" for some)'
	@echo 'make lint    lint, format, strict types, layers'
	@echo 'make bench   measures speed and memory against the goals'
	@echo 'make audit   looks for known holes in the locked packages (asks the network)'
	@echo 'make venv    only what the bot itself needs, for a server (EXTRAS="socks postgres" for more)'

demo: .venv/.ready
	@.venv/bin/portfolio-bot demo $(ARGS)

# one worker more than there are cores: many tests wait for processes and clocks; and bytecode is kept whatever the
# environment says: else every worker parses all tests anew, every time
test: .venv/.ready-dev
	@PYTHONDONTWRITEBYTECODE= .venv/bin/pytest -n $$(.venv/bin/python -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))') \
		--dist worksteal -q $(ARGS)

lint: .venv/.ready-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: .venv/.ready-dev
	@.venv/bin/python -m tests.bench $(ARGS)

audit: .venv/.ready
	@$(UV) export --locked --quiet --no-default-groups --no-emit-project --output-file .tools/requirements.txt >/dev/null
	@$(UV) tool run pip-audit --requirement .tools/requirements.txt --require-hashes --disable-pip

# compiled here, because a service may not write beside its own code
venv: .venv/.ready
	@.venv/bin/python -m compileall -q portfolio_bot

dev: .venv/.ready-dev
	@:

# what a socks5 proxy or PostgreSQL needs besides is installed whenever it is asked for
ifdef EXTRAS
.PHONY: extras
extras: ;
.venv/.ready: extras
endif

clean:
	@rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache

# --inexact: running the demo must not take the tools of the tests away
.venv/.ready: pyproject.toml uv.lock | $(UV)
	@echo 'Installing into .venv (once) ...'
	@$(SYNC) --no-default-groups --inexact
	@touch $@

.venv/.ready-dev: pyproject.toml uv.lock | $(UV)
	@echo 'Installing into .venv (once) ...'
	@$(SYNC)
	@touch $@

# pip --target works where a distribution manages its own Python, and needs no venv package
.tools/bin/uv:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed, and none was found.' >&2; exit 1; }
	@echo 'Fetching uv into .tools (once) ...'
	@"$(PYTHON)" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .tools 'uv>=0.13.9,<0.14'
