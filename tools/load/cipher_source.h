#pragma once

#include <memory>
#include <vector>

#include "crypto/aead_burst.h"
#include "tools/load/cipher_wire.h"
#include "tools/load/flows.h"
#include "tools/load/inner_headers.h"
#include "tools/load/peers.h"
#include "tools/load/size_mix.h"
#include "tools/load/source.h"

namespace ringway::load {

/// Sealed packets from the peers. They are prepared ahead, in memory of a fixed size, so that sealing never
/// limits the load; a packet is sent once, since its counter may not come again.
class CipherSource final : public Source {
  public:
    /// `stock_bytes`: memory for prepared packets. `tunnel_mtu`: no padding beyond. All must outlive it.
    CipherSource(const std::string& name, Link& link, DirectionCounts& counts, const Flows& flows,
                 const InnerHeaders& headers, const SizeMix& sizes, Peers& peers, CipherWire& wire,
                 std::size_t stock_bytes, std::uint16_t mtu, std::uint16_t tunnel_mtu);
    ~CipherSource() override { discard(); }

    /// Drops what is left and prepares up to `most` packets by the peers' sessions of now, as many as there
    /// is memory for. REQUIRES: every peer has a session.
    void prepare(std::uint64_t most);
    /// Prepared and not sent.
    [[nodiscard]] std::uint64_t left() const { return packets_.size() - next_ + waiting(); }
    [[nodiscard]] bool is_used_up() const override { return next_ == packets_.size(); }
    /// When prepared packet `number` was sent, as stamp_time(). REQUIRES: number < prepared().
    [[nodiscard]] std::uint32_t sent_at(std::uint32_t number) const { return sent_at_[number]; }
    [[nodiscard]] std::uint32_t prepared() const { return static_cast<std::uint32_t>(packets_.size()); }

  protected:
    std::uint32_t make(rte_mbuf** out, std::uint16_t* sizes, std::uint32_t most, Nanoseconds now) override;

  private:
    struct Packet {
        std::uint64_t at;     ///< of its frame in stock_
        std::uint16_t bytes;  ///< of the frame
        std::uint16_t size;   ///< of the inner packet
        PeerNumber peer;
    };

    [[nodiscard]] std::uint16_t padded(std::uint16_t size) const;
    bool add(std::vector<crypto::AeadOperation>& operations);
    void finish(std::size_t first, std::vector<crypto::AeadOperation>& operations);

    Pool pool_;
    InnerHeaders headers_;
    SizeMix sizes_;
    Peers& peers_;
    CipherWire& wire_;
    std::uint16_t tunnel_mtu_;
    FlowCursor cursor_;
    std::vector<std::uint32_t> sequence_;  ///< next, by flow
    std::uint64_t seed_ = 0;

    std::size_t stock_bytes_;
    std::unique_ptr<std::uint8_t[]> stock_;
    std::size_t used_ = 0;
    std::vector<Packet> packets_;
    std::vector<std::uint32_t> sent_at_;
    std::size_t next_ = 0;
    crypto::AeadBurst aead_;
};

}  // namespace ringway::load
