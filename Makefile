# Everything that a newcomer, a developer and CI run. Each target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test test-fast e2e lint types format texts bench rank fault-run sbom \
	audit-dependencies attack mutants wheel lock clean

help: ## Show what can be made
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: .venv/run.stamp ## Start a demonstration on http://127.0.0.1:8000 and print what to type
	@$(BIN)/python -m recovery_site demo

test: lint types .venv/system.stamp .venv/smpp.stamp ## Run every check and every test
	$(BIN)/python -m pytest -n auto

test-fast: .venv/dev.stamp ## Run the tests of the rules and the flows, in seconds
	$(BIN)/python -m pytest -q -n auto tests/domain tests/flow

e2e: .venv/dev.stamp .venv/system.stamp ## Run the tests in a real browser; screenshots stay in build/screenshots
	$(BIN)/python -m pytest -n auto tests/e2e

lint: .venv/dev.stamp ## Check style, layers and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

types: .venv/dev.stamp ## Check types, strictly
	$(BIN)/mypy

format: .venv/dev.stamp ## Put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts: .venv/dev.stamp ## Collect the texts and compile the English catalogue
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _l --no-location --sort-output --omit-header -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d recovery_site/web/translations --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap
# Babel takes a catalogue without a header for fuzzy, and writes the time into what it compiles
	$(BIN)/pybabel -q compile --use-fuzzy -d recovery_site/web/translations
	@LC_ALL=C sed -i -E 's/(Creation-Date: ).{21}/\12000-01-01 00:00+0000/' recovery_site/web/translations/*/LC_MESSAGES/*.mo

bench: .venv/dev.stamp ## Measure what the documentation gives figures of
	$(BIN)/python -m scripts.bench
	$(BIN)/python -m scripts.sms latency
	$(BIN)/python -m scripts.sms throughput

rank: .venv/dev.stamp ## Compare the times of accounts and of addresses without one by a rank test
	$(BIN)/python -m scripts.rank

fault-run: .venv/dev.stamp ## Send 2,000 SMS through faults and kills, and count what was lost
	$(BIN)/python -m scripts.sms faults

sbom: .venv/dev.stamp ## Write the parts list (CycloneDX) to build/sbom.json
	$(BIN)/python -m scripts.supply.sbom build/sbom.json

audit-dependencies: .venv/dev.stamp ## Look the parts up in ADVISORIES=file, OSV records, without the network
	@test -n "$(ADVISORIES)" || { echo "Name a file: make audit-dependencies ADVISORIES=all.zip (docs/security/README.md)"; exit 2; }
	$(BIN)/python -m scripts.supply.advisories $(ADVISORIES)

attack: .venv/dev.stamp ## Make 100,000 hostile requests to a site on 127.0.0.1, and look what broke, then timing and cost
	$(BIN)/python -m scripts.attack
	$(BIN)/python -m scripts.attack timing
	$(BIN)/python -m scripts.attack cost

mutants: .venv/dev.stamp ## Break the rules in hundreds of small ways, and list the breaks that no quick test notices
	rm -rf mutants
	HYPOTHESIS_PROFILE=mutants $(BIN)/mutmut run
	$(BIN)/mutmut results
	$(BIN)/python scripts/mutants.py

wheel: .venv/dev.stamp ## Build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

lock: .venv/dev.stamp ## Resolve the dependencies anew and write both lock files
	$(BIN)/uv pip compile -q pyproject.toml --upgrade --python-version 3.11 --python-platform linux --generate-hashes --no-header --no-annotate -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --upgrade --group dev --python-version 3.11 --python-platform linux --generate-hashes --no-header --no-annotate -o requirements-dev.txt

clean: ## Remove everything that was made
	rm -rf .venv build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@PYTHON=$(PYTHON) scripts/need.sh python3-venv
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.stamp

.venv/system.stamp: Makefile | .venv/bin/python
	@scripts/need.sh chromium fonts-noto-core postgresql redis-server nginx kannel gammu gammu-smsd libdbd-sqlite3 slapd \
		samba samba-dsdb-modules samba-vfs-modules samba-ad-provision dovecot-imapd dovecot-sqlite dovecot-pgsql dovecot-ldap
	@touch $@

# the SMPP server that the tests bind Kannel to
.venv/smpp.stamp: tests/peers/smpp/package-lock.json | .venv/dev.stamp
	$(BIN)/python -m tests.peers.smpp.install
	@touch $@
