#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "dataplane/endpoint.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/path.h"

namespace ringway::simulation {

struct Datagram {
    dataplane::Endpoint from, to;  ///< only the remote halves count
    Bytes bytes;
    WorldTime sent = 0;  ///< the first time, by whoever made it
};

/// How the network treats datagrams. Shares are 0 to 1.
struct Weather {
    double loss = 0;
    double duplication = 0;
    double corruption = 0;
    double straggling = 0;  ///< arrive long after the others
    WorldTime jitter = 0;   ///< so that datagrams overtake each other

    [[nodiscard]] static Weather calm() { return {}; }
    [[nodiscard]] static Weather any(Chance& chance);
};

/// Carries datagrams, as well as its weather lets it, and remembers some to send them again.
class Network {
  public:
    Network(Agenda& agenda, Chance& chance, std::function<void(const Datagram&)> deliver)
        : agenda_(agenda), chance_(chance), deliver_(std::move(deliver)) {}

    void set_weather(const Weather& weather) { weather_ = weather; }
    /// Nodes whose bits in `sides` differ do not reach each other.
    void split(std::uint64_t sides) { sides_ = sides; }
    void heal_split() { sides_ = 0; }

    /// `from`, `to`: numbers of the nodes, if they are nodes.
    void send(Datagram datagram, NodeNumber from, NodeNumber to);
    /// An attacker sends `count` datagrams of the past again, some of them changed, some to others.
    void replay(std::uint64_t count);

  private:
    void carry(const Datagram& datagram);
    void corrupt(Bytes& bytes);
    void remember(const Datagram& datagram);

    Agenda& agenda_;
    Chance& chance_;
    std::function<void(const Datagram&)> deliver_;
    Weather weather_;
    std::uint64_t sides_ = 0;
    std::deque<Datagram> past_;
};

}  // namespace ringway::simulation
