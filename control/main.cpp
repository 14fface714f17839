// The gateway's command line: ringway --config FILE.

#include <fmt/format.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include "config/load.h"
#include "control/gateway.h"
#include "control/host/privileges.h"
#include "control/log/log.h"
#include "control/supervisor.h"
#include "control/version.h"
#include "crypto/self_test.h"

namespace {

using namespace ringway;

struct Arguments {
    std::filesystem::path config;
    bool check = false;
    bool self_test = false;
    bool no_console = false;
    bool insecure_key_files = false;
};

/// A descriptor that becomes readable on a signal we act upon; made before any thread, so that all
/// inherit the mask.
int open_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Nothing when the file has errors, which are then printed.
config::LoadResult load(const Arguments& arguments) {
    config::LoadResult result =
        config::load_file(arguments.config, {.insecure_key_files = arguments.insecure_key_files});
    if (!result) {
        for (const config::Problem& problem : result.error())
            fmt::print(stderr, "{}\n", problem.to_string());
    }
    return result;
}

/// Known answers on every path that this CPU can take. `print`: all of them, else what fails.
bool passes_self_test(bool print) {
    bool ok = true;
    for (const crypto::SelfTestResult& result : crypto::self_test()) {
        ok = ok && result.ok;
        if (print || !result.ok) fmt::print("self-test: {}: {}\n", result.path, result.ok ? "ok" : "failed");
    }
    return ok;
}

/// Begins anew with all functions of shared libraries looked up at the start. The loader would look for each
/// when it is first called, and save all vector registers on the stack meanwhile: parts of keys are in them.
void bind_at_start(char** argv) {
    const char* const told = std::getenv("LD_BIND_NOW");
    // Privileged by its file: then the loader may not hear of it, and we would begin for ever.
    if ((told != nullptr && *told != '\0') || getauxval(AT_SECURE) != 0) return;
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error || setenv("LD_BIND_NOW", "1", 1) != 0) return;
    (void)execv(self.c_str(), argv);
}

int run(const Arguments& arguments) {
    const int signals = open_signals();
    config::LoadResult configuration = load(arguments);
    if (!configuration) return 1;
    if (arguments.check) {
        fmt::print("{}: ok\n", arguments.config.string());
        return 0;
    }

    if (!passes_self_test(false))
        throw std::runtime_error("self-test failed: this CPU or build can't be trusted");
    control::value_or_throw(control::host::check_privileges());
    auto opened = control::Log::open(configuration->system.log);
    if (!opened) throw std::runtime_error(opened.error());
    control::Log& log = **opened;
    const control::Logger logger(log, "main");
    control::Gateway gateway(*configuration, arguments.config,
                             {.insecure_key_files = arguments.insecure_key_files}, log);
    // The gateway has the keys in locked memory now: here they have no business any more.
    configuration->tunnels.clear();
    bool stop = false;
    gateway.poller().add(signals, [&] {
        signalfd_siginfo info;
        while (read(signals, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
            if (info.ssi_signo == SIGHUP) {
                gateway.reload();
            } else if (info.ssi_signo == SIGUSR1) {
                gateway.log_counters();
            } else {
                stop = true;
            }
        }
    });
    gateway.open_console({.stdio = configuration->console.stdio && !arguments.no_console,
                          .socket = configuration->console.socket,
                          .stop = [&] { stop = true; }});
    gateway.drop_privileges(*configuration);
    logger.info("ready");
    control::tell_supervisor("READY=1");
    gateway.run([&] { return stop; });
    control::tell_supervisor("STOPPING=1");
    logger.info("stopping");
    gateway.drain();
    gateway.log_counters();
    return 0;
}

int parse_and_run(int argc, char** argv) {
    CLI::App app("Ringway, a WireGuard gateway on DPDK");
    Arguments arguments;
    app.add_option("--config", arguments.config, "the configuration file (YAML)")->type_name("FILE");
    app.add_flag("--check", arguments.check, "check the configuration, print every error, and exit: 0 or 1");
    app.add_flag("--self-test", arguments.self_test,
                 "run known answers through all code for this CPU, and exit: 0 or 1");
    app.add_flag("--no-console", arguments.no_console, "no console on standard input");
    app.add_flag("--insecure-key-files", arguments.insecure_key_files,
                 "take key files that group or others can read");
    app.set_version_flag("--version", std::string("ringway ") + ringway::kVersion);
    app.footer(
        "Signals: SIGHUP reads the file again, SIGUSR1 writes packet counts to the log, SIGTERM stops.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (arguments.self_test) return passes_self_test(true) ? 0 : 1;
    // Not CLI11's required(): that would hide a mistyped option behind it.
    if (arguments.config.empty()) {
        fmt::print(stderr, "--config FILE is required\nRun with --help for more information.\n");
        return 2;
    }
    if (!arguments.check) bind_at_start(argv);
    return run(arguments);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return parse_and_run(argc, argv);
    } catch (const std::system_error& error) {
        // That is all that std::thread says.
        const bool no_thread = error.code() == std::errc::resource_unavailable_try_again;
        (void)std::fprintf(stderr, "ringway: %s%s\n", error.what(),
                           no_thread ? ": no thread can be made (is there too little memory?)" : "");
        return 1;
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "ringway: %s\n", error.what());
        return 1;
    }
}
