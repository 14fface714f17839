#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ringway::dataplane {

/// The CPUs this process may run on: what EalOptions::cpus is chosen from.
[[nodiscard]] std::vector<unsigned> allowed_cpus();

/// How DPDK's environment is brought up.
struct EalOptions {
    enum class Hugepages : std::uint8_t { automatic, required, off };

    Hugepages hugepages = Hugepages::automatic;
    std::size_t memory_mib = 256;  ///< without huge pages: all DPDK memory there will be
    std::vector<std::vector<unsigned>>
        cpus;  ///< by EAL lcore, the first being the main one: where it may run
    /// Of all ports, as PortOptions has them: what they want of DPDK's memory, and which PCI devices are
    /// looked at.
    std::vector<std::string> devices;
    bool verbose = false;
    std::string name;        ///< what tells this process from others of its kind
    bool telemetry = false;  ///< serve DPDK's telemetry socket
};

/// DPDK's environment: huge or plain memory, devices, and a thread for every lcore. Once per process.
class Eal {
  public:
    /// The calling thread becomes the main lcore. Throws std::runtime_error saying what failed.
    explicit Eal(const EalOptions& options);
    ~Eal();
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

    /// Runs `body` on EAL lcore `number` (1 and up) until it returns. `body` must live until join().
    void launch(unsigned number, const std::function<void()>& body);
    /// Waits until the body on one EAL lcore, or every body, has returned. What they did is then visible.
    void join(unsigned number);
    void join();

    [[nodiscard]] bool has_hugepages() const { return hugepages_; }
    /// Whether DPDK's capture tools can attach: they share our memory, which only mounted huge pages allow.
    [[nodiscard]] bool captures() const { return captures_; }
    /// What DPDK's tools know this process by.
    [[nodiscard]] const std::string& prefix() const { return prefix_; }

  private:
    struct Launched {
        Eal* eal;
        const std::function<void()>* body;
    };
    static int run(void* launched);

    bool hugepages_ = false;
    std::string prefix_ = "rte";
    std::optional<std::filesystem::path> shared_at_;  ///< the mount whose huge pages others may map
    bool captures_ = false;
    std::deque<Launched> launched_;  ///< each stays where it is: its lcore reads it
    /// What an lcore did is visible to whoever has joined it. DPDK sees to that in a way of its own; this
    /// says it in the language's terms, which the thread sanitizer knows.
    std::atomic<unsigned> ended_{0};
};

}  // namespace ringway::dataplane
