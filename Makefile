# Two commands are all it takes: `make run` and `make test`. Both install what is missing, and say so.

HOST ?= 127.0.0.1
PORT ?= 9988
RELEASE = swift build -c release --scratch-path .build-release
SOURCES = Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources

# A wrong arrow between the rooms of the house is an error.
STRICT = --explicit-target-dependency-import-check error

.PHONY: run test unit-test browser-test bench lint format clean

run:
	.ci/setup run
	$(RELEASE) --product Gallery
	.build-release/release/Gallery --host $(HOST) --port $(PORT)

test: lint unit-test browser-test

unit-test:
	.ci/setup run
	swift build --build-tests $(STRICT)
	swift test --skip-build

browser-test:
	.ci/setup test
	swift build --product Gallery $(STRICT)
	GALLERY_BINARY=.build/debug/Gallery .build/browser-test/bin/pytest Tests/Browser

bench:
	.ci/setup bench
	Benchmarks/run $(BENCH)

lint:
	swift format lint --strict --recursive --parallel $(SOURCES)

format:
	swift format --in-place --recursive --parallel $(SOURCES)

clean:
	rm -rf .build .build-release Benchmarks/.build
