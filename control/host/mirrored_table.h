#pragma once

#include <map>
#include <optional>
#include <utility>

namespace ringway::control::host {

/// A copy of one of the kernel's tables, and beside it, while a list is being loaded, the copy that will take
/// its place. Notifications that come meanwhile change both.
template <typename Key, typename Value>
class MirroredTable {
  public:
    using Map = std::map<Key, Value>;

    [[nodiscard]] const Map& held() const { return held_; }

    void begin_load() { incoming_.emplace(); }
    void abandon_load() { incoming_.reset(); }

    /// An entry of the list: `change(map)` puts it in.
    template <typename Change>
    void load(Change&& change) {
        if (incoming_) change(*incoming_);
    }

    /// A notification about `key`: `change(map)` applies it. If that made a difference,
    /// `report(before, after)` hears of it; either may be null.
    template <typename Change, typename Report>
    void notify(const Key& key, Change&& change, Report&& report) {
        std::optional<Value> before;
        if (const auto found = held_.find(key); found != held_.end()) before = found->second;
        change(held_);
        if (incoming_) change(*incoming_);
        const auto after = held_.find(key);
        report_difference(before ? &*before : nullptr, after != held_.end() ? &after->second : nullptr,
                          report);
    }

    /// The list is complete: it becomes the copy that is held, and `report` hears of every difference.
    template <typename Report>
    void finish_load(Report&& report) {
        const Map before = std::exchange(held_, std::move(*incoming_));
        incoming_.reset();
        auto old = before.begin();
        auto now = held_.begin();
        while (old != before.end() || now != held_.end()) {
            const bool only_old = now == held_.end() || (old != before.end() && old->first < now->first);
            const bool only_now = old == before.end() || (now != held_.end() && now->first < old->first);
            report_difference(only_now ? nullptr : &old->second, only_old ? nullptr : &now->second, report);
            if (!only_now) ++old;
            if (!only_old) ++now;
        }
    }

  private:
    template <typename Report>
    static void report_difference(const Value* before, const Value* after, Report& report) {
        const bool same = before != nullptr && after != nullptr ? *before == *after : before == after;
        if (!same) report(before, after);
    }

    Map held_;
    std::optional<Map> incoming_;
};

}  // namespace ringway::control::host
