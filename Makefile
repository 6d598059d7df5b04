# make run    opens the desk              make check  format, lint, types, import contracts
# make test   runs the suite              make bench  prints the desk's own figures
# make torture  plays the whole torture list, the mutants and the soak

PIP = .venv/bin/pip --disable-pip-version-check --quiet
LATE = installed beside the running desk
TESTED = openai|anthropic|groq|kiteconnect|upstox-python-sdk|yfinance|xlrd|typst|torch|safetensors|xgboost-cpu|catboost|shap
NO_INDEX = "Not installed: the package index could not be reached, or refused; the lines above say which. Connect once and run make again."

# The numeric libraries read these once, when Python starts; more threads make timings erratic.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export MKL_NUM_THREADS = 1
export OMP_WAIT_POLICY = PASSIVE

.PHONY: run test torture check bench chromium

run: .venv/start.stamp
	@exec .venv/bin/python -m tools.start

test: .venv/dev.stamp chromium
	.venv/bin/pytest -n 2 --timeout 120 -m "not slow and not e2e and not torture" --cov --cov-report= --cov-fail-under=80
	.venv/bin/pytest -n 2 --timeout 600 -m "slow and not e2e and not torture"
	.venv/bin/pytest --timeout 600 -m "e2e and not torture"

torture: .venv/dev.stamp
	.venv/bin/pytest --timeout 600 tests/torture
	.venv/bin/python -m tools.mutations
	.venv/bin/python -m tests.torture.soak --seeds 200
	.venv/bin/python -m tests.torture.soak --seeds 50 --intraday yes --shorts yes

check: .venv/dev.stamp
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	@wc -l Home.py pages/*.py | awk '$$2 != "total" && $$1 >= 80 { print $$2 " has " $$1 " lines; a page has fewer than 80"; bad = 1 } END { exit bad }'

bench: .venv/start.stamp
	@.venv/bin/munim bench

.venv/bin/python:
	@for python in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    $$python -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "Not installed: $$python cannot make a virtual environment; on Debian: apt-get install python3-venv"; \
	    exit 1; \
	  fi; \
	done; \
	echo "Not installed: Munim runs on Python 3.11, 3.12 or 3.13 and found none; install it, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; \
	exit 1

.venv/start.stamp: requirements.txt constraints.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the first card needs, about 900 MB; one to three minutes."
	@awk '/$(LATE)/ { exit } { print }' requirements.txt > .venv/start.txt
	@$(PIP) install -r .venv/start.txt -c constraints.txt && $(PIP) install --no-deps -e . || { echo $(NO_INDEX); exit 1; }
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements-cluster.txt requirements.txt .venv/start.stamp
	@grep -hv '^-r' requirements-dev.txt requirements-cluster.txt > .venv/dev.txt
	@grep -E '^($(TESTED))==' requirements.txt >> .venv/dev.txt
	@$(PIP) install -r .venv/dev.txt -c constraints.txt || { echo $(NO_INDEX); exit 1; }
	@touch $@

chromium:
	@if [ -x /usr/bin/chromium ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && apt-get install -q -y --no-install-recommends chromium; \
	else \
	  echo "Not tested: the browser tests need /usr/bin/chromium; on Debian: apt-get install chromium"; \
	  exit 1; \
	fi
