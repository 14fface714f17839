#include "dataplane/crypto_stage.h"

#include <rte_prefetch.h>

#include <cstring>
#include <span>

#include "dataplane/dataplane.h"
#include "dataplane/headers.h"
#include "dataplane/in_steps.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"
#include "dataplane/ready_signals.h"

namespace ringway::dataplane {
namespace {

using crypto::AeadOperation;

/// Zero padding to 16 bytes, never past the MTU (paper section 5.4.6).
std::uint16_t padding(std::uint32_t bytes, std::uint16_t mtu) {
    const std::uint32_t padded = (bytes + crypto::kPaddingMultiple - 1) & ~(crypto::kPaddingMultiple - 1);
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(padded, std::max<std::uint32_t>(mtu, bytes)) -
                                      bytes);
}

/// Pads the packet, puts the transport header before it and room for the tag behind. There is room for
/// both: see kHeadroom, kTailroom.
AeadOperation prepare_seal(rte_mbuf* packet, const Keypair& keypair, std::uint64_t counter,
                           std::uint16_t mtu) {
    const crypto::MessageTransport header{
        crypto::Le32(static_cast<std::uint32_t>(crypto::MessageType::transport)), keypair.remote_index,
        crypto::Le64(counter)};
    std::uint8_t* plaintext = data(packet);
    std::uint8_t* front = plaintext - sizeof(header);
    std::memcpy(front, &header, sizeof(header));
    // As much as padding can be, rather than as much as it is: one store.
    std::memset(plaintext + packet->data_len, 0, crypto::kPaddingMultiple);
    const auto length = static_cast<std::uint32_t>(packet->data_len + padding(packet->data_len, mtu));
    set_data(packet, front, sizeof(header) + length + crypto::kTagBytes);
    return {&keypair.keys->send, counter, plaintext, length, AeadOperation::Direction::seal, false};
}

AeadOperation prepare_open(rte_mbuf* packet, const Keypair& keypair) {
    const PacketMeta& m = meta(packet);
    std::uint8_t* message = data(packet) + m.message;
    crypto::MessageTransport header;
    std::memcpy(&header, message, sizeof(header));
    const auto length = static_cast<std::uint32_t>(m.message_bytes - crypto::kTransportMinimumBytes);
    return {&keypair.keys->receive,         header.counter.host(),
            message + sizeof(header),       length,
            AeadOperation::Direction::open, false};
}

void prefetch_keys(const Dataplane& plane, const Bundle& bundle) {
    const crypto::TransportKeys& keys = *plane.keypairs[bundle.keypair].keys;
    rte_prefetch0(bundle.direction == Direction::outbound ? &keys.send : &keys.receive);
}

std::size_t prepare(const Dataplane& plane, const Bundle& bundle, AeadOperation* operations) {
    const Keypair& keypair = plane.keypairs[bundle.keypair];
    const std::uint16_t mtu = plane.tunnels[keypair.tunnel]->mtu;
    for (std::size_t i = 0; i < bundle.count; ++i) {
        rte_mbuf* packet = bundle.packets[i];
        operations[i] = bundle.direction == Direction::outbound
                            ? prepare_seal(packet, keypair, bundle.first_counter + i, mtu)
                            : prepare_open(packet, keypair);
    }
    return bundle.count;
}

/// While the sealed bytes are warm: their sum, for the UDP checksum that IPv6 insists on.
void sum_sealed(const Bundle& bundle) {
    for (std::size_t i = 0; i < bundle.count; ++i) {
        rte_mbuf* packet = bundle.packets[i];
        meta(packet).message_sum = ones_sum({data(packet), packet->data_len});
    }
}

void finish(const Dataplane& plane, Bundle& bundle, const AeadOperation* operations, ReadySignals& signals) {
    if (bundle.direction == Direction::outbound) {
        if (plane.peers[bundle.peer].outer_is_v6.load(std::memory_order_relaxed)) sum_sealed(bundle);
    } else {
        std::uint64_t authentic = 0;
        for (std::size_t i = 0; i < bundle.count; ++i)
            authentic |= std::uint64_t{operations[i].ok} << i;
        bundle.authentic = authentic;
    }
    // From the store on the bundle is the tx lcore's: what the signal needs is read before.
    const Ready ready{bundle.peer, bundle.direction};
    const std::uint16_t tx = bundle.tx;
    bundle.state.store(Bundle::State::done, std::memory_order_release);
    signals.signal(ready, tx);
}

/// How many bundles to take at a time: not more than this lcore's share of what waits, or the one that has
/// just received would do all the work and the others would wait for it.
std::size_t share(Dataplane& plane) {
    const std::size_t lcores = plane.crypto_lcores();
    if (lcores == 1) return CryptoStage::kMaxBundles;
    return (plane.crypto.size() + lcores - 1) / lcores;
}

/// As many of `bundles` as fit into one AEAD call.
std::span<Bundle* const> one_call(std::span<Bundle* const> bundles) {
    std::size_t count = 0;
    std::size_t packets = 0;
    while (count < bundles.size() && packets + bundles[count]->count <= crypto::AeadBurst::kMaxOperations)
        packets += bundles[count++]->count;
    return bundles.first(count);
}

/// Seals and opens the first of `bundles`, as many as fit into one AEAD call, and hands them on. How many.
/// With many peers all that is touched comes cold: it is fetched a few bundles ahead.
std::size_t run_call(Lcore& lcore, std::span<Bundle* const> bundles) {
    const Dataplane& plane = lcore.plane;
    CryptoStage& stage = *lcore.crypto;
    bundles = one_call(bundles);
    std::size_t packets = 0;
    in_steps(
        bundles.size(), [&](std::size_t i) { rte_prefetch0(&plane.keypairs[bundles[i]->keypair]); },
        [&](std::size_t i) { prefetch_keys(plane, *bundles[i]); },
        [&](std::size_t i) { packets += prepare(plane, *bundles[i], &stage.operations[packets]); });
    stage.aead.run({stage.operations.data(), packets});
    lcore.counters.aead_calls.add();
    lcore.counters.aead_packets.add(packets);

    ReadySignals signals(lcore);
    const AeadOperation* operations = stage.operations.data();
    in_steps(
        bundles.size(), [&](std::size_t i) { rte_prefetch0(bundles[i]); },
        [&](std::size_t i) {
            plane.peers[bundles[i]->peer].queue(bundles[i]->direction).prefetch_to_signal();
        },
        [&](std::size_t i) {
            const std::size_t count = bundles[i]->count;
            finish(plane, *bundles[i], operations, signals);
            operations += count;
        });
    return bundles.size();
}

}  // namespace

bool poll_crypto(Lcore& lcore) {
    CryptoStage& stage = *lcore.crypto;
    const std::size_t most = std::min(share(lcore.plane), stage.bundles.size());
    const std::size_t count = lcore.plane.crypto.pop_some({stage.bundles.data(), most});
    if (count == 0) return false;
    lcore.counters.ring_operations.add();
    std::span<Bundle* const> bundles(stage.bundles.data(), count);
    while (!bundles.empty())
        bundles = bundles.subspan(run_call(lcore, bundles));
    return true;
}

}  // namespace ringway::dataplane
