#include "config/map_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/nearest.h"

namespace ringway::config {

MapReader::MapReader(const Value& value, std::string_view noun, Problems& problems)
    : map_(value),
      noun_(noun),
      problems_(problems),
      usable_(value.kind == Value::Kind::map || value.kind == Value::Kind::null) {
    if (!usable_) report_kind(value, fmt::format("{} as a map of keys", noun), problems);
}

const Value* MapReader::find(std::string_view key) {
    known_.push_back(key);
    if (map_.kind != Value::Kind::map) return nullptr;
    const auto found = std::find_if(map_.children.begin(), map_.children.end(),
                                    [key](const Value& child) { return child.key == key; });
    return found == map_.children.end() ? nullptr : &*found;
}

const Value* MapReader::require(std::string_view key) {
    const Value* const value = find(key);
    if (value == nullptr) report_missing(key);
    return value;
}

void MapReader::report_missing(std::string_view what) {
    if (usable_) problems_.add(map_.at, fmt::format("missing key {}, expected in {}", what, noun_));
}

void MapReader::finish() {
    if (map_.kind != Value::Kind::map) return;
    for (const Value& child : map_.children) {
        if (std::find(known_.begin(), known_.end(), child.key) != known_.end()) continue;
        const std::string_view near = nearest(child.key, known_);
        problems_.add(child.key_at, fmt::format("unknown key {} in {}, expected {}", shown(child.key), noun_,
                                                near.empty() ? one_of(known_) : near));
    }
}

void for_each_item(const Value& list, Problems& problems, const std::function<void(const Value&)>& read) {
    if (list.kind == Value::Kind::list) {
        for (const Value& item : list.children)
            read(item);
    } else if (list.kind != Value::Kind::null) {
        report_kind(list, "a list", problems);
    }
}

}  // namespace ringway::config
