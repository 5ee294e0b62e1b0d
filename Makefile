# make demo        sets up what the desk runs on, and no more, and plays a complete ticket by email
# make test        sets Python up and runs lint, type checks and the fast tests; needs only Python
# make test-all    runs all tests except the long ones, on both engines, with real mail servers, mutt and a browser
# make test-long   runs the long tests: a desk under a real systemd, three hosts of which one is cut off and one killed,
#                  random kills under load and over a mailbox, hostile emails of increasing size, other dates, guided
#                  fuzzing
# make test-lowest runs a part of the fast tests with the oldest versions of the packages that pyproject.toml allows
# make test-pythons runs the same part with every other Python here (3.11 to 3.14), on the wheel as it is installed
# make lock        brings the locks up to date with pyproject.toml; UPGRADE=-U takes the newest versions
# make docs        builds the documents as a site in build/site, and checks their links
# make deb         builds the Debian package dist/mailgate_VERSION_ARCH.deb, for Debian's own Python
# make messages    brings the catalogues of translations up to date after a template changed (docs/translating.md)
# make learn       trains the reading of requesters' answers again, after lines were added to tests/corpus/answers
# make bench       compares mailgate with other systems: about 20 minutes
PYTHON ?= python3
BIN = .venv/bin
PIP = $(BIN)/pip install -q --disable-pip-version-check -c requirements.lock

# Installs the Debian packages in $$missing if root runs make. Everybody else reads which they are, and make ends.
define INSTALL
if [ -z "$$missing" ]; then exit 0; fi; \
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing these Debian packages:$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends --no-remove $$missing >/dev/null; \
else \
	echo "These Debian packages are missing:$$missing" >&2; \
	echo "Install them as root, then run make again:  apt install$$missing" >&2; \
	exit 1; \
fi
endef

# What `make test-lowest` and `make test-pythons` run: reading, the store, SMTP and IMAP, the commands, the contract.
PART = tests/unit/store tests/unit/transport tests/unit/cli/test_listings.py tests/unit/daemon/test_periodic.py \
	tests/unit/parsers/test_second_reader.py tests/unit/parsers/test_html.py tests/unit/parsers/test_charsets.py \
	tests/test_contract.py
TOOLS = 'pytest>=9.2' 'pytest-xdist>=3.8' 'pytest-timeout>=2.4' 'hypothesis>=6.170' 'jsonschema>=4.26'
EXTRAS = postgres,oauth,reports,metrics
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11.5 --no-annotate --custom-compile-command 'make lock' \
	--extra postgres --extra oauth --extra reports --extra metrics $(UPGRADE) pyproject.toml

.PHONY: demo test test-all test-long test-lowest test-pythons lock docs deb learn messages lint bench clean packages \
	machine
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'mailgate needs Python 3.11 or newer. If it has another name here: make PYTHON=python3.12' >&2; exit 1; }
	@missing=; $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing=' python3-venv'; $(INSTALL)
	$(PYTHON) -m venv .venv

# What the desk runs on. Python compiles what it loads, so pip needs not compile everything.
.venv/run: pyproject.toml requirements.lock | .venv/bin/pip
	$(PIP) --no-compile -e .
	@touch $@

# What the tests and the other targets need, which includes the above. Each package must have the hash of the lock.
.venv/ready: pyproject.toml requirements-dev.lock | .venv/bin/pip
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch .venv/run $@

demo: .venv/run
	@$(BIN)/mailgate demo

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The programs that the tests start: a private Postfix with OpenDKIM and OpenDMARC, Dovecot and PostgreSQL, mutt, a
# browser for the picture of the process, ClamAV, jq and curl for the recipes, and faketime for other dates in the long
# run. OpenDMARC would bring a MySQL client for reports, unless dbconfig-no-thanks is there.
packages:
	@missing=; \
	add() { missing="$$missing $$*"; }; \
	has() { command -v "$$1" >/dev/null; }; \
	has openssl || add openssl; \
	test -x /usr/sbin/postfix || { add postfix; test "$$(id -u)" != 0 || ! has debconf-set-selections \
		|| echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections; }; \
	has dovecot && test -x /usr/lib/dovecot/lmtp -a -x /usr/lib/dovecot/imap \
		|| add dovecot-core dovecot-imapd dovecot-lmtpd; \
	test -x /usr/sbin/opendkim || add opendkim; \
	test -x /usr/sbin/opendmarc || { add opendmarc; \
		dpkg-query -s dbconfig-mysql dbconfig-pgsql 2>/dev/null | grep -q '^Status: .* installed' \
		|| add dbconfig-no-thanks; }; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || add postgresql; \
	has chromium-headless-shell && test -d /usr/share/fonts/truetype/liberation \
		|| add chromium-headless-shell fonts-liberation; \
	has npm || add npm; \
	has mutt || add mutt; \
	has faketime || add faketime; \
	has clamdscan && test -x /usr/sbin/clamd || add clamav-daemon clamdscan; \
	has jq && has curl || add jq curl; \
	$(INSTALL)

# The tools for a separate Debian with a real systemd (tests/support/systemd_root.py), which the tests install once, and
# those that build and judge the package and the image.
machine:
	@missing=; \
	command -v debootstrap >/dev/null || missing="$$missing debootstrap"; \
	command -v ip >/dev/null || missing="$$missing iproute2"; \
	command -v dh >/dev/null || missing="$$missing debhelper dpkg-dev python3-venv"; \
	command -v lintian >/dev/null || missing="$$missing lintian"; \
	command -v buildah >/dev/null || missing="$$missing buildah netavark"; \
	$(INSTALL)

test: lint
	$(BIN)/python -m pytest -n auto -m "not system and not long"

# REST=--rest leaves out the tests that a preceding `make test` covers.
test-all: lint packages
	$(BIN)/python -m pytest -n auto --engine both --whole $(REST) -m "not long"

test-long: .venv/ready packages machine
	-$(PIP) -e '.[fuzz,learning]'
	$(BIN)/python -m pytest -n auto --engine both --whole -m long --timeout 1800
	$(BIN)/python -m pytest -n auto --engine postgresql -m "not system and not long"

test-lowest: .venv/ready
	rm -rf build/lowest
	$(BIN)/uv venv -q -p $(BIN)/python build/lowest
	$(BIN)/uv pip install -q -p build/lowest --resolution lowest-direct '.[$(EXTRAS)]' $(TOOLS)
	build/lowest/bin/python -m pytest -n auto -m "not system and not long" $(PART)

test-pythons: .venv/ready
	$(BIN)/python -m tests.support.pythons '$(EXTRAS)' $(TOOLS) -- $(PART)

lock: .venv/ready
	$(COMPILE) -o requirements.lock
	$(COMPILE) -c requirements.lock --generate-hashes -o requirements-hashes.lock
	$(COMPILE) -c requirements.lock --generate-hashes --extra dev --extra docs -o requirements-dev.lock

docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f packaging/mkdocs.yml
	@echo build/site/index.html

# The script names the Debian packages that it needs.
deb:
	@rm -f dist/mailgate_*.deb
	@packaging/build_deb.sh $(DEB_VERSION)

messages: .venv/ready
	$(BIN)/python -m tests.support.messages

learn: .venv/ready
	$(PIP) -e '.[learning]'
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
