# The commands of development, by name. `make` alone lists them.

PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
DEV_ARGS ?=
LOCK_ARGS ?=
# Debian packages that the tests need besides Python: a browser, and the database of an instance on
# several machines.
SYSTEM_PACKAGES ?= chromium postgresql
CLUSTER ?= .local-cluster
RELEASE_CHECKS ?= .ci/run

BIN := .venv/bin
PEER := benchmarks/.peer
PEERS := pixeltable daft datachain
TORCH := benchmarks/.torch
SAMPLER := benchmarks/.sampler
INSTALLED := .venv/.installed
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The demo and the development server use this project's own instance, never one named by the
# caller's DAGSTER_HOME.
demo dev: export DAGSTER_HOME := $(CURDIR)

# dg warns if the active environment is not the project's.
dev: export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: help
help: ## List these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	  | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

.PHONY: install
install: $(INSTALLED) ## Create .venv, and install the project with all dependencies

# uv comes first, from its own lines of the lock, so that its version is the locked one.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	  || { echo "$(PYTHON) is not Python 3.11 to 3.14. Name one, as in 'make install PYTHON=python3.13'." >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "$(PYTHON) cannot create environments. On Debian, install python3-venv." >&2; exit 1; }
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock

# uv is nine times faster than pip, but does not read pip's settings (a mirror, a certificate), so pip
# installs if uv cannot. Both check every hash. With bytecode compiled here, each command starts a second
# earlier, even if Python may not write bytecode later.
$(INSTALLED): pyproject.toml requirements.lock | $(BIN)/uv
	$(BIN)/python -m uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: system
system: ## Install the Debian packages that the tests need, or list the missing ones
	@missing=; \
	for package in $(SYSTEM_PACKAGES); do \
	  dpkg --status "$$package" > /dev/null 2>&1 || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update --quiet --quiet; \
	    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $$missing; \
	  else \
	    echo "The tests need these Debian packages:$$missing. Install them with: sudo apt-get install$$missing"; \
	  fi; \
	fi

.PHONY: demo
demo: install ## Insert sample photos into the photos table and show what was stored
	$(BIN)/python -m media_assets.testing uploads/photos
	$(BIN)/media-assets insert photos uploads/photos
	$(BIN)/media-assets show photos --limit 5
	$(BIN)/media-assets plan photos
	@echo
	@echo 'What to do next:'
	@echo '  make dev                          see the table in the Dagster UI'
	@echo '  $$EDITOR media_assets/photos.py    add a column, then run make demo again'
	@echo '  cp your-photos/* uploads/photos/  add rows, then run make demo again'

.PHONY: dev
dev: install ## Start the Dagster UI and its daemon; DEV_ARGS='--port 3001' passes options to dg dev
	$(BIN)/dg dev $(DEV_ARGS)

.PHONY: cluster
cluster: install system ## Run the processes of a cluster on this machine: PostgreSQL, Dask, two workers, UI, daemon
	$(BIN)/python deploy/local-cluster/cluster.py $(CLUSTER)

.PHONY: servers
servers: install ## Install the storage servers that the tests start, Swift and Azurite, and linters of pages and workflows
	@$(BIN)/python media_assets_tests/servers/install.py

# Tests wait for other processes a third of the time: one more of them than there are cores runs at
# once, and the deployments, which wait still more, beside them.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# They make tens of thousands of small files and databases, which are kept in memory where 4 GB are
# free for that and programs may be run, and start hundreds of processes, which need not compile the
# package each time.
MEMORY_FOLDER := $(shell test "$$(df --output=avail /dev/shm 2> /dev/null | tail -1)" -gt 4000000 2> /dev/null \
  && ! grep -q ' /dev/shm .*noexec' /proc/mounts && echo /dev/shm)
export PYTEST_DEBUG_TEMPROOT := $(MEMORY_FOLDER)
unexport PYTHONDONTWRITEBYTECODE

.PHONY: test
test: servers system ## Run the tests; PYTEST_ARGS='-k name' picks some
	$(MAKE) --no-print-directory --jobs 2 test-most test-deployments

.PHONY: test-most
test-most:
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal -m 'not deployment and not faults and not cloud' $(PYTEST_ARGS)

.PHONY: test-deployments
test-deployments:
	$(BIN)/python -m pytest --numprocesses 0 -m 'deployment and not faults' $$(grep -rl --include='*.py' 'mark.deployment' media_assets_tests)

# Without what only Linux and its servers have: kills, full disks, storages, a browser, deployments.
.PHONY: test-core
test-core: install ## Run the tests that need no servers and no Debian, on any system
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal -m 'not deployment and not faults and not cloud' \
	  media_assets media_assets_tests/{audio,catalog,components,containers,destinations,documents,examples,images,pixels,records,tables,uploads,upkeep,video} \
	  media_assets_tests/test_{code_versions,columns,end_to_end,file_keys,function_source,machine,new_project,row_values,value_types,values}.py $(PYTEST_ARGS)

.PHONY: coverage
coverage: servers system ## Run the tests, and fail below the share of lines and branches in pyproject.toml
	$(MAKE) --no-print-directory test-most PYTEST_ARGS='--cov --cov-report=term:skip-covered $(PYTEST_ARGS)'

.PHONY: test-faults
test-faults: servers ## Test every fault many times, in about 25 minutes; see docs/reliability.md
	$(BIN)/python -m pytest --hypothesis-profile random --numprocesses auto --dist worksteal media_assets_tests/faults media_assets_tests/pipeline/test_memory.py media_assets_tests/test_histories_of_uploads.py media_assets_tests/test_shared_location.py $(PYTEST_ARGS)
	$(BIN)/python -m pytest --numprocesses 0 -m 'deployment and faults'

# Each test uses a prefix of its own below DEST, and deletes what it wrote.
.PHONY: test-cloud
test-cloud: install ## Test a destination of yours with your credentials: DEST=s3://my-bucket/tmp/
	@test -n "$(DEST)" || { echo 'Name a destination: make test-cloud DEST=s3://my-bucket/tmp/' >&2; exit 1; }
	MEDIA_ASSETS_TEST_DESTINATION='$(DEST)' $(BIN)/python -m pytest -q media_assets_tests/clouds/test_given_destination.py $(PYTEST_ARGS)

.PHONY: torture
torture: servers ## A minute of kills, faulty requests and a full disk, shown as it happens; SEED=7 repeats one
	$(BIN)/python -m media_assets_tests.faults.torture $(SEED)

.PHONY: test-pythons
test-pythons: install ## Try the wheel and tests on every Python here; PYTHONS='3.12 3.13' picks some, PYTEST_ARGS='path' tests
	$(BIN)/python -m media_assets_tests.release.pythons $(PYTEST_ARGS)

.PHONY: test-corpus
test-corpus: install ## Make a row of every file in a folder, and show the outcomes: DIR=folder
	$(BIN)/python -m media_assets_tests.faults.corpus $(DIR)

.PHONY: bench
bench: install ## Measure the core figures, in about 6 minutes; BENCH_ARGS='--only photos' picks some
	$(PYTHON) -m venv $(SAMPLER)
	$(SAMPLER)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/sampler.txt
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

.PHONY: bench-scale
bench-scale: install ## Measure many rows, a catalog in a bucket, and Dask, in about 20 minutes
	$(BIN)/python -m benchmarks --suite scale $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers: install ## Measure the same job in Pixeltable, Daft and DataChain, each in its own environment
	@for peer in $(PEERS); do \
	  { $(BIN)/python -m uv venv --quiet --allow-existing --python $(BIN)/python $(PEER)/$$peer \
	    && $(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(PEER)/$$peer/bin/python -r benchmarks/peers/$$peer.txt; \
	  } || { echo "$$peer does not install here, so it is left out."; rm -rf $(PEER)/$$peer; }; \
	done
	$(BIN)/python -m benchmarks --suite peers $(BENCH_ARGS)

.PHONY: bench-loader
bench-loader: install ## Measure the batches of a training loop, with PyTorch in its own environment
	$(PYTHON) -m venv $(TORCH)
	$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/loader.txt
	$(BIN)/python -m benchmarks --suite loader $(BENCH_ARGS)

.PHONY: check
check: install ## Check format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(MAKE) --no-print-directory --jobs 2 types types-of-macos

.PHONY: types
types:
	$(BIN)/pyright --warnings

.PHONY: types-of-macos
types-of-macos:
	$(BIN)/pyright --warnings --pythonplatform Darwin media_assets

# Run with uv, so that it is not a dependency. It asks the public index for advisories. Without --strict
# it would count packages without an answer as safe.
.PHONY: audit
audit: $(BIN)/uv ## Check locked dependencies for known vulnerabilities
	$(BIN)/python -m uv tool run pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

.PHONY: format
format: install ## Format the code, and fix what can be fixed safely
	$(BIN)/ruff check --fix-only --exit-zero
	$(BIN)/ruff format

.PHONY: docs
docs: install ## Build the documentation in build/docs, failing on any warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo 'Open build/docs/index.html.'

.PHONY: pictures
pictures: install ## Draw the pictures of README.md and docs/
	$(BIN)/python docs/pictures.py
	$(BIN)/python -m docs.trial_pictures
	$(BIN)/python -m docs.derived_pictures
	$(BIN)/python -m docs.readme_picture

# 3.11 is the oldest supported Python. pip needs the requested extras in the lock. No index address is
# recorded.
.PHONY: lock
lock: $(BIN)/uv ## Update requirements.lock and the servers' lock; LOCK_ARGS=--upgrade moves to newer versions
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --all-extras --group dev --no-strip-extras --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	  $(LOCK_ARGS) --output-file requirements.lock pyproject.toml
	cd media_assets_tests/servers && $(CURDIR)/$(BIN)/python -m uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' \
	  $(LOCK_ARGS) --output-file swift.lock swift.in

.PHONY: package
package: install ## Build wheel and sdist in dist/
	rm -rf dist
	$(BIN)/python -m hatchling build
	@sha256sum dist/* 2> /dev/null || shasum -a 256 dist/*

.PHONY: release-check
release-check: install ## Check that VERSION=0.2.0 can be published from this folder
	@$(BIN)/python -m media_assets_tests.release.version check $(VERSION) $(REPOSITORY)

# Everything up to the push, which publishes: the workflow `release` builds what is tagged, and sends it.
.PHONY: release
release: install ## Cut VERSION=0.2.0: changelog, version, .ci/run, package, commit and tag; pushes nothing
	@test -z "$$(git status --porcelain)" || { echo 'Commit or stash your changes first.' >&2; exit 1; }
	@$(BIN)/python -m media_assets_tests.release.version cut $(VERSION)
	@$(MAKE) --no-print-directory release-check VERSION=$(VERSION)
	$(RELEASE_CHECKS)
	@$(MAKE) --no-print-directory package
	git diff --quiet || git commit --quiet --all --message 'Release $(VERSION)'
	git tag --annotate --message 'media-assets $(VERSION)' v$(VERSION)
	@echo 'To publish it: git push origin HEAD v$(VERSION)'

.PHONY: clean
clean: ## Delete .venv, caches and build artefacts; keep images and Dagster's state
	rm -rf .venv .hypothesis .pytest_cache .ruff_cache build dist
	find media_assets media_assets_tests -type d -name __pycache__ -prune -exec rm -rf {} +
