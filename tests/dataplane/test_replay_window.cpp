#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "dataplane/replay_window.h"

namespace {

using ringway::crypto::kRejectAfterMessages;
using ringway::crypto::kReplayWindow;
using ringway::dataplane::ReplayWindow;

/// Counters from `first` to `last`, either way, each of which is expected to be taken or refused.
struct Run {
    std::uint64_t first;
    std::uint64_t last;
    bool accepted;
};

struct Case {
    const char* rule;
    std::vector<Run> runs;
};

constexpr std::uint64_t kLimit = kRejectAfterMessages;
constexpr std::uint64_t kFar = 1ULL << 40;

const std::vector<Case> kCases = {
    {"the first counter is accepted once", {{0, 0, true}, {0, 0, false}}},
    {"a session may begin with any counter", {{77, 77, true}, {77, 77, false}, {0, 76, true}}},
    {"counters in order are accepted, and none again", {{0, 20000, true}, {20000, 11872, false}}},
    {"counters in reverse order are accepted down to the window's end",
     {{kReplayWindow, 0, true}, {kReplayWindow, 0, false}}},
    {"the oldest counter of the window is accepted, the one before it is not",
     {{kReplayWindow + 1, kReplayWindow + 1, true}, {0, 0, false}, {1, 1, true}, {1, 1, false}}},
    {"the window's end moves with the greatest counter, one by one",
     {{10000, 10000, true},
      {10000 - kReplayWindow, 10000 - kReplayWindow, true},
      {10002, 10002, true},
      {10001 - kReplayWindow, 10001 - kReplayWindow, false},
      {10002 - kReplayWindow, 10002 - kReplayWindow, true}}},
    {"gaps stay open while they are inside the window",
     {{0, 0, true}, {9, 9, true}, {8, 1, true}, {9, 0, false}}},
    {"a jump within a word keeps what is before it",
     {{0, 5, true}, {60, 60, true}, {0, 5, false}, {6, 59, true}}},
    {"a jump by exactly the bitmap leaves nothing of the old round",
     {{0, 8191, true},
      {16383, 16383, true},
      {8192, 8192 + 62, false},
      {8255, 16382, true},
      {8191, 0, false}}},
    {"a far jump clears the whole bitmap",
     {{0, 10000, true},
      {kFar, kFar, true},
      {kFar - kReplayWindow - 1, kFar - kReplayWindow - 1, false},
      {kFar - 1, kFar - kReplayWindow, true},
      {kFar, kFar - kReplayWindow, false},
      {0, 10000, false}}},
    {"the last counter below REJECT_AFTER_MESSAGES is accepted, none from there on",
     {{kLimit - 3, kLimit - 1, true},
      {kLimit, kLimit + 100, false},
      {~0ULL, ~0ULL - 100, false},
      {kLimit - 1, kLimit - 3, false},
      {kLimit - 4, kLimit - 1 - kReplayWindow, true},
      {kLimit - 2 - kReplayWindow, kLimit - 2 - kReplayWindow, false}}},
    {"a refused counter beyond the limit does not move the window",
     {{5, 5, true}, {~0ULL, ~0ULL, false}, {0, 4, true}}},
};

TEST_CASE("replay window: table of rules") {
    for (const Case& each : kCases) {
        CAPTURE(each.rule);
        ReplayWindow window;
        for (const Run& run : each.runs) {
            const std::uint64_t step = run.first <= run.last ? 1 : ~0ULL;
            for (std::uint64_t counter = run.first;; counter += step) {
                CAPTURE(counter);
                REQUIRE(window.accept(counter) == run.accepted);
                if (counter == run.last) break;
            }
        }
    }
}

/// The rules in words, over a set that never forgets.
class Oracle {
  public:
    bool accept(std::uint64_t counter) {
        if (counter >= kLimit) return false;
        if (!seen_.empty() && counter + kReplayWindow < *seen_.rbegin()) return false;
        return seen_.insert(counter).second;
    }

  private:
    std::set<std::uint64_t> seen_;
};

TEST_CASE("replay window: random counters are judged as the rules say") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20; ++round) {
        ReplayWindow window;
        Oracle oracle;
        std::uint64_t centre = round % 2 == 0 ? 0 : kLimit - 60000;
        for (int i = 0; i < 20000; ++i) {
            if (random() % 500 == 0) centre += random() % 20000;
            const std::uint64_t counter = centre + random() % (random() % 4 == 0 ? 20000 : 300);
            CAPTURE(counter);
            REQUIRE(window.accept(counter) == oracle.accept(counter));
            centre += random() % 2;
        }
    }
}

}  // namespace
