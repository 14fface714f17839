#include "control/host_io.h"

#include <poll.h>
#include <rte_mbuf.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::DropReason;
using host::kVnetHeaderBytes;
using host::VnetHeader;

namespace {

constexpr std::size_t kBatch = 64;
constexpr long kShortestWait = 20'000;
constexpr long kLongestWait = 500'000;
/// A port may have chained what is not ours to look into: jumbo frames of the host's, say.
constexpr std::size_t kMaxSegments = 16;

bool write_packet(int fd, rte_mbuf* packet) {
    if (packet->nb_segs > kMaxSegments) return false;
    VnetHeader header;
    std::array<iovec, 1 + kMaxSegments> parts;
    std::size_t used = 0;
    parts[used++] = {&header, kVnetHeaderBytes};
    for (rte_mbuf* segment = packet; segment != nullptr; segment = segment->next)
        parts[used++] = {dataplane::data(segment), segment->data_len};
    return writev(fd, parts.data(), static_cast<int>(used)) > 0;
}

}  // namespace

void HostIo::add_tap(const host::TunDevice& device, dataplane::HostIndex host, dataplane::PortIndex port) {
    interfaces_.push_back({device.fd(), host, port, dataplane::kNoTunnel});
    poll_set_.push_back({device.fd(), POLLIN, 0});
}

void HostIo::add_tun(const host::TunDevice& device, dataplane::HostIndex host,
                     dataplane::TunnelIndex tunnel) {
    interfaces_.push_back({device.fd(), host, dataplane::kNoPort, tunnel});
    poll_set_.push_back({device.fd(), POLLIN, 0});
}

void HostIo::hand_over(rte_mbuf* packet, const Interface& interface) {
    dataplane::PacketMeta& m = dataplane::meta(packet);
    m.kind = interface.is_tap() ? dataplane::PacketKind::frame : dataplane::PacketKind::plain;
    m.port = interface.port;
    m.tunnel = interface.tunnel;
    const bool taken =
        interface.is_tap()
            ? plane_.submitter(interface.port).tx->submitted.push(packet)
            : plane_.rx_lcore(interface.tunnel % plane_.rx_lcores()).rx->from_host.push(packet);
    if (taken) return;
    counters_.drop(DropReason::submit_queue_full);
    rte_pktmbuf_free(packet);
}

std::size_t HostIo::read_some(const Interface& interface) {
    std::size_t n = 0;
    for (; n < kBatch; ++n) {
        rte_mbuf* packet = plane_.make_packet();
        if (packet == nullptr) {
            short_of_memory_ = true;
            return n;
        }
        VnetHeader header;
        const std::size_t room = rte_pktmbuf_tailroom(packet) - dataplane::kTailroom;
        std::array<iovec, 2> parts{{{&header, kVnetHeaderBytes}, {dataplane::data(packet), room}}};
        const ssize_t bytes = readv(interface.fd, parts.data(), parts.size());
        if (bytes <= static_cast<ssize_t>(kVnetHeaderBytes)) {
            rte_pktmbuf_free(packet);
            return n;
        }
        (void)rte_pktmbuf_append(packet,
                                 static_cast<std::uint16_t>(bytes - static_cast<ssize_t>(kVnetHeaderBytes)));
        counters_.from_host.add();
        hand_over(packet, interface);
    }
    return n;
}

std::size_t HostIo::write_some(const Interface& interface) {
    std::array<rte_mbuf*, kBatch> packets;
    const std::size_t n = plane_.hosts[interface.host]->packets.pop_some(packets);
    for (std::size_t i = 0; i < n; ++i) {
        if (write_packet(interface.fd, packets[i])) {
            counters_.to_host.add();
        } else {
            counters_.drop(DropReason::host_write_failed);
        }
    }
    rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(n));
    return n;
}

void HostIo::wait(long nanoseconds) {
    const timespec limit{.tv_sec = 0, .tv_nsec = nanoseconds};
    // Without memory there is nothing to read into, and readable descriptors would not let us sleep. Nor
    // would one whose interface is gone.
    const int ready = ppoll(poll_set_.data(), short_of_memory_ ? 0 : poll_set_.size(), &limit, nullptr);
    const bool dead = ready > 0 && std::ranges::any_of(poll_set_, [](const pollfd& each) {
                          return (each.revents & POLLERR) != 0;
                      });
    if (dead && !short_of_memory_) (void)nanosleep(&limit, nullptr);
    short_of_memory_ = false;
}

std::size_t HostIo::turn() {
    std::size_t work = 0;
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
        if ((poll_set_[i].revents & POLLIN) != 0) work += read_some(interfaces_[i]);
        work += write_some(interfaces_[i]);
    }
    return work;
}

void HostIo::run(const std::atomic<bool>& stop) {
    long pause = kShortestWait;
    while (!stop.load(std::memory_order_relaxed)) {
        const std::size_t work = turn();
        wait(work != 0 ? 0 : pause);
        pause = work != 0 ? kShortestWait : std::min(kLongestWait, pause * 2);
    }
    for (const Interface& interface : interfaces_) {
        while (write_some(interface) != 0) {
        }
    }
}

}  // namespace ringway::control
