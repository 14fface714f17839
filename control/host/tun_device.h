#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/file_descriptor.h"
#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// What stands before every packet or frame of a TunDevice, read or written: virtio_net_hdr of
/// linux/virtio_net.h (which no C++ compiler takes), without its later fields, in little-endian. All zero: a
/// finished packet.
struct VnetHeader {
    static constexpr std::uint8_t kNeedsChecksum = 1;  ///< in `flags`: the sum from checksum_start on is owed
    static constexpr std::uint8_t kChecksumGood = 2;   ///< in `flags`: it was verified

    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t header_length = 0;
    std::uint16_t gso_size = 0;
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;
};
inline constexpr std::size_t kVnetHeaderBytes = sizeof(VnetHeader);
static_assert(kVnetHeaderBytes == 10);

struct TunOptions {
    enum class Kind : std::uint8_t {
        tap,  ///< Ethernet frames: a port's way to the host stack
        tun,  ///< IP packets: a tunnel's
    };
    Kind kind = Kind::tap;
    std::string name;
    MacAddress mac{};  ///< only of a TAP
    std::uint32_t mtu = 1500;
    std::vector<InterfaceAddress> addresses;
    /// A TAP's IPv6 addresses are usable only after duplicate address detection (about a second).
    /// A TUN has no neighbours and never asks.
    bool detect_duplicates = true;
};

/// A TUN or TAP interface of ours. It goes away with its descriptor, whoever closes it: a crash leaves
/// nothing behind.
///
/// The descriptor doesn't block; one read or write is one packet behind a VnetHeader. Nothing is
/// offloaded: the kernel gives finished checksums and packets no larger than the MTU, and takes
/// unfinished checksums and super-packets if the header says so. Reads and writes may come from different
/// threads.
class TunDevice {
  public:
    /// Makes the interface in `netns`, gives it its MAC, MTU and addresses and brings it up. EBUSY: the name
    /// is taken; EPERM: CAP_NET_ADMIN is missing.
    [[nodiscard]] static Result<TunDevice> create(const NetnsHandle& netns, const TunOptions& options);

    /// Makes the interface again as it was made at first, in place of one that somebody deleted or moved to
    /// another namespace; one that was moved is gone then. The descriptor keeps its number, so that whoever
    /// reads and writes it need not be told. EBUSY: another interface has the name now.
    [[nodiscard]] Result<void> remake(const NetnsHandle& netns);

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::string& name() const { return options_.name; }
    /// Within the namespace it was made in.
    [[nodiscard]] InterfaceIndex index() const { return index_; }

  private:
    TunDevice(FileDescriptor fd, TunOptions options, InterfaceIndex index)
        : fd_(std::move(fd)), options_(std::move(options)), index_(index) {}

    FileDescriptor fd_;
    TunOptions options_;
    InterfaceIndex index_;
};

}  // namespace ringway::control::host
