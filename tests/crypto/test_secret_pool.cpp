#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "crypto/keys.h"
#include "crypto/secret_pool.h"

using namespace ringway::crypto;

namespace {

struct Session {
    SymmetricKey send;
    SymmetricKey receive;
    std::uint8_t note = 0;
};

using Pool = SecretPool<Session>;

/// The kernel's flags of the mapping that holds `address`.
std::string mapping_flags(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        char dash = 0;
        std::istringstream words(line);
        if (words >> std::hex >> from >> dash >> to && dash == '-') inside = from <= wanted && wanted < to;
        if (inside && line.starts_with("VmFlags:")) return line + " ";
    }
    return "";
}

/// How a child process ends that runs `body`.
template <typename Body>
int status_of_child(Body body) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        std::signal(SIGABRT, SIG_DFL);  // doctest's handler would report the test
        fclose(stderr);
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

// The sanitizers answer mlock() themselves, without locking anything.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMlockLocks = false;
#else
constexpr bool kMlockLocks = true;
#endif

}  // namespace

TEST_CASE("an arena is locked into RAM, left out of core dumps, and empty in a child process") {
    SecretArena arena(10000);
    auto* const byte = static_cast<std::uint8_t*>(arena.carve(1, 1));
    *byte = 42;
    const std::string flags = mapping_flags(byte);
    CHECK((flags.find(" lo ") != std::string::npos) == kMlockLocks);
    CHECK(flags.find(" dd ") != std::string::npos);
    CHECK(flags.find(" wf ") != std::string::npos);
    CHECK(status_of_child([byte] { return static_cast<int>(*byte); }) == 0);
    CHECK(*byte == 42);
}

TEST_CASE("an arena hands out aligned pieces that do not overlap, and throws when it is used up") {
    SecretArena arena(4096);
    auto* const first = static_cast<std::uint8_t*>(arena.carve(3, 1));
    auto* const second = static_cast<std::uint8_t*>(arena.carve(100, 64));
    CHECK(reinterpret_cast<std::uintptr_t>(second) % 64 == 0);
    CHECK(second >= first + 3);
    CHECK_THROWS_AS((void)arena.carve(4096, 1), std::bad_alloc);
    CHECK_THROWS_AS((void)arena.carve(SIZE_MAX, 1), std::bad_alloc);
    CHECK(arena.carve(4096 - 164, 1) == second + 100);
    CHECK_THROWS_AS((void)arena.carve(1, 1), std::bad_alloc);
}

TEST_CASE("a pool hands out its capacity, then null, and takes objects back") {
    constexpr std::size_t kCapacity = 5;
    SecretArena arena(Pool::arena_bytes(kCapacity));
    Pool pool(arena, kCapacity);
    CHECK(pool.in_use() == 0);

    std::vector<Pool::Pointer> held;
    std::set<Session*> distinct;
    for (std::size_t i = 0; i < kCapacity; ++i) {
        held.push_back(pool.acquire());
        REQUIRE(held.back() != nullptr);
        CHECK(reinterpret_cast<std::uintptr_t>(held.back().get()) % 64 == 0);
        distinct.insert(held.back().get());
    }
    CHECK(distinct.size() == kCapacity);
    CHECK(pool.in_use() == kCapacity);
    CHECK(pool.acquire() == nullptr);

    Session* const returned = held[2].get();
    held[2].reset();
    CHECK(pool.in_use() == kCapacity - 1);
    held[2] = pool.acquire();
    CHECK(held[2].get() == returned);
    CHECK(pool.acquire() == nullptr);
}

TEST_CASE("a released object leaves only zeros, and the next one in its place is fresh") {
    SecretArena arena(Pool::arena_bytes(1));
    Pool pool(arena, 1);
    auto session = pool.acquire();
    std::ranges::fill(session->send.span(), std::uint8_t{0x11});
    std::ranges::fill(session->receive.span(), std::uint8_t{0x22});
    session->note = 0x33;
    const auto* const bytes = reinterpret_cast<const volatile std::uint8_t*>(session.get());
    session.reset();
    CHECK(std::all_of(bytes, bytes + sizeof(Session), [](std::uint8_t byte) { return byte == 0; }));
    CHECK(pool.acquire()->note == 0);
}

#ifndef NDEBUG
TEST_CASE("a second release of one object stops a debug build") {
    SecretArena arena(Pool::arena_bytes(2));
    Pool pool(arena, 2);
    auto session = pool.acquire();
    const int status = status_of_child([&] {
        session.get_deleter()(session.get());
        session.get_deleter()(session.get());
        return 0;
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
}
#endif
