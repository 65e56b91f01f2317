# Wardwatch. `make demo` runs it, `make test` checks everything; both set up what they need.

CACHE        ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wardwatch
INFLUXD_V    := 1.8.10
STATICCHECK_V:= v0.8.2
INFLUXD      := $(CACHE)/influxd-$(INFLUXD_V)/influxd
STATICCHECK  := $(CACHE)/staticcheck-$(STATICCHECK_V)/staticcheck
ORT_V        := 1.24.3
ORT          := $(CACHE)/onnxruntime-$(ORT_V)
PYTHON       := $(CACHE)/training-$(shell cksum training/requirements.txt 2>/dev/null | cut -d' ' -f1)
RECEIVERS    := $(CACHE)/receivers-$(shell cksum test/receivers/requirements.txt 2>/dev/null | cut -d' ' -f1)
BIN          := bin/wardwatch
ARGS         ?=
VERSION      := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)

export WARDWATCH_INFLUXD := $(INFLUXD)
export WARDWATCH_ONNX_LIB := $(ORT)/libonnxruntime.so.1
export WARDWATCH_PYTHON := $(PYTHON)/bin/python
export WARDWATCH_RECEIVERS := $(RECEIVERS)/bin/python

.PHONY: build demo demo-influx test check race e2e web web-deps web-check bench soak fuzz packages onnxruntime training training-test clean

## The program, and the shared library that its models need; without that the charts work alone.
build:
	-@scripts/onnxruntime $(ORT_V) $(ORT)
	CGO_ENABLED=1 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN) ./cmd/wardwatch

## A simulated ward of 24 beds; the address is printed. ARGS adds flags, see ARGS=--help.
demo: build
	$(BIN) demo $(ARGS)

## The same with a real InfluxDB beside it.
demo-influx: build $(INFLUXD)
	scripts/packages curl
	scripts/with-influxd $(INFLUXD) $(BIN) demo $(ARGS)

## Everything: lint, unit and property tests under the race detector, real servers, a real browser.
test: packages $(INFLUXD) onnxruntime check training-test race e2e

check: $(STATICCHECK) web-check
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	CGO_ENABLED=0 go build -o /dev/null ./...

race: onnxruntime $(PYTHON)/bin/python $(RECEIVERS)/bin/python
	go test -race -timeout 15m ./...

## The whole product: crashes, full disks, real brokers, real data, a real browser.
e2e: build web-deps onnxruntime $(PYTHON)/bin/python $(RECEIVERS)/bin/python
	go test -count=1 -tags e2e -timeout 25m ./test/e2e/...
	go test -count=1 -tags e2e -timeout 10m -run TestOutlook ./dashboard

web: web-deps
	cd dashboard/web && npm run build

web-deps: dashboard/web/node_modules/.package-lock.json
dashboard/web/node_modules/.package-lock.json: dashboard/web/package-lock.json
	cd dashboard/web && npm ci --ignore-scripts --no-audit --no-fund

## Types, catalogue, size, and that the committed build is the build of the committed source.
web-check: web-deps
	cd dashboard/web && npm run check
	scripts/web-is-built

## The shared library that runs the learned models.
onnxruntime:
	scripts/onnxruntime $(ORT_V) $(ORT)

## Trains every model anew from WARDWATCH_TESTDATA: see training/README.md.
training: $(PYTHON)/bin/python
	cd training && $(PYTHON)/bin/python -m wardwatch_training.train

training-test: $(PYTHON)/bin/python
	cd training && $(PYTHON)/bin/python -m pytest -q

$(PYTHON)/bin/python: training/requirements.txt
	python3 -m venv $(PYTHON)
	$(PYTHON)/bin/pip install --quiet --requirement training/requirements.txt

## Receivers of notices that are not our code, for the tests of the channels.
$(RECEIVERS)/bin/python: test/receivers/requirements.txt
	python3 -m venv $(RECEIVERS)
	$(RECEIVERS)/bin/pip install --quiet --requirement test/receivers/requirements.txt

bench: build onnxruntime
	go run ./test/bench $(ARGS)

## The long forms of the tests: minutes to hours.
soak: packages $(INFLUXD) onnxruntime build $(PYTHON)/bin/python
	WARDWATCH_SEQUENCES=100000 go test -count=1 -timeout 3h -run TestSequences -v ./alerts
	WARDWATCH_SOAK=1 go test -count=1 -tags e2e -timeout 3h -v ./test/e2e/...

fuzz:
	scripts/fuzz 30s

packages:
	scripts/packages mosquitto chromium strace fonts-noto-core python3 python3-venv orthanc orthanc-dicomweb dcmtk exim4-daemon-light poppler-utils

$(INFLUXD):
	mkdir -p $(@D) && cd $(@D) && GOBIN=$(@D) GOFLAGS= go install github.com/influxdata/influxdb/cmd/influxd@v$(INFLUXD_V)

$(STATICCHECK):
	mkdir -p $(@D) && cd $(@D) && GOBIN=$(@D) GOFLAGS= go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_V)

clean:
	rm -rf bin
