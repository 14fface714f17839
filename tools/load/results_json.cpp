#include "tools/load/results_json.h"

#include "tools/benchmarks/machine.h"

namespace ringway::load {
namespace {

using nlohmann::json;

json to_json(const LatencyHistogram& latency) {
    json out = {{"count", latency.count()},
                {"min_ns", latency.min()},
                {"mean_ns", latency.mean()},
                {"max_ns", latency.max()}};
    for (const double percent : {50.0, 90.0, 99.0, 99.9, 99.99})
        out["percentiles_ns"].push_back({percent, latency.percentile(percent)});
    return out;
}

json to_json(const DirectionResult& result, double mean_size) {
    const DirectionCounts& counts = result.counts;
    return {{"seconds", result.seconds},
            {"offered", result.offered()},
            {"refused", result.refused},
            {"late", result.late},
            {"sent", counts.sent},
            {"sent_bytes", counts.sent_bytes},
            {"received", counts.received},
            {"matched", counts.matched},
            {"lost", counts.lost()},
            {"duplicates", counts.duplicates},
            {"ancient", counts.ancient},
            {"corrupt", counts.corrupt},
            {"reordered", counts.reordered},
            {"compared", counts.checked},
            {"loss", result.loss()},
            {"packets_per_second", result.received_per_second()},
            {"gigabits_per_second", result.gigabits_per_second(mean_size)},
            {"latency", to_json(result.latency)}};
}

json to_json(const Step& step, double mean_size) {
    json out = {{"passed", step.passed},
                {"loss", step.loss()},
                {"idle", step.result.idle()},
                {"packets_per_second", step.received_per_second()}};
    if (step.rate > 0) out["rate"] = step.rate;
    for (const auto& [direction, part] : step.result.directions)
        out[to_string(direction)] = to_json(part, mean_size);
    return out;
}

json to_json(const PortCounts& counts) {
    return {{"frames", counts.frames},
            {"neighbours", counts.neighbours},
            {"handshakes", counts.handshakes},
            {"keepalives", counts.keepalives},
            {"foreign", counts.foreign}};
}

json to_json(const HandshakeCounts& counts, const LatencyHistogram& latency) {
    return {{"initiations_sent", counts.initiations_sent},
            {"retries", counts.retries},
            {"responses_received", counts.responses_received},
            {"initiations_received", counts.initiations_received},
            {"responses_sent", counts.responses_sent},
            {"cookies_received", counts.cookies_received},
            {"cookies_for_rubbish", counts.cookies_for_rubbish},
            {"keepalives_sent", counts.keepalives_sent},
            {"keepalives_received", counts.keepalives_received},
            {"refused", counts.refused},
            {"latency", to_json(latency)}};
}

json to_json(const Load& load) {
    json out = {{"cipher", to_json(load.cipher_counts())}};
    if (load.has_two_ports()) out["plain"] = to_json(load.plain_counts());
    return out;
}

json report(const json& results, const json& counted) {
    json out = bench::machine_and_commit();
    out["results"] = results;
    out["load"] = counted;
    return out;
}

}  // namespace

json to_json(const Settings& settings, const Load& load, const Measurement& measured) {
    const double mean_size = settings.load.sizes.mean();
    json results = json::array();
    if (measured.answer) {
        const double value = measured.steps[*measured.answer].received_per_second();
        json runs = json::array();
        for (const Step& step : measured.steps) {
            if (!settings.search) runs.push_back(step.received_per_second());
        }
        if (settings.search) runs.push_back(value);
        results.push_back(
            {{"name", result_name(settings)}, {"value", value}, {"unit", "packets/s"}, {"runs", runs}});
    }
    json trials = json::array();
    for (const Step& step : measured.steps)
        trials.push_back(to_json(step, mean_size));
    json counted = {{"trials", trials},
                    {"ports", to_json(load)},
                    {"handshakes", to_json(load.handshaker().counts(), load.handshaker().latency())}};
    if (measured.answer) counted["answer"] = *measured.answer;
    return report(results, counted);
}

json to_json(const Settings& settings, const Load& load, const HandshakeResult& result) {
    json counted = {{"seconds", result.seconds},   {"handshakes", to_json(result.counts, result.latency)},
                    {"replayed", result.replayed}, {"random", result.random},
                    {"cookie", result.cookie},     {"ports", to_json(load)}};
    return report({{{"name", result_name(settings)},
                    {"value", result.per_second()},
                    {"unit", "handshakes/s"},
                    {"runs", {result.per_second()}}}},
                  counted);
}

}  // namespace ringway::load
