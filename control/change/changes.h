#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "control/change/plan.h"
#include "control/core/core.h"
#include "control/fixed_settings.h"
#include "control/tunnels.h"
#include "control/wg_socket/device.h"

namespace ringway::control {

/// How one peer is to be changed: for REST and the console, which change one at a time.
struct PutOptions {
    /// Allowed IPs that other peers have move to this one. Otherwise they are a reason to refuse.
    bool move_allowed_ips = false;
    /// The request itself names the endpoint: the peer is there now, even if it was configured so before.
    bool endpoint_said = false;
};

/// The one way in which a running gateway is changed, whoever asks: a request becomes a plan, or is refused
/// with nothing changed; a plan is carried out whole. Sessions of peers that it does not name go on.
/// Control thread.
class Changes final : public WgDeviceControl {
  public:
    /// `fixed`: what only a restart changes. All must outlive this.
    Changes(Core& core, Tunnels& tunnels, const FixedSettings& fixed)
        : core_(core), tunnels_(tunnels), fixed_(fixed) {}

    // --- plans: they change nothing ---

    /// Towards a whole configuration.
    [[nodiscard]] tl::expected<Plan, Refusal> plan(const config::Configuration& wanted) const;
    /// Towards these tunnels, as Tunnels::settings_of() gave them. Others stay as they are.
    [[nodiscard]] tl::expected<Plan, Refusal> plan(std::span<const config::Tunnel> wanted) const;
    /// Makes the peer what `wanted` says, or adds it.
    [[nodiscard]] tl::expected<Plan, Refusal> plan_put(const RunningTunnel& tunnel, config::Peer wanted,
                                                       PutOptions options) const;
    [[nodiscard]] Plan plan_removal(const RunningTunnel& tunnel, PeerIndex peer) const;
    /// What wg(8) asks for; see WgDeviceControl::set().
    [[nodiscard]] tl::expected<Plan, Errno> plan(const RunningTunnel& tunnel, WgSetRequest request) const;

    // --- changes ---

    /// REQUIRES: nothing was carried out since the plan was made.
    void carry_out(Plan plan, ChangedBy by);
    /// plan_put() and carry_out().
    [[nodiscard]] tl::expected<PeerIndex, Refusal> put(const RunningTunnel& tunnel, config::Peer wanted,
                                                       PutOptions options, ChangedBy by);
    void remove(const RunningTunnel& tunnel, PeerIndex peer, ChangedBy by);

    [[nodiscard]] tl::expected<WgDevice, Errno> get(std::string_view tunnel) override;
    [[nodiscard]] Errno set(std::string_view tunnel, WgSetRequest request) override;

    /// Of all tunnels, as plan() takes it back.
    [[nodiscard]] std::vector<config::Tunnel> settings() const;
    /// How often something was changed.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

  private:
    [[nodiscard]] tl::expected<TunnelChange, Refusal> compare(const RunningTunnel& running,
                                                              const config::Tunnel& wanted) const;
    void compare_peers_of(const RunningTunnel& running, const config::Tunnel& wanted,
                          TunnelChange& change) const;
    /// Nothing to say against it, or why not.
    [[nodiscard]] std::optional<Refusal> refuse(const RunningTunnel& tunnel, const config::Peer& wanted,
                                                PutOptions options) const;
    [[nodiscard]] std::optional<Refusal> refuse_for_room(const Plan& plan) const;
    [[nodiscard]] tl::expected<NewListenPort, Refusal> new_listen_port(const RunningTunnel& running,
                                                                       std::uint16_t port) const;

    Core& core_;
    Tunnels& tunnels_;
    const FixedSettings& fixed_;
    std::uint64_t generation_ = 0;
};

}  // namespace ringway::control
