# Sekisho: the front door. The build itself is meson's.
BUILD ?= build
CHECKED = $(BUILD)/checked
RELEASE = $(BUILD)/release
PREFIX ?= /usr/local

.PHONY: all run test bench fuzz fuzz-proof coverage windows deb install clean
all: $(RELEASE)/build.ninja
	@ninja -C $(RELEASE) --quiet

run: ## installs what is missing, builds, sends the example mails through the gate
	@tools/install-deps build
	@$(MAKE) --no-print-directory all
	@tools/run-examples $(RELEASE)

test: ## all tests: release (gcc) and with sanitizers (clang)
	@tools/install-deps build test
	@$(MAKE) --no-print-directory $(RELEASE)/build.ninja $(CHECKED)/build.ninja
	@tools/run-tests $(RELEASE) $(CHECKED)

bench: ## speed and memory against the peers that are installed, as ratios
	@tools/install-deps build
	@$(MAKE) --no-print-directory all
	@bench/run $(RELEASE)

fuzz: ## every fuzzer for FUZZ_SECONDS each (60)
	@tools/install-deps build test
	@tools/run-fuzzers $(BUILD)/fuzz

fuzz-proof: ## plants a memory error in each format, in a copy: the fuzzers must find them
	@tools/install-deps build test
	@tools/check-fuzzers

coverage: ## line coverage of the tests and the fuzz corpora
	@tools/install-deps build test coverage
	@tools/run-coverage $(BUILD)/coverage

windows: ## compiles the rooms that the Windows agent will use
	@tools/install-deps build windows
	@tools/build-windows $(BUILD)/windows

deb: ## Debian packages in build/deb
	@tools/install-deps build deb
	@tools/build-deb $(BUILD)/deb

install: all
	@DESTDIR="$(DESTDIR)" meson install -C $(RELEASE) --no-rebuild --quiet

clean:
	@rm -rf $(BUILD)

$(RELEASE)/build.ninja:
	@CC=gcc meson setup $(RELEASE) --prefix $(PREFIX) -Dbuildtype=release -Ddebug=true >$(BUILD)-setup.log 2>&1 || { cat $(BUILD)-setup.log; exit 1; }
	@rm -f $(BUILD)-setup.log

$(CHECKED)/build.ninja:
	@CC=clang-14 meson setup $(CHECKED) -Db_sanitize=address,undefined -Dbuildtype=debugoptimized >$(BUILD)-setup.log 2>&1 || { cat $(BUILD)-setup.log; exit 1; }
	@rm -f $(BUILD)-setup.log
