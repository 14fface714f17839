#pragma once

// What the planner of a burst and the multi-buffer kernels say to each other. The kernels are
// compiled for instruction sets that this CPU may lack, so nothing but plain data stands here: an
// inline function would be one more that the linker might take from the wrong object file.

#include <cstddef>
#include <cstdint>

namespace ringway::crypto::simd {

inline constexpr std::size_t kMaxChaChaLanes = 16;
inline constexpr std::size_t kMaxPolyLanes = 16;
inline constexpr std::size_t kChaChaBlockBytes = 64;

/// More than the kernels' frames take: what forget() wipes of the stack.
inline constexpr std::size_t kSpillBytes = 8192;

/// The lanes of one vector of ChaCha20: a lane is one block of one packet. `destination` becomes
/// `source` xor the key stream.
struct alignas(64) ChaChaGroup {
    std::uint32_t block[kMaxChaChaLanes];
    std::uint32_t counter_low[kMaxChaChaLanes];
    std::uint32_t counter_high[kMaxChaChaLanes];
    std::uint32_t bytes[kMaxChaChaLanes];  ///< that are there, of lanes that are not whole: 0 to 63
    const std::uint8_t* key[kMaxChaChaLanes];
    const std::uint8_t* source[kMaxChaChaLanes];
    std::uint8_t* destination[kMaxChaChaLanes];
    std::uint32_t whole;        ///< so many lanes, the first, have all 64 bytes
    std::uint32_t nonce_begin;  ///< the first 4 bytes of the nonces of all lanes: 0 in WireGuard
    bool one_packet;  ///< of other lanes than 0 only `source` is filled in: all whole, the blocks behind it
    const ChaChaGroup* ahead;  ///< whose sources are fetched meanwhile, to be written too; it may be this one
};

/// Packets of about one length that have a lane each: the keys are laid out once, and each pass takes the
/// next blocks of all.
struct alignas(64) PacketLanes {
    std::uint32_t counter_low[kMaxChaChaLanes];
    std::uint32_t counter_high[kMaxChaChaLanes];
    std::uint64_t length[kMaxChaChaLanes];  ///< bytes; 0 also for a lane that shall not be written
    const std::uint8_t* key[kMaxChaChaLanes];
    const std::uint8_t* source[kMaxChaChaLanes];
    std::uint8_t* destination[kMaxChaChaLanes];
    std::uint32_t shortest;
    std::uint32_t longest;
    std::uint32_t nonce_begin;  ///< as ChaChaGroup's
    const PacketLanes* ahead;   ///< whose sources are fetched with the last pass; it may be this one
};

/// A packet's Poly1305 key, r and s, in its first 32 bytes.
struct alignas(64) PolyKeySlot {
    std::uint8_t bytes[kChaChaBlockBytes];
};

/// One pass of Poly1305 as RFC 8439 uses it: a lane is a packet. The arrays are as long as the kernel has
/// lanes. Lanes that are not used repeat one that is, but for the key, of which anything will do.
struct PolyLanes {
    const std::uint8_t* const* data;
    const std::uint64_t* length;      ///< bytes at `data`, which are padded with zeros to 16
    const std::uint64_t* additional;  ///< the block behind them: bytes of additional data, and
    const std::uint64_t* encrypted;   ///< of ciphertext
    const PolyKeySlot* key;
    std::size_t count;  ///< lanes in use: the first ones
};

/// Memory for what a pass of ChaCha20 can't hold in registers. It is secret.
struct alignas(64) KernelScratch {
    std::uint8_t states[4096];
    std::uint8_t partly[kChaChaBlockBytes];
};

struct PolyTag {
    std::uint64_t halves[2];
};

/// The kernels of one instruction set. REQUIRES of every call: this CPU has it (see kernels.h). What a
/// call leaves in registers, and on the stack below the caller's frame, is secret until forget().
struct Kernel {
    const char* name;
    std::size_t chacha_lanes;  ///< of a group
    std::size_t poly_lanes;
    void (*chacha20_narrow)(const ChaChaGroup& group, KernelScratch& scratch);
    void (*chacha20_wide)(const ChaChaGroup& one, const ChaChaGroup& other, KernelScratch& scratch);
    /// Writes the Poly1305 key of each lane.
    void (*packets_begin)(const PacketLanes& packets, PolyKeySlot* keys, KernelScratch& scratch);
    /// All of the packets' data. REQUIRES: packets_begin() was the last call with this scratch, for the same
    /// packets; their `length`s may be less since.
    void (*packets_data)(const PacketLanes& packets, KernelScratch& scratch);
    void (*poly1305)(const PolyLanes& lanes, PolyTag* tags);
    void (*forget)();
};

}  // namespace ringway::crypto::simd
