#include "tests/control/host/namespaces.h"

#include <doctest/doctest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace ringway::tests {

using control::host::Family;
using control::host::InterfaceAddress;
using control::host::IpAddress;
using control::host::IpPrefix;
using control::host::NetnsHandle;

std::string shell(const std::string& command) {
    CAPTURE(command);
    std::string output;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> piece{};
    while (const std::size_t length = std::fread(piece.data(), 1, piece.size(), pipe)) {
        output.append(piece.data(), length);
    }
    const int status = ::pclose(pipe);
    CAPTURE(output);
    REQUIRE(status == 0);
    return output;
}

bool try_shell(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

TestNetns::TestNetns(std::string name)
    : name_(std::move(name)), handle_((shell("ip netns add " + name_), NetnsHandle::open(name_).value())) {
    ip("link set lo up");
}

TestNetns::~TestNetns() {
    try_shell("ip netns del " + name_);
}

void TestNetns::batch(const std::vector<std::string>& commands, bool force) const {
    std::string input;
    for (const std::string& command : commands)
        input += command + "\n";
    const std::string ip =
        fmt::format("( ip -n {} {} -batch - <<'END'\n{}END\n)", name_, force ? "-force" : "", input);
    if (force) {
        try_shell(ip);
    } else {
        shell(ip);
    }
}

void send_udp(const TestNetns& from, const std::string& to, std::uint16_t port, std::size_t bytes) {
    const bool v6 = address(to).family == Family::v6;
    const auto socket = with_netns(from.handle(), [&]() -> control::host::Result<control::FileDescriptor> {
        return control::FileDescriptor(::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));
    });
    REQUIRE(socket.has_value());
    const int traffic_class = kSenderTrafficClass;
    REQUIRE(::setsockopt(socket->get(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
                         &traffic_class, sizeof traffic_class) == 0);

    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* target = nullptr;
    addrinfo* any = nullptr;
    REQUIRE(::getaddrinfo(to.c_str(), std::to_string(port).c_str(), &hints, &target) == 0);
    REQUIRE(::getaddrinfo(v6 ? "::" : "0.0.0.0", std::to_string(kSenderPort).c_str(), &hints, &any) == 0);
    const std::vector<char> zeros(bytes);
    const bool bound = ::bind(socket->get(), any->ai_addr, any->ai_addrlen) == 0;
    const auto sent = ::sendto(socket->get(), zeros.data(), bytes, 0, target->ai_addr, target->ai_addrlen);
    ::freeaddrinfo(any);
    ::freeaddrinfo(target);
    REQUIRE(bound);
    REQUIRE(sent == static_cast<ssize_t>(bytes));
}

void join_by_veth(const TestNetns& a, const std::string& a_name, const TestNetns& b,
                  const std::string& b_name) {
    shell(fmt::format("ip -n {} link add {} type veth peer name {} netns {}", a.name(), a_name, b_name,
                      b.name()));
    a.ip("link set " + a_name + " up");
    b.ip("link set " + b_name + " up");
}

IpAddress address(const std::string& text) {
    const Family family = text.find(':') == std::string::npos ? Family::v4 : Family::v6;
    IpAddress address{.family = family};
    REQUIRE(inet_pton(family == Family::v4 ? AF_INET : AF_INET6, text.c_str(), address.bytes.data()) == 1);
    return address;
}

InterfaceAddress interface_address(const std::string& text) {
    const auto slash = text.find('/');
    return {address(text.substr(0, slash)), static_cast<std::uint8_t>(std::stoi(text.substr(slash + 1)))};
}

IpPrefix prefix(const std::string& text) {
    const InterfaceAddress parts = interface_address(text);
    return {parts.address, parts.prefix_length};
}

}  // namespace ringway::tests
