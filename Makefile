# Set-up is two commands: `make demo`, `make test`.  `make help` lists the rest.
SHELL       := /bin/bash
GO          ?= go
FUZZTIME    ?= 60s
# A Go that .ci/install-deps had to fetch.
export PATH := $(CURDIR)/bin/toolchain/bin:$(PATH)
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Real Portage beside us in `make bench`: a checkout of gentoo/portage.
PORTAGE_SRC ?=
# Tarballs for `make scenario`; without them they are taken from Debian's source packages.
DISTFILES ?=
# Metadata of a checkout of flatcar/scripts in `make bench` and `make score`.
FLATCAR_SCRIPTS ?=

.PHONY: help build demo test check fuzz bench score scenario install-deps clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

build: install-deps ## build bin/tumpline, and links to it by the names that it answers to
	@mkdir -p bin
	$(GO) build -o bin/tumpline ./cmd/tumpline
	@bin/tumpline install-links bin >/dev/null

demo: build ## resolve a request on the sample board in testdata/, then build and merge packages to it
	@testdata/sample/demo.sh bin/tumpline

test: install-deps ## run every test
	@.ci/install-test-tools
	@.ci/install-upstream
	$(GO) vet ./...
	$(GO) test ./...

check: install-deps ## gofmt, vet, staticcheck, and the rules of the project (floors, sizes, comments)
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not gofmt-clean:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test -count=1 .

fuzz: install-deps ## run each fuzz target for FUZZTIME
	@.ci/fuzz "$(GO)" "$(FUZZTIME)"

bench: build ## Go benchmarks, then whole processes beside real Portage where it is at hand
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) test -run '^TestUniverses$$' -v -timeout 60m ./resolver/verify -universes 10000
	$(GO) test -run '^TestRandom$$' -v -timeout 60m ./resolver/stages -worlds 100000
	@PORTAGE_SRC="$(PORTAGE_SRC)" FLATCAR_SCRIPTS="$(FLATCAR_SCRIPTS)" $(GO) run ./cmd/internal/bench bin/tumpline

score: build ## the measured state in one screen
	@FLATCAR_SCRIPTS="$(FLATCAR_SCRIPTS)" $(GO) run ./cmd/internal/score

scenario: build ## real packages on an empty board, an image, a sysext, beside what Portage made (needs root)
	@PORTAGE_SRC="$(PORTAGE_SRC)" FLATCAR_SCRIPTS="$(FLATCAR_SCRIPTS)" DISTFILES="$(DISTFILES)" $(GO) run ./cmd/internal/scenario bin/tumpline

install-deps: ## install Go, a C compiler (SQLite needs one) and bzip2 if they are missing
	@.ci/install-deps
	@.ci/install-bash

clean: ## remove what was built
	rm -rf bin
