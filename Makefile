# `make help` says what there is to make.
SHELL = /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
BIN = .build/release
ROOT = $(DESTDIR)$(PREFIX)
# What only a debugger reads is two fifths of the programs.
INSTALL_PROGRAM = install $(if $(shell command -v strip),-s) -m 755

.PHONY: help build demo test test-crash test-vm bench bench-history soak fuzz lint install clean tools-build \
    tools-demo tools-test tools-bench tools-soak tools-vm tools-fuzz

help:
	@echo 'make demo      build, then run the examples on a new spool and compare their results'
	@echo 'make test      build, then run all tests'
	@echo "make test-crash   every point of every scenario of the crash matrix (an hour); CASE='SCENARIO|POINT' or CASE=SCENARIO"
	@echo 'make test-vm   build, then limits by cgroup, attacks and power cuts in a Debian guest under qemu (VM_CUTS=200: an hour)'
	@echo 'make bench     build, then measure (BENCH_SHORT=1: a minute or two instead of many)'
	@echo 'make bench-history   build, then fill a history and sweep, and measure (BENCH_ROWS=N, BENCH_SHORT=1; else an hour)'
	@echo 'make soak      build, then drop and kill at random for minutes and prove that nothing is lost (SOAK_SHORT=1, SOAK_SEED=N)'
	@echo 'make fuzz      build another way, then look for bytes that break a reader (TARGET=manifest, FUZZ_SECONDS=60 for each)'
	@echo 'make build     the programs, optimised, in $(BIN)'
	@echo 'make install   to PREFIX=$(PREFIX), below DESTDIR'
	@echo 'make lint      the format of the sources, the shell scripts, the shape of the tree'
	@echo 'make clean     remove everything that was built'
	@echo 'On Debian, missing packages are installed by apt: as root, or by sudo.'

# A static pattern rule: make looks for no implicit rule for a phony target, so a plain `tools-%:` would never run.
tools-build tools-demo tools-test tools-bench tools-soak tools-vm tools-fuzz: tools-%:
	@packaging/ensure-tools.sh $(sort build $*)

build: tools-build
	$(SWIFT) build -c release
	packaging/check-release.sh $(BIN)

demo: tools-demo
	$(SWIFT) build -c release
	examples/demo.sh

# The system tests start the programs of the same debug build, so everything is built before the first test runs.
test: tools-test
	$(SWIFT) build --build-tests
	Tests/examples/standalone.sh
	$(SWIFT) test --disable-xctest --experimental-maximum-parallelization-width 6

test-crash: tools-test
	$(SWIFT) build --build-tests
	BOBBIN_CRASH='$(or $(CASE),all)' $(SWIFT) test --skip-build --disable-xctest --filter CrashMatrixTests

test-vm: tools-vm
	$(SWIFT) build -c release
	$(SWIFT) build --build-tests
	python3 Tests/vm/control_groups.py
	python3 Tests/vm/attacks.py
	python3 Tests/vm/power_cuts.py

bench: tools-bench
	$(SWIFT) build -c release
	python3 Tests/bench/bench.py
	python3 Tests/bench/environments.py

bench-history: tools-bench
	$(SWIFT) build -c release
	python3 Tests/bench/bench_history.py
	python3 Tests/bench/sweep.py

soak: tools-soak
	$(SWIFT) build -c release
	python3 Tests/soak/soak.py

# Instrumented and with an address sanitizer, in a directory of its own: no other build has to begin anew. The C in it is a
# cryptography library of which nothing is tried.
fuzz: tools-fuzz
	BOBBIN_FUZZ=1 $(SWIFT) build -c release --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer,address -Xcc -O0 \
	    --product bobbin-fuzz
	Tests/fuzz/fuzz.sh $(TARGET)

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	packaging/check-tree.sh

# Builds nothing: `make build`, then `sudo make install`.
install:
	@test -x $(BIN)/bobbind || { echo 'run "make build" first' >&2; exit 1; }
	install -d $(ROOT)/bin $(ROOT)/libexec/bobbin $(ROOT)/share/doc/bobbin/docs $(ROOT)/lib/systemd/system \
	    $(ROOT)/lib/sysusers.d $(ROOT)/lib/tmpfiles.d
	$(INSTALL_PROGRAM) $(BIN)/bobbind $(BIN)/bobbin $(ROOT)/bin/
	$(INSTALL_PROGRAM) $(BIN)/bobbin-launcher $(BIN)/bobbin-unpack $(BIN)/bobbin-validate \
	    $(ROOT)/libexec/bobbin/
	install -m 644 README.md LICENSE spool/bobbin.yaml $(ROOT)/share/doc/bobbin/
	install -m 644 docs/*.md $(ROOT)/share/doc/bobbin/docs/
	cp -R examples $(ROOT)/share/doc/bobbin/
	sed 's|/usr/local|$(PREFIX)|g' packaging/bobbin.service >$(ROOT)/lib/systemd/system/bobbin.service
	chmod 644 $(ROOT)/lib/systemd/system/bobbin.service
	install -m 644 packaging/bobbin.sysusers $(ROOT)/lib/sysusers.d/bobbin.conf
	install -m 644 packaging/bobbin.tmpfiles $(ROOT)/lib/tmpfiles.d/bobbin.conf

clean:
	@if [ -L .build/demo ]; then rm -rf "$$(realpath -m .build/demo)"; fi
	rm -rf .build
