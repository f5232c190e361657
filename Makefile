# make help lists what there is.

GO        ?= go
PREFIX    ?= /usr/local
DESTDIR   ?=
FUZZTIME  ?= 30s
BENCHFLAGS ?=
BIN       ?= bin
VERSION   ?=
LDFLAGS   ?= -s -w $(if $(VERSION),-X github.com/papyra-tools/papyra/internal/cli.version=$(VERSION))
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
COMMANDS  := $(notdir $(patsubst %/main.go,%,$(wildcard cmd/*/main.go)))

.PHONY: help build install test race lint fuzz torture bench demo testdata cross man deb scale clean

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

build: ## Build the binaries into bin/.
	@mkdir -p '$(BIN)'
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o '$(BIN)/' ./cmd/...

install: build ## Install them into $(DESTDIR)$(PREFIX)/bin.
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 0755 $(addprefix bin/,$(COMMANDS)) '$(DESTDIR)$(PREFIX)/bin/'

test: ## Run all tests.
	$(GO) test ./...

race: ## The tests of all packages that share memory, under the race detector; properties with fewer cases.
	CGO_ENABLED=1 $(GO) test -race -short $$(scripts/concurrent.sh)

lint: ## gofmt, go vet, the length of files; golangci-lint if it is installed.
	@scripts/lint.sh

fuzz: ## Run every fuzz target for $(FUZZTIME).
	@scripts/fuzz.sh $(FUZZTIME)

torture: ## The long versions of the crash, kill and race tests: hours.
	PAPYRA_TORTURE=1 PAPYRA_REQUIRE_TOOLS=1 $(GO) test -count=1 -timeout 0 -v -run 'Torture|Crash|Kill|Hammer|Fault|Live|Scan|Together|Beside|Salvage|BitFlips' \
		./internal/e2e/... ./internal/durable/... ./pkg/mend ./pkg/record

bench: build ## Measure, and rewrite docs/PERFORMANCE.md.
	$(GO) run ./scripts/bench $(BENCHFLAGS)

demo: ## A damaged log of a million records through the whole chain.
	@scripts/demo.sh

testdata: ## Make testdata/logs and testdata/README.md again.
	$(GO) run ./scripts/mktestdata

cross: ## Build and vet for every platform that is supported.
	@set -e; for p in $(PLATFORMS); do \
		echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build ./...; \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) vet ./...; \
	done

man: ## Man pages and shell completions into dist/.
	$(GO) run ./packaging/gen -out dist

deb: ## A Debian package into dist/: make deb VERSION=1.2.3
	packaging/deb/build.sh $(VERSION)

# SCALEFLAGS=-short tries every thirteenth place at which a connection can be cut instead of all.
scale: ## Build what is for many machines into bin/, and test it: scale/ is a module of its own.
	@mkdir -p '$(BIN)'
	cd scale && $(GO) mod tidy -diff && $(GO) vet ./... && CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o '$(abspath $(BIN))/' ./cmd/... && $(GO) test $(SCALEFLAGS) ./...

clean: ## Remove what was built.
	rm -rf bin dist coverage.out
