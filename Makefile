# Two commands are enough for a newcomer: make run and make test.
export GOFLAGS := -tags=duckdb_arrow
export CGO_ENABLED := 1

DEMO := demo-data
ADDR := 127.0.0.1:8080
PACKAGES := ./...

.PHONY: run test build browser pictures bench load fuzz kill kill-schedule lint clean

run: build ## build, fill a demo folder, and start the service with it; stop with Ctrl+C
	@if [ ! -f $(DEMO)/komhen.duckdb ]; then bin/komhen --data $(DEMO) demo --size small; fi
	@bin/komhen --data $(DEMO) serve --demo --addr $(ADDR)

build: ## bin/komhen
	go build -trimpath -o bin/komhen ./cmd/komhen

test: browser ## everything that must hold; under ten minutes
	go vet $(PACKAGES)
	go test -p 3 -timeout 40m ./web $(PACKAGES) # the longest first; it often waits for its browser, so two others go beside it
	cd web/oidctest && GOFLAGS="-mod=mod $(GOFLAGS)" go vet . && GOFLAGS="-mod=mod $(GOFLAGS)" go test .

browser: ## Chromium for the tests of the pages, where it is missing and may be installed
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; fi; \
	  command -v chromium >/dev/null || echo "NOTE: there is no Chromium, so the tests of the pages in a browser are skipped"; \
	fi

pictures: build browser ## a picture of every page, in pictures/
	@mkdir -p pictures
	KOMHEN_PICTURES=$(CURDIR)/pictures go test -count 1 -run 'TestEveryPage|TestNothingThere' ./web

bench: build ## the promises of speed and memory, as ratios measured in one run
	go build -o bin/bench ./cmd/bench
	bin/bench $(BENCHFLAGS)

load: build ## deadline night: 98 coordinators send while 50 people read
	go build -o bin/bench ./cmd/bench
	bin/bench -only service $(BENCHFLAGS)

FUZZTIME := 60s
fuzz: ## each fuzzer for FUZZTIME
	@set -e; for package in $$(go list $(PACKAGES)); do \
	  for name in $$(go test -list '^Fuzz' $$package | grep ^Fuzz || true); do \
	    echo "$$package $$name"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package; \
	  done; done

ROUNDS := 100
kill: build ## kill -9 at random moments of an import, ROUNDS times
	KOMHEN_KILL_ROUNDS=$(ROUNDS) go test -run 'TestKill$$' -count 1 -timeout 60m -v ./cmd/komhen

KILLS := 50
kill-schedule: build ## kill -9 in the middle of what the schedule makes and sends, KILLS times
	KOMHEN_KILL_ROUNDS=$(KILLS) go test -run 'TestKillSchedule$$' -count 1 -timeout 60m -v ./cmd/komhen

lint: ## go vet and staticcheck
	go vet $(PACKAGES)
	go tool staticcheck $(PACKAGES)

clean:
	rm -rf bin pictures $(DEMO)
