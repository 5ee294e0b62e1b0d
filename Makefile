# make demo   sets everything up and plays a whole ticket by mail
# make test   sets everything up and runs lint, types and tests
PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test test-long lint bench clean
.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || (apt-get update -qq && apt-get install -y -qq python3-venv)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $@

demo: .venv/ready
	@$(BIN)/mailgate demo

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n 2 -m "not long"

test-long: .venv/ready
	$(BIN)/python -m pytest -n 2 -m long --timeout 1800

clean:
	rm -rf .venv build dist
