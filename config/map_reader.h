#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/problems.h"
#include "config/scalars.h"

namespace ringway::config {

/// Reads the keys of one map into fields. A key that is absent leaves its field as it is; one whose
/// value is wrong does too, and is reported. Every key asked for counts as known, and finish() reports
/// the others.
class MapReader {
  public:
    /// `noun` is what the map describes, for messages: "a peer". A value that is neither a map nor
    /// absent is reported, and then has no keys and lacks none.
    MapReader(const Value& value, std::string_view noun, Problems& problems);

    /// The value of `key`, or null.
    [[nodiscard]] const Value* find(std::string_view key);
    /// As find(), and reports that the key is missing.
    [[nodiscard]] const Value* require(std::string_view key);
    /// Reports that `what` is missing, unless the whole map is wrong.
    void report_missing(std::string_view what);

    template <typename Unsigned>
    void number(std::string_view key, Unsigned& field, Range range) {
        store(key, field, [&](const Value& value) { return read_number(value, range, problems_); });
    }
    template <typename Unsigned>
    void number_or_off(std::string_view key, Unsigned& field, Range range) {
        store(key, field, [&](const Value& value) { return read_number_or_off(value, range, problems_); });
    }
    template <typename Enum, std::size_t Count>
    void word(std::string_view key, Enum& field, const Words<Enum, Count>& words) {
        store(key, field, [&](const Value& value) { return read_word(value, words, problems_); });
    }
    void boolean(std::string_view key, bool& field) {
        store(key, field, [&](const Value& value) { return read_boolean(value, problems_); });
    }

    /// Reports every key that was never asked for.
    void finish();

    [[nodiscard]] Position at() const { return map_.at; }

  private:
    template <typename Field, typename Read>
    void store(std::string_view key, Field& field, Read read) {
        const Value* const value = find(key);
        if (value == nullptr) return;
        if (const auto result = read(*value)) field = static_cast<Field>(*result);
    }

    const Value& map_;
    std::string_view noun_;
    Problems& problems_;
    bool usable_;
    std::vector<std::string_view> known_;
};

/// Calls `read` for each item of a list. Nothing at all is an empty list.
void for_each_item(const Value& list, Problems& problems, const std::function<void(const Value&)>& read);

}  // namespace ringway::config
