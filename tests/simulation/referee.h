#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "crypto/noise.h"
#include "tests/simulation/agenda.h"

namespace ringway::simulation {

/// A rule of the protocol was broken. What it says begins with the rule's name.
class Violation : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

using NodeNumber = std::uint32_t;
inline constexpr NodeNumber kNobody = 0xffffffff;

/// Who sealed what with which key, as nobody in the world can know it: judges what nodes believe. Its
/// answers are exceptions.
class Referee {
  public:
    explicit Referee(const Agenda& agenda) : agenda_(agenda) {}

    [[noreturn]] void blow(const std::string& rule, NodeNumber node, const std::string& what) const;

    /// `node` has made a session for what it takes for `peer`: rules 'shared keys'.
    void installed(NodeNumber node, NodeNumber peer, const crypto::TransportKeys& keys);
    /// The session has become the one to send by. As initiator its keys must be the peer's too.
    void in_use(NodeNumber node, NodeNumber peer, const crypto::TransportKeys& keys);

    /// Rule 'counter used once'.
    void sealed(NodeNumber by, const crypto::SymmetricKey& key, std::uint64_t counter,
                std::span<const std::uint8_t> message);
    /// `node` takes the message for one of `peer`'s. Rules 'authentic' and 'accepted once'.
    void accepted(NodeNumber node, NodeNumber peer, const crypto::SymmetricKey& key, std::uint64_t counter,
                  std::span<const std::uint8_t> message);
    [[nodiscard]] std::uint64_t packets_accepted() const { return accepted_.size(); }

  private:
    /// A key's first bytes: keys are random.
    using Print = std::uint64_t;
    static Print print_of(const crypto::SymmetricKey& key);

    struct Use {
        Print key;
        std::uint64_t counter;
        bool operator==(const Use&) const = default;
    };
    struct HashOfUse {
        std::size_t operator()(const Use& use) const {
            return use.key ^ (use.counter * 0x9e3779b97f4a7c15ULL);
        }
    };
    struct Sealed {
        NodeNumber by;
        std::uint64_t digest;
    };
    struct Installed {
        NodeNumber node;
        NodeNumber peer;
        Print receive;
    };

    const Agenda& agenda_;
    std::unordered_map<Use, Sealed, HashOfUse> sealed_;
    std::unordered_set<Use, HashOfUse> accepted_;
    std::unordered_map<Print, Installed> installed_;  ///< by the key to send with
};

}  // namespace ringway::simulation
