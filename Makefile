# `make run` and `make test` are each enough on a fresh machine; `make help` lists the rest.

CARGO_FLAGS := --release --locked
BINARY      := target/release/khulosa
LIBTORCH_FOLDER := $(if $(LIBTORCH),$(LIBTORCH),$(CURDIR)/.libtorch)
VERSION     := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
DIST        := khulosa-$(VERSION)-$(shell uname -s | tr A-Z a-z)-$(shell uname -m)
PYTHON      ?= python3
MINUTES     ?= 80
SECONDS     ?= 600
SEED        ?= 1
THREADS     ?= 2
# A virtual environment of its own for what only developers need: fixtures, training, peers.
VENV        := .venv
# Models and runs of `make bench-peers`: 11 GB.
PEERS       := target/peers
ROUNDS      ?= 5
# Python's own client of the hub, with which the tests share a cache in both directions.
HUB_PYTHON  := $(CURDIR)/.venv-hub

.DEFAULT_GOAL := help
.PHONY: help tools setup build run test lint bench bench-peers fixtures docs dist test-spark test-pages soak fuzz deny train-pocket clean distclean

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

tools:
	@command -v cargo >/dev/null || { echo 'make: cargo is missing; install Rust from https://rustup.rs'; exit 1; }
	@command -v c++ >/dev/null || { echo 'make: a C++ compiler is missing; apt-get install g++'; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo 'make: python3 is missing; apt-get install python3 python3-pip'; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo 'make: pip is missing; apt-get install python3-pip'; exit 1; }

setup: tools  ## Fetch libtorch once (CUDA=1: with its CUDA packages); a LIBTORCH of yours is used as it is
	@$(PYTHON) scripts/libtorch.py .libtorch --cargo-config .cargo/config.toml $(if $(CUDA),--cuda)

build: setup  ## Build the program
	cargo build $(CARGO_FLAGS)

run: build  ## Summarise and translate the samples with the built-in model
	$(BINARY) run --job samples/khulosa.toml

test: lint $(HUB_PYTHON)/ready  ## Pass every check
	KHULOSA_TEST_PYTHON=$(PYTHON) PYTHONPATH=$(HUB_PYTHON) cargo test $(CARGO_FLAGS)
	$(PYTHON) training/corpus/check.py training/corpus/authored/*.jsonl
	@if command -v npm >/dev/null && [ -x "$${CHROMIUM:-/usr/bin/chromium}" ]; then $(MAKE) --no-print-directory test-pages; \
		else echo 'make: npm or Chromium is missing, so digests and the page of comparisons were not used in a browser'; fi

lint: setup  ## Formatting, clippy (pedantic), documentation, licences and advisories of dependencies
	cargo fmt --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	cargo check $(CARGO_FLAGS) --no-default-features
	@! cargo tree --locked --no-default-features --edges normal --prefix none | grep -E '^(ureq|rustls|native-tls|hyper|reqwest|socket2|tokio) ' \
		|| { echo 'make: a build without the feature fetch must hold no network code'; exit 1; }
	RUSTDOCFLAGS='-D warnings' cargo doc $(CARGO_FLAGS) --no-deps --document-private-items
	scripts/deny.sh

test-spark: build .venv-spark/ready  ## Run the Spark job on two workers of this machine and kill one of them
	@command -v java >/dev/null || { echo 'make: Java is missing; apt-get install openjdk-17-jre-headless'; exit 1; }
	.venv-spark/bin/python deploy/spark/check.py $(BINARY)

test-pages: build target/browser/ready  ## Use digests and a comparison's page in headless Chromium (CHROMIUM=/path/to/it), axe-core looking on
	cp scripts/browser/*.mjs target/browser/
	$(BINARY) run --job samples/khulosa.toml --out target/browser/run --fresh --progress none > /dev/null
	node target/browser/digest_check.mjs target/browser/run
	$(PYTHON) scripts/authored_set.py target/browser/set en ar
	$(BINARY) compare target/browser/set/articles.jsonl --limit 20 --to en,tg,ar --out target/browser/compared --sweep beams=1,4 \
		--similarity --pivot en > /dev/null
	node target/browser/report_check.mjs target/browser/compared/report.html target/browser

target/browser/ready: scripts/browser/package-lock.json
	@command -v npm >/dev/null || { echo 'make: npm is missing; apt-get install npm'; exit 1; }
	mkdir -p $(@D)
	cp scripts/browser/package.json scripts/browser/package-lock.json $(@D)
	npm ci --silent --ignore-scripts --prefix $(@D)
	touch $@

.venv-spark/ready: deploy/spark/requirements.txt
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/pip install --quiet --disable-pip-version-check -r deploy/spark/requirements.txt
	touch $@

deny: tools  ## Licences, bans and sources of the dependencies; advisories where their database can be reached
	scripts/deny.sh

fuzz: setup  ## Give every reader almost-right bytes (SECONDS=600 each, SEED=1); what it fails on is kept in fuzz/crashes
	FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$(SEED) cargo test $(CARGO_FLAGS) --test fuzz -- --nocapture --test-threads=$(THREADS)

soak: build  ## The long test: thousands of articles, killed at random, compared with an undisturbed run
	scripts/soak

docs: setup  ## Build the API documentation into target/doc, man pages and completions into target/share
	cargo doc $(CARGO_FLAGS) --no-deps
	cargo build $(CARGO_FLAGS)
	$(BINARY) man target/share/man
	mkdir -p target/share/completions
	for shell in bash zsh fish; do $(BINARY) completions $$shell > target/share/completions/khulosa.$$shell || exit 1; done

dist: build  ## Make a relocatable tarball in dist/
	rm -rf dist/$(DIST)
	mkdir -p dist/$(DIST)/lib dist/$(DIST)/models
	install -s -m 755 $(BINARY) dist/$(DIST)/khulosa
	cp -P $(LIBTORCH_FOLDER)/lib/*.so* dist/$(DIST)/lib/ 2>/dev/null || cp -P $(LIBTORCH_FOLDER)/lib/*.dylib dist/$(DIST)/lib/
	cp -R models/* dist/$(DIST)/models/
	cp -R prompts samples docs deploy LICENSE README.md CHANGELOG.md dist/$(DIST)/
	tar -C dist -czf dist/$(DIST).tar.gz $(DIST)
	@echo dist/$(DIST).tar.gz

bench: setup  ## Measure the engines on the built-in model and print ratios
	cargo build $(CARGO_FLAGS) --bench speed
	$(PYTHON) benches/compare.py "$$(ls -t target/release/deps/speed-* | grep -v '\.d$$' | head -n 1)"

bench-peers: setup $(VENV)-peers/ready  ## Measure this and its peers (transformers, CTranslate2, rust-bert); takes hours (ROUNDS=5)
	cargo build $(CARGO_FLAGS) --bench speed --bench rust_bert
	$(VENV)-peers/bin/python benches/peers/models.py $(PEERS)
	$(VENV)-peers/bin/python benches/peers.py $(PEERS) --rounds $(ROUNDS) \
		--khulosa "$$(ls -t target/release/deps/speed-* | grep -v '\.d$$' | head -n 1)" \
		--rust-bert "$$(ls -t target/release/deps/rust_bert-* | grep -v '\.d$$' | head -n 1)"

fixtures: $(VENV)/ready  ## Make the parity and tokenizer fixtures anew with transformers
	$(VENV)/bin/python scripts/fixtures.py
	$(VENV)/bin/python scripts/tokenizer_fixtures.py
	$(VENV)/bin/python scripts/metric_fixtures.py
	$(VENV)/bin/python scripts/spbleu_fixtures.py

$(VENV)/ready: training/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r training/requirements.txt
	touch $@

$(VENV)-peers/ready: benches/peers/requirements.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/pip install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
	touch $@

$(HUB_PYTHON)/ready: | tools
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(HUB_PYTHON) huggingface_hub==0.36.2
	touch $@

train-pocket: $(VENV)/ready  ## Train the built-in model anew (MINUTES=80; PUBLIC=DIR adds public text)
	cd training && for step in "train.py --run run --minutes $(MINUTES) $(if $(PUBLIC),--public $(abspath $(PUBLIC)))" "export.py --run run --out ../models/pocket" \
		"score.py --model ../models/pocket --card ../models/pocket/README.md" "curves.py --run run"; do ../$(VENV)/bin/python $$step || exit 1; done

clean:  ## Remove what was built; libtorch stays
	rm -rf target dist out

distclean: clean  ## Remove libtorch and the virtual environments too
	rm -rf .libtorch .cargo .tools $(VENV) $(HUB_PYTHON) .venv-spark
