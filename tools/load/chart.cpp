#include "tools/load/chart.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ringway::load {
namespace {

constexpr double kWidth = 760;
constexpr double kHeight = 420;
constexpr double kLeft = 80;
constexpr double kRight = 36;
constexpr double kTop = 64;
constexpr double kBottom = 48;
constexpr std::array<const char*, 2> kColours{"#1f6fb4", "#c8571b"};

/// Percentiles go from 0 over 90, 99, 99.9... by how many nines they have.
constexpr double kMostNines = 5;

double percent_at(double nines) {
    return 100 * (1 - std::pow(10, -nines));
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '&':
                out += "&amp;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string duration(double nanoseconds) {
    constexpr double kMicrosecond = 1e3;
    constexpr double kMillisecond = 1e6;
    constexpr double kSecond = 1e9;
    if (nanoseconds < kMicrosecond) return fmt::format("{:g} ns", nanoseconds);
    if (nanoseconds < kMillisecond) return fmt::format("{:g} us", nanoseconds / kMicrosecond);
    if (nanoseconds < kSecond) return fmt::format("{:g} ms", nanoseconds / kMillisecond);
    return fmt::format("{:g} s", nanoseconds / kSecond);
}

class Chart {
  public:
    Chart(std::ostream& out, const std::vector<LatencySeries>& series) : out_(out) {
        for (const LatencySeries& one : series) {
            if (one.latency->count() != 0) series_.push_back(one);
        }
        double least = 1e12;
        double most = 1;
        for (const LatencySeries& one : series_) {
            least = std::min(least, static_cast<double>(std::max<std::uint64_t>(one.latency->min(), 1)));
            most = std::max(most, static_cast<double>(one.latency->max()));
        }
        first_decade_ = static_cast<int>(std::floor(std::log10(std::min(least, most))));
        last_decade_ = std::max(static_cast<int>(std::ceil(std::log10(most))), first_decade_ + 1);
    }

    void draw(const std::string& title, const std::string& subtitle) {
        fmt::print(
            out_,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n"
            "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
            kWidth, kHeight);
        text(kLeft, 24, "start", 16, title);
        text(kLeft, 44, "start", 12, subtitle);
        axes();
        for (std::size_t i = 0; i < series_.size(); ++i)
            line(series_[i], i);
        fmt::print(out_, "</svg>\n");
    }

  private:
    [[nodiscard]] static double x(double nines) {
        return kLeft + nines / kMostNines * (kWidth - kLeft - kRight);
    }
    [[nodiscard]] double y(double nanoseconds) const {
        const double share =
            (std::log10(std::max(nanoseconds, 1.0)) - first_decade_) / (last_decade_ - first_decade_);
        return kHeight - kBottom - share * (kHeight - kTop - kBottom);
    }
    void text(double at_x, double at_y, const char* anchor, int size, const std::string& what) {
        fmt::print(out_, "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\" font-size=\"{}\">{}</text>\n",
                   at_x, at_y, anchor, size, escaped(what));
    }
    void rule(double x1, double y1, double x2, double y2) {
        fmt::print(out_, "<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke=\"#ddd\"/>\n", x1, y1, x2, y2);
    }

    void axes() {
        constexpr double kHalf = 0.30103;
        for (const double nines : {0.0, kHalf, 1.0, 2.0, 3.0, 4.0, kMostNines}) {
            rule(x(nines), kTop, x(nines), kHeight - kBottom);
            text(x(nines), kHeight - kBottom + 18, "middle", 12, fmt::format("{:.5g} %", percent_at(nines)));
        }
        text((kLeft + kWidth - kRight) / 2, kHeight - 10, "middle", 12, "packets that were at least as fast");
        for (int decade = first_decade_; decade <= last_decade_; ++decade) {
            const double nanoseconds = std::pow(10, decade);
            rule(kLeft, y(nanoseconds), kWidth - kRight, y(nanoseconds));
            text(kLeft - 8, y(nanoseconds) + 4, "end", 12, duration(nanoseconds));
        }
    }

    void line(const LatencySeries& series, std::size_t number) {
        constexpr double kStep = 0.02;
        const char* colour = kColours[number % kColours.size()];
        // Beyond one packet in all there is nothing to see.
        const double most = std::min(kMostNines, std::log10(static_cast<double>(series.latency->count())));
        std::string path;
        const auto steps = static_cast<int>(most / kStep);
        for (int step = 0; step <= steps; ++step) {
            const double nines = step * kStep;
            const double percent = std::max(percent_at(nines), 1e-9);
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(nines),
                                y(static_cast<double>(series.latency->percentile(percent))));
        }
        fmt::print(out_, "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", path, colour,
                   number == 0 ? "" : " stroke-dasharray=\"6 4\"");
        const double legend = kTop + 16 + 18 * static_cast<double>(number);
        fmt::print(out_, "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"3\" fill=\"{}\"/>\n",
                   kLeft + 12, legend - 5, colour);
        text(kLeft + 30, legend, "start", 12, series.name);
    }

    std::ostream& out_;
    std::vector<LatencySeries> series_;
    int first_decade_;  ///< exponents of ten, of nanoseconds
    int last_decade_;
};

}  // namespace

void draw_latency(std::ostream& out, const std::string& title, const std::string& subtitle,
                  const std::vector<LatencySeries>& series) {
    Chart(out, series).draw(title, subtitle);
}

}  // namespace ringway::load
