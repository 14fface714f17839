// Random bursts, by every path that this CPU can take and by OpenSSL: packets of 0 to 9000 bytes, of mixed
// or about equal sizes, of mixed keys, of mixed directions or one, in place and out of place, unaligned,
// right and forged. Two memory images, in and out, must be what OpenSSL makes of them to the last byte, gaps
// between packets included.
//
// 100,000 packets usually; as many as RINGWAY_AEAD_PACKETS says.

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/aead.h"
#include "crypto/aead_burst.h"
#include "crypto/aead_lanes.h"
#include "tests/crypto/plain_lanes.h"

using namespace ringway;
using namespace ringway::crypto;
using Direction = AeadOperation::Direction;
using Image = std::vector<std::uint8_t>;

namespace {

constexpr std::uint8_t kCanary = 0xc5;

class OpenSsl {
  public:
    OpenSsl() : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
        must(EVP_EncryptInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr, nullptr, nullptr));
    }
    void seal(std::uint8_t* out, const SymmetricKey& key, std::uint64_t counter, const std::uint8_t* plain,
              std::uint32_t length) {
        int written = 0;
        must(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, key.data(),
                                AeadNonce(counter).bytes.data()));
        must(EVP_EncryptUpdate(context_.get(), out, &written, plain, static_cast<int>(length)));
        must(EVP_EncryptFinal_ex(context_.get(), out + length, &written));
        must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out + length));
    }

  private:
    static void must(int result) {
        if (result != 1) throw std::runtime_error("OpenSSL failed");
    }
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

enum class Forgery {
    none,
    bit_of_data,
    bit_of_tag,
    other_counter,
    other_key,
    shorter,
    zero_tag,
    tag_of_another,
    half_tag,
    count
};

/// A burst with what must come of it.
class Burst {
  public:
    Burst(std::mt19937_64& random, OpenSsl& reference, std::size_t count,
          const std::vector<SymmetricKey>& keys)
        : random_(random), reference_(reference), keys_(keys) {
        packets_.resize(count);
        if (below(2) == 0) alike_ = any_length();
        if (below(3) > 0) direction_ = any_direction();
        std::size_t end = 0;
        for (Packet& packet : packets_) {
            packet.length = alike_ ? *alike_ + static_cast<std::uint32_t>(below(20)) : any_length();
            packet.at = end + 16 + below(64);
            end = packet.at + packet.length + 2 * kTagBytes;
        }
        in_.assign(end + 64, kCanary);
        out_.assign(end + 64, kCanary);
        expected_in_ = in_;
        expected_out_ = out_;
        for (Packet& packet : packets_)
            make(packet);
    }

    /// An empty text, or what differs.
    [[nodiscard]] std::string run(auto& aead) const {
        Image in = in_;
        Image out = out_;
        std::vector<AeadOperation> operations;
        for (const Packet& packet : packets_) {
            operations.push_back({packet.key, packet.counter, (packet.in_place ? in : out).data() + packet.at,
                                  packet.length, packet.direction, !packet.ok,
                                  packet.in_place ? nullptr : in.data() + packet.at});
        }
        aead.run(operations);
        for (std::size_t i = 0; i < packets_.size(); ++i) {
            if (operations[i].ok != packets_[i].ok) return "verdict of " + describe(i);
        }
        if (in == expected_in_ && out == expected_out_) return {};
        return where(in, expected_in_, "in") + where(out, expected_out_, "out");
    }

  private:
    struct Packet {
        const SymmetricKey* key;
        std::uint64_t counter;
        std::size_t at;
        std::uint32_t length;
        Direction direction;
        Forgery forgery;
        bool in_place;
        bool ok;
    };

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Every length from 0 to 9000 may come; short ones come more often.
    std::uint32_t any_length() {
        constexpr std::array<std::uint32_t, 6> kMost = {80, 300, 300, 1500, 2100, 9000};
        return static_cast<std::uint32_t>(below(kMost[below(kMost.size())] + 1));
    }

    Direction any_direction() { return below(2) == 0 ? Direction::seal : Direction::open; }

    void make(Packet& packet) {
        packet.key = &keys_[below(keys_.size())];
        packet.counter = below(2) == 0 ? below(1000) : random_();
        packet.direction = direction_.value_or(any_direction());
        packet.in_place = below(2) == 0;
        packet.forgery = Forgery::none;
        packet.ok = true;
        std::vector<std::uint8_t> plain(packet.length + 8);
        for (std::size_t i = 0; i < packet.length; i += 8) {
            const std::uint64_t word = random_();
            std::memcpy(&plain[i], &word, sizeof(word));
        }
        std::vector<std::uint8_t> sealed(packet.length + kTagBytes);
        reference_.seal(sealed.data(), *packet.key, packet.counter, plain.data(), packet.length);

        Image& result = packet.in_place ? expected_in_ : expected_out_;
        if (packet.direction == Direction::seal) {
            std::copy_n(plain.begin(), packet.length, &in_[packet.at]);
            std::copy_n(plain.begin(), packet.length, &expected_in_[packet.at]);
            std::ranges::copy(sealed, &result[packet.at]);
        } else {
            if (below(8) == 0) forge(packet, sealed);
            std::ranges::copy(sealed, &in_[packet.at]);
            std::ranges::copy(sealed, &expected_in_[packet.at]);
            if (!packet.ok) std::fill(plain.begin(), plain.end(), std::uint8_t{0});
            std::copy_n(plain.begin(), packet.length, &result[packet.at]);
        }
        last_tag_.assign(sealed.end() - kTagBytes, sealed.end());
    }

    void forge(Packet& packet, std::vector<std::uint8_t>& sealed) {
        packet.forgery = static_cast<Forgery>(1 + below(static_cast<std::uint64_t>(Forgery::count) - 1));
        const auto tag = sealed.end() - kTagBytes;
        packet.ok = false;
        switch (packet.forgery) {
            case Forgery::bit_of_data:
                sealed[below(sealed.size())] ^= static_cast<std::uint8_t>(1U << below(8));
                break;
            case Forgery::bit_of_tag:
                tag[static_cast<std::ptrdiff_t>(below(kTagBytes))] ^=
                    static_cast<std::uint8_t>(1U << below(8));
                break;
            case Forgery::other_counter:
                packet.counter ^= 1ULL << below(64);
                break;
            case Forgery::other_key:
                packet.key = packet.key == &keys_.front() ? &keys_.back() : &keys_.front();
                break;
            case Forgery::shorter: {
                const auto less =
                    static_cast<std::uint32_t>(below(std::min<std::uint64_t>(packet.length, 64) + 1));
                packet.ok = less == 0;
                packet.length -= less;
                sealed.erase(sealed.end() - less, sealed.end());
                break;
            }
            case Forgery::zero_tag:
                std::fill(tag, sealed.end(), std::uint8_t{0});
                break;
            case Forgery::tag_of_another:
                packet.ok = last_tag_.empty();
                std::ranges::copy(last_tag_, tag);
                break;
            case Forgery::half_tag:
                std::fill_n(tag + (below(2) == 0 ? 0 : 8), 8, std::uint8_t{0x5a});
                break;
            default:
                packet.ok = true;
                break;
        }
    }

    [[nodiscard]] std::string describe(std::size_t i) const {
        const Packet& packet = packets_[i];
        return "packet " + std::to_string(i) + " of " + std::to_string(packets_.size()) + ", " +
               std::to_string(packet.length) + " bytes at " + std::to_string(packet.at) +
               (packet.direction == Direction::seal ? ", seal" : ", open") +
               (packet.in_place ? ", in place" : "") + ", forgery " +
               std::to_string(static_cast<int>(packet.forgery)) + "; ";
    }

    [[nodiscard]] std::string where(const Image& is, const Image& expected, const char* name) const {
        const auto differ = std::ranges::mismatch(is, expected).in1;
        if (differ == is.end()) return {};
        const auto at = static_cast<std::size_t>(differ - is.begin());
        std::string text = std::string(name) + " differs at " + std::to_string(at) + ": ";
        for (std::size_t i = 0; i < packets_.size(); ++i) {
            if (packets_[i].at <= at && at < packets_[i].at + packets_[i].length + 2 * kTagBytes)
                text += describe(i);
        }
        return text;
    }

    std::mt19937_64& random_;
    OpenSsl& reference_;
    const std::vector<SymmetricKey>& keys_;
    std::optional<std::uint32_t> alike_;  ///< all packets have about this length
    std::optional<Direction> direction_;  ///< of all packets
    std::vector<Packet> packets_;
    std::vector<std::uint8_t> last_tag_;
    Image in_;
    Image out_;
    Image expected_in_;
    Image expected_out_;
};

std::vector<SymmetricKey> random_keys(std::mt19937_64& random) {
    std::vector<SymmetricKey> keys(300);
    for (SymmetricKey& key : keys) {
        for (std::uint8_t& byte : key.span())
            byte = static_cast<std::uint8_t>(random());
    }
    return keys;
}

/// Runs bursts of all sizes until there were `packets`, by each of `aeads`.
template <typename Aead>
void compare(std::deque<Aead>& aeads, std::uint64_t packets, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    OpenSsl reference;
    const auto keys = random_keys(random);
    std::size_t size = 0;
    for (std::uint64_t made = 0; made < packets; made += size) {
        size = size % AeadBurst::kMaxOperations + 1;
        const Burst burst(random, reference, size, keys);
        for (std::size_t i = 0; i < aeads.size(); ++i) {
            const std::string failure = burst.run(aeads[i]);
            REQUIRE_MESSAGE(failure.empty(), "path ", i, " after ", made, " packets: ", failure);
        }
    }
}

std::uint64_t wanted_packets() {
    const char* told = std::getenv("RINGWAY_AEAD_PACKETS");
    return told == nullptr ? 100'000 : std::strtoull(told, nullptr, 10);
}

}  // namespace

TEST_CASE("random bursts are sealed, opened and refused by every path as by OpenSSL") {
    std::deque<AeadBurst> aeads;
    for (const AeadPath path : usable_aead_paths())
        aeads.emplace_back(AeadPolicy::always(path));
    aeads.emplace_back();
    compare(aeads, wanted_packets(), 1);
}

TEST_CASE("the kernels' text over plain integers does as OpenSSL does") {
    std::deque<LaneAead> aeads;
    aeads.emplace_back(tests::PlainKernel<44>::kKernel);
    aeads.emplace_back(tests::PlainKernel<26>::kKernel);
    compare(aeads, std::min<std::uint64_t>(wanted_packets(), 2000), 2);
}
