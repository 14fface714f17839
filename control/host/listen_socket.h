#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "control/file_descriptor.h"
#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// What a ListenSocket received.
struct Datagram {
    std::span<std::uint8_t> payload;  ///< within the caller's buffer
    IpAddress source;
    std::uint16_t source_port = 0;  ///< host order
    IpAddress destination;
    InterfaceIndex interface = 0;    ///< where the kernel took it in
    std::uint8_t traffic_class = 0;  ///< TOS or traffic class, ECN included
};

/// A tunnel's listen port within the host stack, one family: no host program can take the port, and
/// datagrams that only the kernel can put together again (outer fragments) arrive here.
class ListenSocket {
  public:
    /// EADDRINUSE: another program has the port; EAFNOSUPPORT: the host has no IPv6. `port` zero: any free
    /// one.
    [[nodiscard]] static Result<ListenSocket> open(const NetnsHandle& netns, Family family,
                                                   std::uint16_t port);

    /// Never blocks: nothing if nothing waits. What does not fit the buffer is dropped; 65535 bytes
    /// always suffice. An error is one of the socket, not of a datagram.
    [[nodiscard]] Result<std::optional<Datagram>> receive(std::span<std::uint8_t> buffer);

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    ListenSocket(FileDescriptor fd, Family family, std::uint16_t port)
        : fd_(std::move(fd)), family_(family), port_(port) {}

    FileDescriptor fd_;
    Family family_;
    std::uint16_t port_;
};

}  // namespace ringway::control::host
