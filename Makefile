# make help lists what there is.

GO        ?= go
PREFIX    ?= /usr/local
DESTDIR   ?=
FUZZCOUNT ?= 200000x
BENCHFLAGS ?=
BIN       ?= bin
OUT       ?= dist
VERSION   ?=
COMMIT    ?= $(shell git rev-parse HEAD 2>/dev/null)
STAMP     := github.com/papyra-tools/papyra/internal/cli
LDFLAGS   ?= -s -w $(if $(VERSION),-X $(STAMP).version=$(VERSION) -X $(STAMP).commit=$(COMMIT))
# The time of everything in a package.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
# Everything is compiled in one way, so that nothing is compiled twice; and static, without the paths of this machine. Vet
# is a part of make lint, not of each test.
export CGO_ENABLED := 0
export GOFLAGS := $(shell $(GO) env GOFLAGS) -trimpath -vet=off
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
COMMANDS  := $(notdir $(patsubst %/main.go,%,$(wildcard cmd/*/main.go)))

.PHONY: help build install uninstall test race lint fuzz torture bench demo testdata cross man deb dist scale clean

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

build: ## Build the binaries into bin/.
	@mkdir -p '$(BIN)'
	$(GO) build -ldflags '$(LDFLAGS)' -o '$(BIN)/' ./cmd/...

MANDIR    ?= $(PREFIX)/share/man
BASHDIR   ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR    ?= $(PREFIX)/share/zsh/site-functions
FISHDIR   ?= $(PREFIX)/share/fish/vendor_completions.d
SCHEMADIR ?= $(PREFIX)/share/papyra/schemas
SCHEMAS   := $(wildcard packaging/schemas/*.json) internal/cli/settings.schema.json internal/step/maintain/logs.schema.json pkg/record/profile.schema.json
EXE        = $(shell $(GO) env GOEXE)

install: build ## Install them into $(DESTDIR)$(PREFIX)/bin, with man pages, completions and the schemas of reports.
	install -d $(foreach d,$(PREFIX)/bin $(MANDIR)/man1 $(BASHDIR) $(ZSHDIR) $(FISHDIR) $(SCHEMADIR),'$(DESTDIR)$(d)')
	install -m 0644 $(SCHEMAS) '$(DESTDIR)$(SCHEMADIR)/'
	install -m 0755 $(foreach c,$(COMMANDS),'$(BIN)/$(c)$(EXE)') '$(DESTDIR)$(PREFIX)/bin/'
	@set -e; t=$$(mktemp -d); trap 'rm -r "$$t"' EXIT; GOOS= GOARCH= $(GO) run -ldflags '$(LDFLAGS)' ./packaging/gen -out "$$t"; \
	install -m 0644 "$$t"/man/man1/* '$(DESTDIR)$(MANDIR)/man1/'; \
	install -m 0644 "$$t"/completions/bash/* '$(DESTDIR)$(BASHDIR)/'; \
	install -m 0644 "$$t"/completions/zsh/* '$(DESTDIR)$(ZSHDIR)/'; \
	install -m 0644 "$$t"/completions/fish/* '$(DESTDIR)$(FISHDIR)/'

uninstall: ## Remove what install brought.
	rm -rf '$(DESTDIR)$(SCHEMADIR)'
	rm -f $(foreach c,$(COMMANDS),'$(DESTDIR)$(PREFIX)/bin/$(c)' '$(DESTDIR)$(MANDIR)/man1/$(c).1' '$(DESTDIR)$(BASHDIR)/$(c)' \
		'$(DESTDIR)$(ZSHDIR)/_$(c)' '$(DESTDIR)$(FISHDIR)/$(c).fish')

test: ## Run all tests.
	$(GO) test ./...

# The race detector checks the use of unsafe pointers, too. The whole-program tests are left out: it would watch their
# drivers, not the programs; and tests in which several take turns in a simulated file system, one goroutine at a time.
# (Those are not for testtool.Long, for the mutants of internal/durable are judged under -short.) What uses unsafe or
# assembly, and what calls it most, has every such pointer on the heap.
race: export CGO_ENABLED := 1
race: ## All tests but those of whole programs under the race detector; properties with fewer cases.
	$(GO) test -race -short -skip 'TestThrough$$|AtEvery|FaultsOfStates|NoFaultIsPassedOver' $$($(GO) list ./... | grep -v -e /internal/e2e -e /internal/jsonscan -e /pkg/stream)
	$(GO) test -race -short -gcflags=github.com/papyra-tools/papyra/...=-d=checkptr=2 -skip CostNoAllocation ./internal/jsonscan ./pkg/stream

lint: ## gofmt, go vet, the length of files; golangci-lint if it is installed.
	@scripts/lint.sh

fuzz: ## Run every fuzz target with $(FUZZCOUNT) inputs.
	@scripts/fuzz.sh $(FUZZCOUNT)

torture: ## The long versions of the crash, kill and race tests: hours.
	PAPYRA_TORTURE=1 PAPYRA_REQUIRE_TOOLS=1 $(GO) test -count=1 -timeout 0 -v -run 'Torture|Hostile|Crash|Kill|Hammer|Fault|Live|Scan|Together|Beside|Salvage|BitFlips|Soak' \
		./internal/e2e/... ./internal/durable/... ./pkg/mend ./pkg/record

bench: build ## Measure, and rewrite docs/PERFORMANCE.md.
	$(GO) run ./scripts/bench $(BENCHFLAGS)

demo: ## A damaged log of a million records through the whole chain.
	@scripts/demo.sh

testdata: ## Make the damaged logs of testdata/logs and testdata/corpus again.
	$(GO) run ./scripts/mktestdata

cross: ## Build for every platform that is supported, and vet what is written for another system or processor.
	@set -e; for p in $(PLATFORMS); do \
		echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build ./cmd/...; \
	done; \
	for p in linux/arm64 darwin/arm64 windows/amd64; do \
		echo "vet $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) vet ./...; \
	done

man: ## Man pages and shell completions into dist/.
	$(GO) run ./packaging/gen -out dist

deb: ## A Debian package into dist/: make deb VERSION=1.2.3
	packaging/deb/build.sh $(VERSION)

dist: ## What a release consists of, into dist/: make dist VERSION=1.2.3
	GOFLAGS=-trimpath $(GO) run ./packaging/dist -version '$(VERSION)' -platforms '$(PLATFORMS)' -out '$(OUT)'

# SCALEFLAGS=-short tries every thirteenth place at which a connection can be cut instead of all.
scale: ## Build what is for many machines into bin/, and test it: scale/ is a module of its own.
	@mkdir -p '$(BIN)'
	cd scale && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) build -ldflags '$(LDFLAGS)' -o '$(abspath $(BIN))/' ./cmd/... && $(GO) test $(SCALEFLAGS) ./...

clean: ## Remove what was built.
	rm -rf bin dist coverage.out
