#pragma once

// The lanes of the multi-buffer AEAD as plain integers: the kernels' own text for a vector type that
// valgrind can follow bit by bit and that any CPU runs. Both radices of Poly1305.

#include <cstring>

#include "crypto/simd/chacha20_lanes.h"
#include "crypto/simd/poly1305_26.h"
#include "crypto/simd/poly1305_44.h"

namespace ringway::tests {

struct PlainLanes {
    static constexpr unsigned kWordLanes = 4;
    static constexpr unsigned kPolyLanes = 2;
    static constexpr unsigned kChaChaGroups = 2;
    struct Words {
        std::uint32_t lane[kWordLanes];
    };
    struct Quads {
        std::uint64_t lane[kPolyLanes];
    };

    template <typename Result, typename Function>
    static Result each(Function function) {
        Result result;
        for (unsigned i = 0; i < sizeof(result.lane) / sizeof(result.lane[0]); ++i)
            result.lane[i] = function(i);
        return result;
    }

    static Words add(Words a, Words b) {
        return each<Words>([&](unsigned i) { return a.lane[i] + b.lane[i]; });
    }
    static void add_to(Words& sum, Words a) { sum = add(sum, a); }
    template <unsigned kBits>
    static void mix(Words& to, Words a) {
        to = each<Words>([&](unsigned i) {
            const std::uint32_t x = to.lane[i] ^ a.lane[i];
            return (x << kBits) | (x >> (32 - kBits));
        });
    }
    static Words broadcast(std::uint32_t word) {
        return each<Words>([&](unsigned) { return word; });
    }
    static Words broadcast_from(const std::uint8_t* word) { return broadcast(read<std::uint32_t>(word)); }
    static Words lane_numbers() {
        return each<Words>([](unsigned i) { return std::uint32_t{i}; });
    }
    static Words load(const std::uint32_t* from) {
        return each<Words>([&](unsigned i) { return from[i]; });
    }

    static Quads add64(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return a.lane[i] + b.lane[i]; });
    }
    static Quads subtract64(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return a.lane[i] - b.lane[i]; });
    }
    static Quads bit_and(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return a.lane[i] & b.lane[i]; });
    }
    static Quads and_not(Quads not_this, Quads b) {
        return each<Quads>([&](unsigned i) { return ~not_this.lane[i] & b.lane[i]; });
    }
    static Quads bit_or(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return a.lane[i] | b.lane[i]; });
    }
    static Quads exclusive_or64(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return a.lane[i] ^ b.lane[i]; });
    }
    template <unsigned kBits>
    static Quads shift_left(Quads a) {
        return each<Quads>([&](unsigned i) { return a.lane[i] << kBits; });
    }
    template <unsigned kBits>
    static Quads shift_right(Quads a) {
        return each<Quads>([&](unsigned i) { return a.lane[i] >> kBits; });
    }
    template <unsigned kBits>
    static Quads shift_right_pair(Quads low, Quads high) {
        return bit_or(shift_right<kBits>(low), shift_left<64 - kBits>(high));
    }
    static Quads broadcast64(std::uint64_t value) {
        return each<Quads>([&](unsigned) { return value; });
    }
    static Quads load64(const std::uint64_t* from) {
        return each<Quads>([&](unsigned i) { return from[i]; });
    }
    static Quads multiply(Quads a, Quads b) {
        return each<Quads>([&](unsigned i) { return (a.lane[i] & 0xffffffff) * (b.lane[i] & 0xffffffff); });
    }
    static Quads multiply_add_low(Quads sum, Quads a, Quads b) {
        return each<Quads>([&](unsigned i) {
            return sum.lane[i] + (static_cast<std::uint64_t>(product(a.lane[i], b.lane[i])) & kMask52);
        });
    }
    static Quads multiply_add_high(Quads sum, Quads a, Quads b) {
        return each<Quads>([&](unsigned i) {
            return sum.lane[i] + static_cast<std::uint64_t>(product(a.lane[i], b.lane[i]) >> 52);
        });
    }

    static void load_keys(Words* key, const std::uint8_t* const* from) {
        for (unsigned w = 0; w < 8; ++w)
            key[w] = each<Words>([&](unsigned i) { return read<std::uint32_t>(from[i] + 4 * w); });
    }
    static void exclusive_or_rows(const Words (&x)[16], const crypto::simd::ChaChaGroup& group,
                                  std::uint8_t*) {
        for (unsigned i = 0; i < kWordLanes; ++i) {
            const unsigned of = group.one_packet ? 0 : i;
            const std::size_t at = group.one_packet ? i * crypto::simd::kChaChaBlockBytes : 0;
            const bool is_whole = group.one_packet || i < group.whole;
            const std::uint32_t bytes = is_whole ? crypto::simd::kChaChaBlockBytes : group.bytes[i];
            exclusive_or(x, i, group.source[of] + at, group.destination[of] + at, bytes);
        }
    }
    static void exclusive_or_packets(const Words (&x)[16], const crypto::simd::PacketLanes& packets,
                                     std::uint32_t offset, std::uint8_t*) {
        for (unsigned i = 0; i < kWordLanes; ++i)
            exclusive_or(x, i, packets.source[i] + offset, packets.destination[i] + offset,
                         crypto::simd::bytes_of_block(packets, i, offset));
    }
    static void store_poly_keys(const Words (&key)[8], crypto::simd::PolyKeySlot* to) {
        for (unsigned i = 0; i < kWordLanes; ++i) {
            for (unsigned w = 0; w < 8; ++w)
                std::memcpy(to[i].bytes + 4 * std::size_t{w}, &key[w].lane[i], 4);
        }
    }
    static void load_poly_keys(Quads (&words)[4], const crypto::simd::PolyKeySlot* from) {
        for (unsigned w = 0; w < 4; ++w)
            words[w] = each<Quads>(
                [&](unsigned i) { return read<std::uint64_t>(from[i].bytes + 8 * std::size_t{w}); });
    }
    static void store_tags(const Quads (&tag)[2], crypto::simd::PolyTag* tags) {
        for (unsigned i = 0; i < kPolyLanes; ++i)
            tags[i] = {{tag[0].lane[i], tag[1].lane[i]}};
    }

    template <typename Course>
    static void load_block(Quads (&block)[2], const Course& course, std::int64_t offset) {
        load_whole(block, course, offset);
    }
    template <typename Course>
    static Quads load_block_partly(Quads (&block)[2], const Course& course, std::int64_t offset,
                                   std::uint64_t top) {
        load_partly(block, course, offset);
        return each<Quads>([&](unsigned i) { return course.start[i] + offset >= 0 ? top : 0; });
    }
    template <typename Course>
    static void load_four_blocks(Quads (&m)[8], const Course& course, std::int64_t offset) {
        load_whole(m, course, offset);
    }
    template <typename Course>
    static void load_four_blocks_partly(Quads (&m)[8], Quads (&tops)[4], const Course& course,
                                        std::int64_t offset, std::uint64_t top) {
        load_partly(m, course, offset);
        for (unsigned block = 0; block < 4; ++block) {
            tops[block] = each<Quads>([&](unsigned i) {
                return course.start[i] + offset + 16 * static_cast<std::int64_t>(block) >= 0 ? top : 0;
            });
        }
    }

  private:
    static constexpr std::uint64_t kMask52 = (1ULL << 52) - 1;

    static void exclusive_or(const Words (&x)[16], unsigned lane, const std::uint8_t* source,
                             std::uint8_t* destination, std::uint32_t bytes) {
        for (std::uint32_t byte = 0; byte < bytes; ++byte) {
            const auto key_stream = static_cast<std::uint8_t>(x[byte / 4].lane[lane] >> (8 * (byte % 4)));
            destination[byte] = static_cast<std::uint8_t>(source[byte] ^ key_stream);
        }
    }

    __extension__ using Wide = unsigned __int128;  // no type of ISO C++

    static Wide product(std::uint64_t a, std::uint64_t b) {
        return static_cast<Wide>(a & kMask52) * (b & kMask52);
    }
    template <typename Number>
    static Number read(const std::uint8_t* from) {
        Number number;
        std::memcpy(&number, from, sizeof(number));
        return number;
    }
    template <std::size_t kQuads, typename Course>
    static void load_whole(Quads (&quads)[kQuads], const Course& course, std::int64_t offset) {
        for (unsigned q = 0; q < kQuads; ++q)
            quads[q] = each<Quads>([&](unsigned i) {
                return read<std::uint64_t>(course.place(i, offset) + 8 * std::size_t{q});
            });
    }
    template <std::size_t kQuads, typename Course>
    static void load_partly(Quads (&quads)[kQuads], const Course& course, std::int64_t offset) {
        for (unsigned i = 0; i < kPolyLanes; ++i) {
            std::uint8_t bytes[8 * kQuads] = {};
            const auto range = course.range(i, offset);
            for (std::uint32_t byte = range.begin; byte < range.end; ++byte)
                bytes[byte] = course.place(i, offset)[byte];
            for (unsigned q = 0; q < kQuads; ++q)
                quads[q].lane[i] = read<std::uint64_t>(bytes + 8 * std::size_t{q});
        }
    }
};

/// The kernels over plain integers. `kRadix` is 26 or 44.
template <unsigned kRadix>
struct PlainKernel {
    static void narrow(const crypto::simd::ChaChaGroup& group, crypto::simd::KernelScratch& scratch) {
        crypto::simd::chacha20_pass<PlainLanes, 1>({&group}, scratch);
    }
    static void wide(const crypto::simd::ChaChaGroup& one, const crypto::simd::ChaChaGroup& other,
                     crypto::simd::KernelScratch& scratch) {
        crypto::simd::chacha20_pass<PlainLanes, 2>({&one, &other}, scratch);
    }
    static void packets_begin(const crypto::simd::PacketLanes& packets, crypto::simd::PolyKeySlot* keys,
                              crypto::simd::KernelScratch& scratch) {
        crypto::simd::chacha20_packets_begin<PlainLanes>(packets, keys, scratch);
    }
    static void packets_data(const crypto::simd::PacketLanes& packets, crypto::simd::KernelScratch& scratch) {
        crypto::simd::chacha20_packets<PlainLanes>(packets, scratch);
    }
    static void poly1305(const crypto::simd::PolyLanes& lanes, crypto::simd::PolyTag* tags) {
        if constexpr (kRadix == 44) {
            crypto::simd::poly1305_pass<PlainLanes>(lanes, tags);
        } else {
            crypto::simd::poly1305_pass26<PlainLanes>(lanes, tags);
        }
    }
    static void forget() {}

    static constexpr crypto::simd::Kernel kKernel = {kRadix == 44 ? "plain, radix 2^44" : "plain, radix 2^26",
                                                     PlainLanes::kWordLanes,
                                                     2UL * PlainLanes::kPolyLanes,
                                                     narrow,
                                                     wide,
                                                     packets_begin,
                                                     packets_data,
                                                     poly1305,
                                                     forget};
};

}  // namespace ringway::tests
