#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "control/calls.h"
#include "control/change/changes.h"
#include "control/change/commit_window.h"
#include "control/change/configuration_file.h"
#include "control/console/console.h"
#include "control/core/core.h"
#include "control/descriptor_watch.h"
#include "control/events/events.h"
#include "control/fixed_settings.h"
#include "control/host/port_guard.h"
#include "control/host_io.h"
#include "control/interface_mender.h"
#include "control/lcore_layout.h"
#include "control/lcore_watch.h"
#include "control/log/log.h"
#include "control/namespaces.h"
#include "control/neighbour_queue.h"
#include "control/poller.h"
#include "control/resolve/name_resolver.h"
#include "control/resolve/named_endpoints.h"
#include "control/rest/server.h"
#include "control/state_file/timestamp_store.h"
#include "control/tunnels.h"
#include "control/view/viewer.h"
#include "control/wg_socket/server.h"
#include "crypto/random.h"
#include "dataplane/clock.h"
#include "dataplane/eal.h"

namespace ringway::control {

/// A running gateway: everything the configuration asks for, from the constructor to the destructor.
/// Control thread.
class Gateway final : private SocketWatcher {
  public:
    /// Opens ports, makes host interfaces, starts tunnels and lcores. Throws std::runtime_error saying
    /// what could not be done; whatever had been made is unmade. `file` and `options`: where and how the
    /// configuration was loaded, for when it is to be read again.
    Gateway(const config::Configuration& configuration, const std::filesystem::path& file,
            config::LoadOptions options, Log& log);
    /// Stops the lcores, hands out what is queued, and undoes all it did to the host.
    ~Gateway() override;
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Serves until `stop` says so, asked at least every millisecond.
    void run(const std::function<bool()>& stop);
    /// Takes nothing new in and waits, but not for long, until what is under way has left. After run().
    void drain();
    /// Writes what passed and what was dropped to the log.
    void log_counters();
    /// Reads the configuration file again, and follows it.
    void reload() { file_.reload_in_background(); }

    /// Gives up what only the start needed. When everything is open.
    void drop_privileges(const config::Configuration& configuration);

    /// Serves the operator's consoles from here on. Throws std::runtime_error.
    void open_console(const console::Console::Options& options);

    [[nodiscard]] Poller& poller() { return poller_; }

  private:
    void start_ports(const config::Configuration& configuration);
    void start_port(const config::Port& port);
    void start_tunnels(const config::Configuration& configuration);
    void log_aead();
    void restore_timestamp();
    void keep_timestamp();
    void stop_lcores();
    void tell_events();
    void put_routes(const config::Configuration& configuration);
    void open_wg_sockets();
    void open_rest(const config::Rest& rest);
    [[nodiscard]] NamedEndpoints::Surroundings surroundings_of_names();
    void start_lcores(bool adaptive);
    void watch_mirrors();
    void follow(Namespace& n);
    void follow_again(Namespace& n);
    void tell_overruns();
    void warn_of_bypassed_rulesets(const config::Configuration& configuration);
    void watch(RunningTunnel& tunnel) override;
    void unwatch(RunningTunnel& tunnel) override;
    [[nodiscard]] std::optional<dataplane::PortIndex> port_of(const RunningTunnel& tunnel,
                                                              host::InterfaceIndex interface) const;
    void receive_reassembled(const RunningTunnel& tunnel, host::ListenSocket& socket);
    void resolve(dataplane::PortIndex port, const dataplane::IpAddress& address);
    void refresh_neighbours(dataplane::Nanoseconds now);
    /// What is done about once a second.
    void look_around();

    Logger logger_;
    FixedSettings fixed_;
    LcoreLayout layout_;
    dataplane::Eal eal_;
    dataplane::MonotonicClock clock_;
    crypto::SystemRandom random_;
    dataplane::Dataplane plane_;
    Events events_;
    Core core_;
    NeighbourQueue waiting_;
    Namespaces namespaces_;
    std::vector<host::PortGuard> guards_;
    std::vector<host::TunDevice> taps_;
    Poller poller_;
    NameResolver resolver_;
    NamedEndpoints named_endpoints_;
    Tunnels tunnels_;
    Changes changes_;
    CommitWindow window_;
    HostIo host_io_;
    InterfaceMender mender_;
    TimestampStore timestamps_;
    std::vector<std::unique_ptr<WgSocketServer>> wg_sockets_;
    LcoreWatch lcore_watch_;
    DescriptorWatch descriptors_;
    Calls calls_;
    ConfigurationFile file_;
    std::vector<PortNames> port_names_;
    std::optional<Viewer> viewer_;
    std::optional<rest::Api> api_;
    std::uint64_t overruns_told_ = 0;
    std::vector<Namespace*> unfollowed_;  ///< their mirrors can't go on
    dataplane::Nanoseconds next_look_ = 0;
    dataplane::Nanoseconds next_refresh_ = 0;

    std::atomic<bool> stop_lcores_{false};
    std::atomic<bool> stop_host_io_{false};
    std::vector<std::function<void()>> bodies_;  ///< of the EAL lcores, while they run
    std::optional<rest::Server> rest_;
    std::optional<console::Desk> desk_;
    std::optional<console::Console> console_;
};

}  // namespace ringway::control
