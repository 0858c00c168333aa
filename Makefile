# `make test` does all that testing needs, installing what is missing, and runs everything.

WEB := server/web
# Web checks run on their own, so the tests' binary embeds the page built here instead of building it again.
export SHEAF_WEB_DIST := $(abspath $(WEB)/dist)
export CHROMIUM ?= /usr/bin/chromium
# Tests have polars, the oracle of our own loops; the shipped binary is built without it (docs/decisions/003).
FEATURES := --features server/polars
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: test tools web format lint rust fuzz doc examples browser audit demo bench

test: tools web format lint rust fuzz doc examples browser

demo:
	env -u SHEAF_WEB_DIST cargo run --release -- demo

# What a fresh machine lacks: a browser, fonts for Chinese, nextest, npm packages.
tools:
	@command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	@test -x $(CHROMIUM) || (apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk)
	@cd $(WEB) && { test node_modules/.package-lock.json -nt package-lock.json || npm ci --prefer-offline --no-audit --no-fund; }

web: tools
	cd $(WEB) && npm run check && npm run build

format:
	cargo fmt --all --check

lint: web
	cargo clippy --workspace --all-targets $(FEATURES) -- -D warnings

rust: web
	cargo nextest run --workspace $(FEATURES) --no-fail-fast

# About a minute of formulas that nobody wrote; the tests themselves look at a few hundred.
fuzz: rust
	PROPTEST_CASES=1000 cargo nextest run --workspace $(FEATURES) -E 'package(formulas) & (binary(fuzz) | binary(properties))'

doc: web
	cargo test --workspace $(FEATURES) --doc
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace $(FEATURES) --no-deps --document-private-items

# Both use what the tests built: asking for one package alone would choose other features and build polars again.
examples: rust
	cargo build --workspace --all-targets $(FEATURES)
	$(TARGET)/debug/examples/embed
	$(TARGET)/debug/examples/campaign

browser: rust
	cargo build --workspace --all-targets $(FEATURES)
	cd $(WEB) && SHEAF_BIN=$(abspath $(TARGET))/debug/sheaf npm run e2e

# Advisories and licences; apart from `make test`, since the tool takes long to build.
audit:
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check

bench:
	cargo run --release -p benches
