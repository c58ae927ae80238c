# What a developer runs. `make` alone lists it.
# Everything that a target needs and that is not installed yet, it installs itself (see setup.sh).

TARGET ?= x86_64-unknown-linux-gnu
CARGO_TARGET_DIR ?= target
SECONDS_EACH ?= 60
RELEASE = $(CARGO_TARGET_DIR)/$(TARGET)/release/log-center
# How the one static file is linked. It is also what the benches measure.
STATIC = -C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs
BENCH = RUSTFLAGS="$(STATIC)" cargo bench --locked --target $(TARGET) --bench reports

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## The program for this machine: target/release/log-center
	cargo build --release --locked

.PHONY: web
web: ## The dashboard, from web/ into web/dist, which is committed
	cd web && npm ci --no-audit --no-fund && npm run build

.PHONY: client-js
client-js: ## The JavaScript client, from clients/js/src; browser/log-center.js is committed
	cd clients/js && npm ci --no-audit --no-fund && npm run build

.PHONY: test
test: ## Every check; under 25 minutes on two cores
	tests/run.sh

.PHONY: test-all
test-all: ## Every check, then the long ones and the release file
	LOG_CENTER_TEST_LONG=1 tests/run.sh
	$(MAKE) release

.PHONY: test-kills
test-kills: ## 1,000 kills under load; nothing answered may be lost; 10 to 40 minutes
	tests/setup.sh
	cargo build --profile ci --locked
	LOG_CENTER_BIN=$(abspath $(CARGO_TARGET_DIR))/ci/log-center LOG_CENTER_TEST_KILLS=1000 \
		.venv/bin/python -m pytest -s tests/python/test_kills.py

.PHONY: test-storms
test-storms: ## Notifications under 1,000 decisions a second and 100 kills; about 30 minutes
	tests/setup.sh
	cargo build --profile ci --locked
	LOG_CENTER_BIN=$(abspath $(CARGO_TARGET_DIR))/ci/log-center LOG_CENTER_TEST_LONG=1 \
		.venv/bin/python -m pytest -s tests/python/test_storms.py

.PHONY: fuzz
fuzz: ## Made-up input for what reads input; SECONDS_EACH=3600 for long; the corpus grows
	tests/fuzz/run.sh $(SECONDS_EACH) grow

.PHONY: test-power
test-power: ## Power cuts at every moment of a recording; 5 to 15 minutes
	tests/setup.sh
	cargo build --profile ci --locked
	LOG_CENTER_BIN=$(abspath $(CARGO_TARGET_DIR))/ci/log-center LOG_CENTER_TEST_STATES=4000 \
		.venv/bin/python -m pytest -s tests/python/test_power.py

.PHONY: release
release: ## One static file for any Linux of this processor, checked
	RUSTFLAGS="$(STATIC)" cargo build --release --locked --target $(TARGET)
	tests/release.sh $(RELEASE)

.PHONY: deb
deb: release ## A Debian package of that file, in target/debian; DEBEMAIL names who made it
	packaging/debian.sh $(RELEASE) $(CARGO_TARGET_DIR)/debian

.PHONY: bench
bench: ## Speed, size and memory beside what bounds them, into docs/performance.md; under 10 minutes
	$(BENCH) -- --write

.PHONY: bench-all
bench-all: ## The same, with ten million events and ten minutes of load; one to two hours, 20 GB
	$(BENCH) -- --long --write

.PHONY: openapi
openapi: build ## docs/openapi.json, as the program answers it
	tests/openapi.sh $(CARGO_TARGET_DIR)/release/log-center > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json

.PHONY: fmt
fmt: ## Formats the Rust code
	cargo fmt --all

.PHONY: clean
clean: ## Removes everything that was built or installed here
	cargo clean
	rm -rf .venv clients/python/.venv tests/.cache web/node_modules tests/*/node_modules \
		clients/js/dist clients/js/node_modules clients/js/tests/*/node_modules
