// The sections system and lcores.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/map_reader.h"
#include "config/sections.h"

namespace ringway::config {

namespace {

constexpr Range kMemoryMib = {16, 1 << 20};
constexpr Range kMaxPeers = {1, 1'000'000};
constexpr Range kPacketsPerSecond = {1, 100'000'000};

constexpr Words<Hugepages, 3> kHugepages = {
    {{"auto", Hugepages::automatic}, {"required", Hugepages::required}, {"off", Hugepages::off}}};
constexpr Words<Idle, 2> kIdle = {{{"spin", Idle::spin}, {"adaptive", Idle::adaptive}}};
constexpr Words<Aead, 4> kAeads = {{{"auto", Aead::automatic},
                                    {"ipsec-mb", Aead::ipsec_mb},
                                    {"avx512", Aead::avx512},
                                    {"avx2", Aead::avx2}}};
constexpr Words<LogLevel, 4> kLogLevels = {{{"debug", LogLevel::debug},
                                            {"info", LogLevel::info},
                                            {"warning", LogLevel::warning},
                                            {"error", LogLevel::error}}};
void read_target(const Value& value, Context& context, Log& log) {
    const auto target = read_text(value, context.problems);
    if (!target) return;
    if (*target == "stderr") {
        log.target = LogTarget::standard_error;
    } else if (*target == "journal") {
        log.target = LogTarget::journal;
    } else if (target->find('/') != std::string::npos) {
        log.target = LogTarget::file;
        log.file = context.resolve(*target);
    } else {
        context.problems.add(
            value,
            fmt::format("{} is unknown, expected stderr, journal or a file name with a /", shown(*target)));
    }
}

void read_log(const Value& value, Context& context, Log& log) {
    MapReader map(value, "the log", context.problems);
    map.word("level", log.level, kLogLevels);
    if (const Value* const target = map.find("target")) read_target(*target, context, log);
    map.finish();
}

void read_host_limits(const Value& value, Context& context, HostLimits& limits) {
    MapReader map(value, "host_limits", context.problems);
    map.number_or_off("arp", limits.arp, kPacketsPerSecond);
    map.number_or_off("nd", limits.nd, kPacketsPerSecond);
    map.number_or_off("icmp", limits.icmp, kPacketsPerSecond);
    map.number_or_off("bgp", limits.bgp, kPacketsPerSecond);
    map.number_or_off("other", limits.other, kPacketsPerSecond);
    map.finish();
}

/// A list of CPUs for one role; broken items are left out.
std::vector<std::uint32_t> read_cpus(const Value& list, Context& context) {
    std::vector<std::uint32_t> cpus;
    for_each_item(list, context.problems, [&](const Value& item) {
        const auto cpu = read_number(item, {0, context.cpus - 1}, context.problems);
        if (!cpu) return;
        if (std::find(cpus.begin(), cpus.end(), *cpu) != cpus.end()) {
            context.problems.add(item, fmt::format("CPU {} again, expected it once", *cpu));
        } else {
            cpus.push_back(static_cast<std::uint32_t>(*cpu));
        }
    });
    const bool is_empty =
        list.kind == Value::Kind::null || (list.kind == Value::Kind::list && list.children.empty());
    if (is_empty) context.problems.add(list, "no CPU, expected one at least");
    return cpus;
}

std::vector<std::uint32_t> read_role(MapReader& map, std::string_view role, Context& context) {
    const Value* const list = map.require(role);
    return list == nullptr ? std::vector<std::uint32_t>() : read_cpus(*list, context);
}

/// Control threads may use a polling CPU only when the machine has no other.
void check_sharing(const Value& control, const Lcores& lcores, Context& context) {
    std::set<std::uint32_t> polling(lcores.rx.begin(), lcores.rx.end());
    polling.insert(lcores.crypto.begin(), lcores.crypto.end());
    polling.insert(lcores.tx.begin(), lcores.tx.end());
    if (polling.size() >= context.cpus) return;
    for (const std::uint32_t cpu : lcores.control) {
        if (!polling.contains(cpu)) continue;
        context.problems.add(control,
                             fmt::format("CPU {} polls already, expected one of those that do not", cpu));
    }
}

}  // namespace

void read_system(const Value& value, Context& context, System& system) {
    MapReader map(value, "system", context.problems);
    map.number("memory", system.memory, kMemoryMib);
    map.word("hugepages", system.hugepages, kHugepages);
    map.word("idle", system.idle, kIdle);
    map.word("aead", system.aead, kAeads);
    map.number("max_peers", system.max_peers, kMaxPeers);
    if (const Value* const limits = map.find("host_limits"))
        read_host_limits(*limits, context, system.host_limits);
    if (const Value* const log = map.find("log")) read_log(*log, context, system.log);
    map.finish();
}

void read_lcores(const Value& value, Context& context, std::optional<Lcores>& lcores) {
    if (value.is_scalar() && value.text == "auto") return;
    if (value.kind != Value::Kind::map) {
        report_kind(value, "auto, or the roles control, rx, crypto and tx", context.problems);
        return;
    }
    MapReader map(value, "lcores", context.problems);
    Lcores& roles = lcores.emplace();
    const Value* const control = map.find("control");
    if (control != nullptr) roles.control = read_cpus(*control, context);
    roles.rx = read_role(map, "rx", context);
    roles.crypto = read_role(map, "crypto", context);
    roles.tx = read_role(map, "tx", context);
    if (control != nullptr) check_sharing(*control, roles, context);
    map.finish();
}

}  // namespace ringway::config
