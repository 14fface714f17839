#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "control/host/privileges.h"
#include "control/thread_signals.h"

using namespace ringway::control;
using namespace ringway::control::host;

namespace {

/// What the kernel says of the calling thread under `name` ("CapEff").
std::string status_of_thread(const std::string& name) {
    std::ifstream status("/proc/thread-self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
    }
    return {};
}

bool has_only(const std::string& capabilities) {
    return status_of_thread("CapEff") == capabilities && status_of_thread("CapPrm") == capabilities &&
           status_of_thread("CapBnd") == capabilities && status_of_thread("CapInh") == std::string(16, '0') &&
           status_of_thread("CapAmb") == std::string(16, '0') && status_of_thread("NoNewPrivs") == "1";
}

/// The status of a child process that runs `body`: what is given up there is not given up here.
template <typename Body>
int in_child(Body&& body) {
    const pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr const char* kNetAdminAndBind = "0000000000001400";
constexpr const char* kAll = "000000000020140b";

/// The thread sanitizer has a thread of its own, which no signal reaches.
#ifdef __SANITIZE_THREAD__
constexpr bool kOneIsDeaf = true;
#else
constexpr bool kOneIsDeaf = false;
#endif

}  // namespace

TEST_CASE("privileges are given up in all threads, whatever signals they block and whatever they wait in" *
          doctest::skip(kOneIsDeaf)) {
    CHECK(in_child([] {
              std::atomic<int> started{0};
              std::atomic<bool> dropped{false};
              std::atomic<int> bad{0};
              const auto look = [&] {
                  ++started;
                  while (!dropped)
                      (void)usleep(1000);
                  if (!has_only(kNetAdminAndBind)) ++bad;
              };
              std::thread plain(look);
              std::thread deaf([&] {
                  block_signals();
                  look();
              });
              while (started != 2)
                  std::this_thread::yield();
              if (!drop_privileges({})) return 1;
              dropped = true;
              plain.join();
              deaf.join();
              return bad == 0 && has_only(kNetAdminAndBind) && !check_privileges() ? 0 : 2;
          }) == 0);
}

TEST_CASE("privileges that are needed later stay" * doctest::skip(kOneIsDeaf)) {
    CHECK(in_child([] {
              if (!drop_privileges({.other_namespaces = true, .files_of_others = true})) return 1;
              return has_only(kAll) ? 0 : 2;
          }) == 0);
}

TEST_CASE("a thread that does not hear of it is named, and the others have obeyed") {
    CHECK(in_child([] {
              std::atomic<bool> started{false};
              std::atomic<bool> end{false};
              std::thread deaf([&] {
                  sigset_t all;
                  sigfillset(&all);
                  pthread_sigmask(SIG_BLOCK, &all, nullptr);
                  started = true;
                  while (!end)
                      (void)usleep(1000);
              });
              while (!started)
                  std::this_thread::yield();
              const auto result = drop_privileges({});
              end = true;
              deaf.join();
              const bool named =
                  !result && result.error().message().find("keeps its own") != std::string::npos;
              return named && has_only(kNetAdminAndBind) ? 0 : 1;
          }) == 0);
}
