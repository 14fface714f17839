#pragma once

#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::tests {

/// Runs a shell command and fails the test if it fails. Returns what it printed.
std::string shell(const std::string& command);
/// The same, but the command may fail: true if it did not.
bool try_shell(const std::string& command);

/// A network namespace that ip-netns(8) knows by `name`, with loopback up, for one test.
class TestNetns {
  public:
    explicit TestNetns(std::string name);
    ~TestNetns();
    TestNetns(const TestNetns&) = delete;
    TestNetns& operator=(const TestNetns&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const control::host::NetnsHandle& handle() const { return handle_; }
    /// ip(8) within it: ip("addr add {} dev {}", ...).
    std::string ip(const std::string& command) const { return shell("ip -n " + name_ + " " + command); }
    /// Several ip(8) commands at once, each of which must succeed; with `force`, may fail.
    void batch(const std::vector<std::string>& commands, bool force = false) const;
    /// Any command within it.
    std::string run(const std::string& command) const {
        return shell("ip netns exec " + name_ + " " + command);
    }

  private:
    std::string name_;
    control::host::NetnsHandle handle_;
};

/// Joins two namespaces by a veth pair, `a_name` in `a` and `b_name` in `b`, both up.
void join_by_veth(const TestNetns& a, const std::string& a_name, const TestNetns& b,
                  const std::string& b_name);

inline constexpr std::uint16_t kSenderPort = 4000;
inline constexpr std::uint8_t kSenderTrafficClass = 2;  // ECT(0)
/// Sends a UDP datagram of `bytes` zeros from kSenderPort with kSenderTrafficClass.
void send_udp(const TestNetns& from, const std::string& to, std::uint16_t port, std::size_t bytes);

[[nodiscard]] control::host::IpAddress address(const std::string& text);
[[nodiscard]] control::host::IpPrefix prefix(const std::string& text);
[[nodiscard]] control::host::InterfaceAddress interface_address(const std::string& text);

/// True as soon as `condition()` is, called again whenever `fd` is readable; false after a long while.
template <typename Condition>
[[nodiscard]] bool eventually(int fd, Condition&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
        ::poll(&readable, 1, 100);
    }
    return true;
}

}  // namespace ringway::tests
