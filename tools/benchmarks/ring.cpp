// What the ring of bundles costs when CPUs share it: one end used by two CPUs at once, against one alone.

#include <sched.h>

#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dataplane/bundle.h"
#include "dataplane/eal.h"
#include "dataplane/ring.h"
#include "tools/benchmarks/measure.h"
#include "tools/benchmarks/report.h"

namespace {

using namespace ringway;
using BundleRing = dataplane::Ring<dataplane::Bundle*>;

constexpr int kRounds = 41;
constexpr std::size_t kEach = 1 << 14;

void run_on(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}

/// `work` on both CPUs at once: here, and on another one by a thread that waits between the rounds.
template <typename Work>
class Pair {
  public:
    Pair(unsigned cpu, Work work) : work_(std::move(work)), other_([this, cpu] { serve(cpu); }) {
        // It begins on this CPU, and must get away from it before anything spins here.
        there_.wait(false);
    }
    ~Pair() {
        stop_.store(true);
        begun_.fetch_add(1);
        other_.join();
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    void run() {
        const unsigned round = begun_.fetch_add(1) + 1;
        work_();
        while (ended_.load() != round) {
        }
    }

  private:
    void serve(unsigned cpu) {
        run_on(cpu);
        there_.store(true);
        there_.notify_one();
        for (unsigned round = 1;; ++round) {
            while (begun_.load() != round) {
            }
            if (stop_.load()) return;
            work_();
            ended_.store(round);
        }
    }

    Work work_;
    std::atomic<unsigned> begun_{0};
    std::atomic<unsigned> ended_{0};
    std::atomic<bool> stop_{false};
    std::atomic<bool> there_{false};
    std::thread other_;
};

class Contest {
  public:
    explicit Contest(unsigned other_cpu)
        : ring_(2 * kEach, dataplane::RingUsers::many, dataplane::RingUsers::many), other_cpu_(other_cpu) {}

    bench::Result pushes() {
        return measure(
            "ring/push/shared", [this] { push(); }, [this] { empty(); });
    }
    bench::Result pops() {
        return measure(
            "ring/pop/shared", [this] { pop(); }, [this] { fill(); });
    }

  private:
    void push() {
        for (std::size_t i = 0; i < kEach; ++i)
            (void)ring_.push(&bundle_);
    }
    void pop() {
        dataplane::Bundle* bundle = nullptr;
        for (std::size_t i = 0; i < kEach; ++i)
            (void)ring_.pop(bundle);
    }
    void empty() {
        dataplane::Bundle* bundle = nullptr;
        while (ring_.pop(bundle)) {
        }
    }
    void fill() {
        while (ring_.push(&bundle_)) {
        }
    }

    template <typename Work, typename Prepare>
    bench::Result measure(const char* name, const Work& work, const Prepare& prepare) {
        bench::Result result{.name = name, .unit = "operations/s", .ratio_to = "one CPU alone"};
        Pair<Work> both(other_cpu_, work);
        for (int round = 0; round < kRounds; ++round) {
            prepare();
            result.runs.push_back(bench::rate(2 * kEach, [&] { both.run(); }));
            prepare();
            result.others.push_back(bench::rate(kEach, work));
        }
        return result;
    }

    BundleRing ring_;
    dataplane::Bundle bundle_;
    unsigned other_cpu_;
};

int run(const std::optional<std::string>& json) {
    const std::vector<unsigned> cpus = dataplane::allowed_cpus();
    if (cpus.size() < 2) {
        std::fputs("bench-ring: needs two CPUs\n", stderr);
        return 1;
    }
    dataplane::EalOptions options;
    options.hugepages = dataplane::EalOptions::Hugepages::off;
    options.memory_mib = 64;
    options.cpus = {{cpus[0]}};
    const dataplane::Eal eal(options);
    Contest contest(cpus[1]);
    const std::vector<bench::Result> results = {contest.pushes(), contest.pops()};
    bench::print(results);
    if (json && !bench::write_json(*json, results)) {
        std::fprintf(stderr, "bench-ring: can't write %s\n", json->c_str());
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::optional<std::string> json;
    if (argc == 3 && std::string_view(argv[1]) == "--json") {
        json = argv[2];
    } else if (argc != 1) {
        std::fputs("usage: bench-ring [--json FILE]\n", stderr);
        return 2;
    }
    try {
        return run(json);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-ring: %s\n", error.what());
        return 1;
    }
}
