# make demo        sets everything up and runs a complete ticket by email
# make test        sets Python up and runs lint, type checks and the fast tests; needs only Python
# make test-all    runs all tests except the long ones, on both engines, with real mail servers, mutt and a browser
# make test-long   runs the long tests: a desk under a real systemd, three hosts of which one is cut off and one killed,
#                  random kills under load and over a mailbox, hostile emails of increasing size, other dates, guided
#                  fuzzing
# make docs        builds the documents as a site in build/site, and checks their links
# make messages    brings the catalogues of translations up to date after a template changed (docs/translating.md)
# make learn       trains the reading of requesters' answers again, after lines were added to tests/corpus/answers
# make bench       compares mailgate with other systems: about 20 minutes
PYTHON ?= python3
BIN = .venv/bin
INSTALL = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

.PHONY: demo test test-all test-long docs learn messages lint bench clean packages machine
.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(INSTALL) python3-venv; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[dev,postgres,oauth,reports,metrics]'
	@touch $@

.venv/docs: .venv/ready
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[docs]'
	@touch $@

demo: .venv/ready
	@$(BIN)/mailgate demo

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The programs that the tests start: a private Postfix, Dovecot and PostgreSQL, mutt, a browser for the picture of the
# process, and faketime for other dates in the long run.
packages:
	@command -v openssl >/dev/null || { $(INSTALL) openssl; }
	@test -x /usr/sbin/postfix || { echo 'postfix postfix/main_mailer_type select No configuration' \
		| debconf-set-selections; $(INSTALL) postfix; }
	@command -v dovecot >/dev/null && test -x /usr/lib/dovecot/lmtp -a -x /usr/lib/dovecot/imap \
		|| { $(INSTALL) dovecot-core dovecot-imapd dovecot-lmtpd; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { $(INSTALL) postgresql; }
	@command -v chromium-headless-shell >/dev/null && test -d /usr/share/fonts/truetype/liberation \
		|| { $(INSTALL) chromium-headless-shell fonts-liberation; }
	@command -v npm >/dev/null || { $(INSTALL) npm; }
	@command -v mutt >/dev/null || { $(INSTALL) mutt; }
	@command -v faketime >/dev/null || { $(INSTALL) faketime; }

# The tools for a separate Debian with a real systemd (tests/support/systemd_root.py), which the tests install once.
machine:
	@command -v debootstrap >/dev/null || { $(INSTALL) debootstrap; }
	@command -v ip >/dev/null || { $(INSTALL) iproute2; }

test: lint
	$(BIN)/python -m pytest -n auto -m "not system and not long"

# REST=--rest leaves out the tests that a preceding `make test` covers.
test-all: lint packages .venv/docs
	$(BIN)/python -m pytest -n auto --engine both --whole $(REST) -m "not long"

test-long: .venv/ready packages machine
	-$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[fuzz,learning]'
	$(BIN)/python -m pytest -n auto --engine both --whole -m long --timeout 1800
	$(BIN)/python -m pytest -n auto --engine postgresql -m "not system and not long"

docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f packaging/mkdocs.yml
	@echo build/site/index.html

messages: .venv/ready
	$(BIN)/python -m tests.support.messages

learn: .venv/ready
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[learning]'
	$(BIN)/python -m tests.support.answer_learning

bench: .venv/ready packages
	$(BIN)/python -m bench
	$(BIN)/python -m bench.budget
	$(BIN)/python -m bench.courier
	$(BIN)/python -m bench.courier --postgresql
	$(BIN)/python -m bench.budget --postgresql
	$(BIN)/python -m bench.scaling
	$(BIN)/python -m bench.intake
	$(BIN)/python -m bench.starttls
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.preload
	$(BIN)/python -m bench.preload --postgresql
	$(BIN)/python -m bench.large
	$(BIN)/python -m bench.large --postgresql
	$(BIN)/python -m bench.idle
	$(BIN)/python -m bench.mailbox
	$(BIN)/python -m bench.parsers
	$(BIN)/python -m bench.timers
	$(BIN)/python -m bench.timers --postgresql
	$(BIN)/python -m bench.fairness
	$(BIN)/python -m bench.fairness --postgresql
	$(BIN)/python -m bench.workers
	$(BIN)/python -m bench.long_tickets
	$(BIN)/python -m bench.report
	$(BIN)/python -m bench.report --postgresql
	$(BIN)/python -m bench.chart

clean:
	rm -rf .venv build dist
