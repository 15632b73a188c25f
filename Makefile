# Two commands are all it takes: `make run` and `make test`. Both install what is missing, and say so.

HOST ?= 127.0.0.1
PORT ?= 9988
# Where `make run` keeps rooms and sessions: memory, sqlite:FILE or redis://HOST:PORT.
STORE ?= sqlite:.build/gallery.sqlite
RELEASE = swift build -c release --scratch-path .build-release
SOURCES = Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Values
# What browsers run, but for jQuery itself.
SCRIPTS = $(filter-out statics/jquery-%,$(wildcard Sources/Rooms/CarafeRooms/Browser/*.*s statics/*.js Templates/parts/*.js Examples/Chat/statics/*.js))
# `make run TLS=1` serves https with a self-made certificate.
SECURE = $(if $(TLS),--certificate .build/tls/certificate.pem --key .build/tls/key.pem)
TEST_SERVER = .build-release/release/TestServer
CHAOS_SERVER = .build/debug/TestServer

# All tests begin at once unless they are told otherwise. Then each takes as long as all of them, and on a busy machine the
# limits of a server under test (10 seconds for a head, 20 between pings) come before the test does.
FEW_AT_ONCE = --experimental-maximum-parallelization-width 8

# How the sanitizers are set. A report ends its process with a status of its own.
TSAN = suppressions=$(CURDIR)/Tests/Races/races.txt exitcode=66 second_deadlock_stack=1
ASAN = detect_leaks=1 detect_stack_use_after_return=0
LSAN = suppressions=$(CURDIR)/Tests/Races/leaks.txt

# An import that points to a floor below is an error.
STRICT = --explicit-target-dependency-import-check error

.PHONY: run run-cluster test test-recovery unit-test plugin-test snippet-test browser-test peer-test conformance soak chaos chaos-sample fuzz race-test memory-test bench lint format clean

run:
	.ci/setup run
	$(if $(TLS),.ci/setup tls && .ci/certificate .build/tls)
	$(RELEASE) --product Gallery
	mkdir -p .build
	.build-release/release/Gallery --host $(HOST) --port $(PORT) --store $(STORE) $(SECURE)

# The gallery as three processes on one Redis, with nginx in front.
run-cluster:
	.ci/setup cluster
	$(RELEASE) --product Gallery
	.ci/cluster .build-release/release/Gallery --host $(HOST) --port $(PORT)

test: lint unit-test plugin-test snippet-test browser-test peer-test chaos-sample

unit-test:
	.ci/setup peers
	swift build --build-tests $(STRICT)
	swift test --skip-build $(FEW_AT_ONCE)

# The package in Examples/Plugin, which sees public calls only. It takes this package's versions of the dependencies, so that
# it can build in the same folder: SwiftNIO and Carafe are not compiled a second time.
plugin-test:
	.ci/setup run
	swift package resolve
	cp Package.resolved Examples/Plugin
	swift test --package-path Examples/Plugin --scratch-path .build --force-resolved-versions

# Every Swift block and command of the documents.
snippet-test:
	.ci/setup peers
	swift build --build-tests $(STRICT)
	Tests/Snippets/run .build/debug

browser-test:
	.ci/setup test
	swift build --product Gallery $(STRICT)
	swift build --product Guestbook $(STRICT)
	swift build --product TestServer $(STRICT)
	GALLERY_BINARY=.build/debug/Gallery .build/browser-test/bin/pytest Tests/Browser

# Foreign clients, and the short forms of the conformance suite and of the soak.
peer-test:
	.ci/setup peers
	swift build --product TestServer $(STRICT)
	Tests/Conformance/run .build/debug/TestServer --sample
	Tests/Soak/run .build/debug/TestServer --connections 2000
	Tests/Soak/stop .build/debug/TestServer --connections 1000

# The law of rooms, nothing lost and nothing twice, in 100,000 drawn schedules: some minutes.
test-recovery:
	.ci/setup run
	swift build --build-tests $(STRICT)
	RECOVERY_SCHEDULES=100000 swift test --skip-build --filter RoomRecoveryTests

# Every case of the Autobahn suite: a quarter of an hour.
conformance:
	.ci/setup peers
	$(RELEASE) --product TestServer
	Tests/Conformance/run $(TEST_SERVER) $(CONFORMANCE)

# The Swift tests under ThreadSanitizer: half an hour. Tests/Races/README.md says how it comes to see Swift's locks.
race-test:
	.ci/setup peers
	RACE_TEST=1 swift build --build-tests --sanitize thread --scratch-path .build-race
	RACE_TEST=1 RECOVERY_SCHEDULES=40 TSAN_OPTIONS="$(TSAN)" swift test --skip-build --sanitize thread --scratch-path .build-race $(FEW_AT_ONCE)

# The same under AddressSanitizer and LeakSanitizer. Swift's own report of a crash reads the stack, which is a report too.
memory-test:
	.ci/setup peers
	swift build --build-tests --sanitize address --scratch-path .build-memory
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS="$(ASAN)" LSAN_OPTIONS="$(LSAN)" swift test --skip-build --sanitize address --scratch-path .build-memory $(FEW_AT_ONCE)

# 100,000 connections used and broken in every way, then 10,000 at a server's stop.
soak:
	.ci/setup peers
	$(RELEASE) --product TestServer
	Tests/Soak/run $(TEST_SERVER) $(SOAK)
	Tests/Soak/stop $(TEST_SERVER)

# Real processes under faults, on each store: a quarter of an hour. `make chaos CHAOS="--seed 7"` draws the faults of another run again.
chaos:
	.ci/setup peers
	swift build --product TestServer $(STRICT)
	Tests/Chaos/run $(CHAOS_SERVER) --store memory --seconds 60 $(CHAOS)
	Tests/Chaos/run $(CHAOS_SERVER) --store sqlite --seconds 120 $(CHAOS)
	Tests/Chaos/run $(CHAOS_SERVER) --store redis --sync everysec --seconds 240 $(CHAOS)
	Tests/Chaos/run $(CHAOS_SERVER) --store redis --sync always --seconds 120 $(CHAOS)
	Tests/Chaos/run $(CHAOS_SERVER) --store redis --mutations --seconds 20 $(CHAOS)

# Its short form, which holds on a busy machine: the harness on itself, the mutations, and a minute of three nodes.
chaos-sample:
	.ci/setup peers
	swift build --product TestServer $(STRICT)
	Tests/Chaos/sample $(CHAOS_SERVER)

# A minute for each target.
fuzz:
	.ci/setup run
	Tests/Fuzz/run $(FUZZ)

bench:
	.ci/setup bench
	Benchmarks/run $(BENCH)

lint:
	.ci/setup lint
	swift format lint --strict --recursive --parallel $(SOURCES)
	.ci/words
	.build/lint/bin/oxfmt --config .ci/oxfmt.json --check $(SCRIPTS)
	.build/lint/bin/oxlint --config .ci/oxlint.json --deny-warnings $(SCRIPTS)

format:
	.ci/setup lint
	swift format --in-place --recursive --parallel $(SOURCES)
	.build/lint/bin/oxfmt --config .ci/oxfmt.json $(SCRIPTS)

clean:
	rm -rf .build .build-release .build-fuzz .build-race .build-memory Benchmarks/.build
