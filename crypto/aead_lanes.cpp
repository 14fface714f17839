#include "crypto/aead_lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ringway::crypto {
namespace {

using Direction = AeadOperation::Direction;
constexpr std::uint32_t kBlock = simd::kChaChaBlockBytes;

/// Lengths that share a bucket are near enough for neighbouring lanes: exact to 16 bytes up to 1 KiB,
/// then to a 32nd.
constexpr std::size_t kBuckets = 256;  ///< of a direction

std::size_t bucket_of(std::uint32_t length) {
    const std::uint32_t blocks = (length + 15) / 16;
    if (blocks < 64) return blocks;
    const auto magnitude = static_cast<std::uint32_t>(std::bit_width(blocks)) - 6;  // 1 from 64 blocks on
    return std::min<std::size_t>(32 + 32 * magnitude + ((blocks >> magnitude) - 32), kBuckets - 1);
}

bool seals(const AeadOperation& operation) {
    return operation.direction == Direction::seal;
}

/// Of ChaCha20, its Poly1305 key's among them.
std::uint32_t blocks_of(const AeadOperation& operation) {
    return 1 + (operation.length + kBlock - 1) / kBlock;
}

/// A fifth of the lanes may idle: to lay out each block by itself would take as long.
bool are_enough(std::size_t used, std::size_t lanes) {
    return 5 * used >= 4 * lanes;
}

}  // namespace

LaneAead::LaneAead(const simd::Kernel& kernel)
    : kernel_(&kernel), width_(static_cast<std::uint32_t>(kernel.chacha_lanes)) {
    for (simd::ChaChaGroup& group : groups_.all) {
        group.nonce_begin = 0;
        groups_.free[groups_.free_count++] = &group;
    }
    for (simd::PacketLanes& packets : packets_)
        packets.nonce_begin = 0;
    groups_.open = groups_.free[--groups_.free_count];
}

void LaneAead::run(std::span<AeadOperation> operations) noexcept {
    sort(operations);
    const std::size_t rest = run_even(Part(order_.data(), operations.size()));
    run_parts(Part(rest_.data(), rest));
    wipe(operations.size());
}

/// What is sealed first, and the longest first, so that the lanes of one Poly1305 pass end together.
void LaneAead::sort(std::span<AeadOperation> operations) {
    bool differ = false;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        order_[i] = &operations[i];
        differ |= operations[i].length != operations[0].length;
        differ |= operations[i].direction != operations[0].direction;
    }
    if (!differ) return;
    std::array<std::uint16_t, 2 * kBuckets> next{};
    std::array<std::uint16_t, kMaxAeadOperations> bucket;
    std::array<std::uint64_t, 2 * kBuckets / 64> used{};
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const std::size_t at = bucket_of(operations[i].length) + (seals(operations[i]) ? kBuckets : 0);
        bucket[i] = static_cast<std::uint16_t>(at);
        ++next[at];
        used[at / 64] |= 1ULL << (at % 64);
    }
    std::uint16_t before = 0;
    for (std::size_t word = used.size(); word-- > 0;) {
        for (std::uint64_t left = used[word]; left != 0;) {
            const auto bit = static_cast<std::size_t>(std::bit_width(left)) - 1;
            left ^= 1ULL << bit;
            const std::uint16_t count = next[word * 64 + bit];
            next[word * 64 + bit] = before;
            before = static_cast<std::uint16_t>(before + count);
        }
    }
    for (std::size_t i = 0; i < operations.size(); ++i)
        order_[next[bucket[i]]++] = &operations[i];
}

/// Runs every even stretch with a lane for each packet; returns how many packets are left, in `rest_`. A
/// stretch is laid out before the one ahead of it runs: see Groups.
std::size_t LaneAead::run_even(Part order) {
    std::size_t rest = 0;
    Part before;
    unsigned turn = 0;
    while (!order.empty()) {
        const Part stretch = even_stretch(order);
        if (stretch.empty()) {
            rest_[rest++] = order.front();
            order = order.subspan(1);
            continue;
        }
        lay_out(stretch, packets_[turn]);
        packets_[turn ^ 1].ahead = &packets_[turn];
        if (!before.empty()) run_packets(before, packets_[turn ^ 1]);
        before = stretch;
        order = order.subspan(stretch.size());
        turn ^= 1;
    }
    if (!before.empty()) run_packets(before, packets_[turn ^ 1]);
    return rest;
}

/// The first packets of `order` if they are alike enough for a lane each, or none.
LaneAead::Part LaneAead::even_stretch(Part order) const {
    const std::size_t count = std::min<std::size_t>(order.size(), width_);
    if (!are_enough(count, width_)) return {};
    std::uint64_t blocks = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (order[i]->direction != order[0]->direction) return {};
        blocks += blocks_of(*order[i]);
    }
    return are_enough(blocks, width_ * blocks_of(*order[0])) ? order.first(count) : Part();
}

/// A lane without a packet does what the first one does, but writes nothing.
void LaneAead::lay_out(Part stretch, simd::PacketLanes& packets) {
    packets.longest = 0;
    packets.shortest = stretch.size() < width_ ? 0 : stretch.front()->length;
    for (std::uint32_t lane = 0; lane < width_; ++lane) {
        const bool is_used = lane < stretch.size();
        const AeadOperation& operation = *stretch[is_used ? lane : 0];
        packets.counter_low[lane] = static_cast<std::uint32_t>(operation.counter);
        packets.counter_high[lane] = static_cast<std::uint32_t>(operation.counter >> 32);
        packets.length[lane] = is_used ? operation.length : 0;
        packets.key[lane] = operation.key->data();
        packets.source[lane] = operation.from();
        packets.destination[lane] = operation.data;
        packets.longest = std::max(packets.longest, operation.length);
        packets.shortest = std::min(packets.shortest, operation.length);
    }
    packets.ahead = &packets;
}

void LaneAead::run_packets(Part stretch, simd::PacketLanes& packets) {
    kernel_->packets_begin(packets, poly_keys_.data(), scratch_);
    const bool are_sealed = seals(*stretch.front());
    if (are_sealed) kernel_->packets_data(packets, scratch_);
    compute_tags(stretch);
    settle(stretch);
    if (!are_sealed) decipher(stretch, packets);
}

/// Of a stretch that is opened, those whose tags are right. If many are wrong, each block gets a lane: forged
/// packets must not be worth as much work as good ones.
void LaneAead::decipher(Part stretch, simd::PacketLanes& packets) {
    const auto is_right = [](const AeadOperation& operation) { return operation.ok; };
    std::size_t right = 0;
    for (std::size_t lane = 0; lane < stretch.size(); ++lane) {
        if (is_right(*stretch[lane])) {
            ++right;
        } else {
            packets.length[lane] = packets.shortest = 0;
        }
    }
    if (are_enough(right, width_)) return kernel_->packets_data(packets, scratch_);
    add_data(stretch, is_right);
    flush();
}

void LaneAead::run_parts(Part order) {
    for (std::size_t first = 0; first < order.size();) {
        std::size_t count = 0;
        std::size_t bytes = 0;
        const std::size_t most = std::min(order.size() - first, kPartPackets);
        while (count < most && (bytes < kPartBytes || count % kernel_->poly_lanes != 0))
            bytes += order[first + count++]->length;
        run_part(order.subspan(first, count));
        first += count;
    }
}

void LaneAead::run_part(Part part) {
    add_keys(part);
    add_data(part, seals);
    flush();
    compute_tags(part);
    settle(part);
    add_data(part, [](const AeadOperation& operation) { return !seals(operation) && operation.ok; });
    flush();
}

/// Block 0 of each packet is its Poly1305 key.
void LaneAead::add_keys(Part part) {
    for (std::size_t i = 0; i < part.size(); ++i)
        add_lane(*part[i], 0, zeros_.data(), poly_keys_[i].bytes);
}

/// Whole blocks first, then what is left of each packet: a group of whole blocks needs no masks.
template <typename Takes>
void LaneAead::add_data(Part part, Takes takes) {
    for (const AeadOperation* operation : part) {
        if (operation->length >= kBlock && takes(*operation)) add_whole_blocks(*operation);
    }
    for (const AeadOperation* operation : part) {
        if (operation->length % kBlock != 0 && takes(*operation)) add_end(*operation);
    }
}

void LaneAead::add_whole_blocks(const AeadOperation& operation) {
    const std::uint32_t whole = operation.length / kBlock;
    std::uint32_t done = 0;
    for (; whole - done >= width_; done += width_)
        add_group(operation, done);
    const std::uint8_t* const source = operation.from();
    for (; done < whole; ++done) {
        const std::size_t at = std::size_t{done} * kBlock;
        add_lane(operation, done + 1, source + at, operation.data + at);
    }
}

void LaneAead::add_group(const AeadOperation& operation, std::uint32_t done) {
    simd::ChaChaGroup* const group = groups_.free[--groups_.free_count];
    const std::size_t at = std::size_t{done} * kBlock;
    group->one_packet = true;
    group->block[0] = done + 1;
    group->counter_low[0] = static_cast<std::uint32_t>(operation.counter);
    group->counter_high[0] = static_cast<std::uint32_t>(operation.counter >> 32);
    group->key[0] = operation.key->data();
    const std::uint8_t* const source = operation.from() + at;
    for (std::uint32_t lane = 0; lane < width_; ++lane)
        group->source[lane] = source + std::size_t{lane} * kBlock;
    group->destination[0] = operation.data + at;
    push(group);
}

void LaneAead::add_end(const AeadOperation& operation) {
    if (!groups_.has_ends) groups_.open->whole = groups_.lanes;
    groups_.has_ends = true;
    const std::uint32_t left = operation.length % kBlock;
    const std::uint32_t whole = operation.length - left;
    groups_.open->bytes[groups_.lanes] = left;
    add_lane(operation, whole / kBlock + 1, operation.from() + whole, operation.data + whole);
}

inline void LaneAead::add_lane(const AeadOperation& operation, std::uint32_t block,
                               const std::uint8_t* source, std::uint8_t* destination) {
    simd::ChaChaGroup& group = *groups_.open;
    const std::uint32_t lane = groups_.lanes;
    group.block[lane] = block;
    group.counter_low[lane] = static_cast<std::uint32_t>(operation.counter);
    group.counter_high[lane] = static_cast<std::uint32_t>(operation.counter >> 32);
    group.key[lane] = operation.key->data();
    group.source[lane] = source;
    group.destination[lane] = destination;
    groups_.lanes = lane + 1;
    if (groups_.lanes == width_) close_group();
}

void LaneAead::close_group() {
    simd::ChaChaGroup* const group = groups_.open;
    if (!groups_.has_ends) group->whole = groups_.lanes;
    group->one_packet = false;
    for (std::uint32_t lane = groups_.lanes; lane < width_; ++lane) {
        group->bytes[lane] = 0;
        group->key[lane] = group->key[0];
        group->source[lane] = group->source[0];
        group->destination[lane] = group->destination[0];
    }
    groups_.open = groups_.free[--groups_.free_count];
    groups_.lanes = 0;
    groups_.has_ends = false;
    push(group);
}

void LaneAead::push(simd::ChaChaGroup* group) {
    if (groups_.queued == Groups::kQueue) run_two();
    groups_.queue[groups_.queued++] = group;
}

void LaneAead::run_two() {
    const bool more = groups_.queued == Groups::kQueue;
    groups_.queue[0]->ahead = groups_.queue[more ? 2 : 0];
    groups_.queue[1]->ahead = groups_.queue[more ? 3 : 1];
    kernel_->chacha20_wide(*groups_.queue[0], *groups_.queue[1], scratch_);
    groups_.free[groups_.free_count++] = groups_.queue[0];
    groups_.free[groups_.free_count++] = groups_.queue[1];
    groups_.queued -= 2;
    groups_.queue[0] = groups_.queue[2];
    groups_.queue[1] = groups_.queue[3];
}

void LaneAead::flush() {
    if (groups_.lanes > 0) close_group();
    while (groups_.queued >= 2)
        run_two();
    if (groups_.queued == 0) return;
    groups_.queue[0]->ahead = groups_.queue[0];
    kernel_->chacha20_narrow(*groups_.queue[0], scratch_);
    groups_.free[groups_.free_count++] = groups_.queue[0];
    groups_.queued = 0;
}

void LaneAead::compute_tags(Part part) {
    for (std::size_t first = 0; first < part.size(); first += kernel_->poly_lanes) {
        const std::size_t count = std::min(part.size() - first, kernel_->poly_lanes);
        for (std::size_t lane = 0; lane < kernel_->poly_lanes; ++lane) {
            const AeadOperation& operation = *part[first + (lane < count ? lane : 0)];
            poly_data_[lane] = seals(operation) ? operation.data : operation.from();
            poly_lengths_[lane] = operation.length;
        }
        kernel_->poly1305({.data = poly_data_.data(),
                           .length = poly_lengths_.data(),
                           .additional = no_additional_data_.data(),
                           .encrypted = poly_lengths_.data(),
                           .key = &poly_keys_[first],
                           .count = count},
                          &tags_[first]);
    }
}

/// Puts tags behind sealed packets and compares those of packets to open: in the same time for every
/// tag. The outcome is no secret, since the sender of a forged packet may learn that it was dropped.
void LaneAead::settle(Part part) {
    for (std::size_t i = 0; i < part.size(); ++i) {
        AeadOperation& operation = *part[i];
        if (seals(operation)) {
            std::memcpy(operation.data + operation.length, &tags_[i], kTagBytes);
            operation.ok = true;
            continue;
        }
        simd::PolyTag received;
        std::memcpy(&received, operation.from() + operation.length, kTagBytes);
        const std::uint64_t difference =
            (received.halves[0] ^ tags_[i].halves[0]) | (received.halves[1] ^ tags_[i].halves[1]);
        operation.ok = difference == 0;
        if (!operation.ok && operation.length > 0) std::memset(operation.data, 0, operation.length);
    }
}

void LaneAead::wipe(std::size_t packets) {
    // Lanes without a packet have had the key of one that has.
    const std::size_t used = std::min(std::max<std::size_t>(packets, width_), kPartPackets);
    std::memset(poly_keys_.data(), 0, used * sizeof(simd::PolyKeySlot));
    std::memset(tags_.data(), 0, used * sizeof(simd::PolyTag));
    std::memset(&scratch_, 0, sizeof(scratch_));
    kernel_->forget();
}

}  // namespace ringway::crypto
