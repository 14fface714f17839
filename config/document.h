#pragma once

// YAML text to a plain tree of values that know where they stand. What a configuration has no use for
// and what could make a small file grow or recurse without bound is refused on the way: anchors,
// aliases, tags, keys that are not plain words, depth, several documents.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/problems.h"

namespace ringway::config {

/// Levels of lists and maps. The configuration itself has five.
inline constexpr std::size_t kMaxDepth = 16;
/// Values in one file. 100,000 peers with everything set take about 900,000.
inline constexpr std::size_t kMaxValues = 2'000'000;

struct Value {
    enum class Kind : std::uint8_t {
        null,    ///< nothing at all, ~ or null
        plain,   ///< a scalar without quotes: a number, a boolean or text
        quoted,  ///< text
        list,
        map,
        broken,  ///< its problem is known already; ask nothing more of it
    };

    Kind kind = Kind::null;
    Position at;                  ///< an absent value stands at its key
    std::string text;             ///< of a scalar
    std::string key;              ///< in a map; an item of a list bears the list's key
    Position key_at;              ///< in a map
    std::vector<Value> children;  ///< of a list or map, in order; no key twice

    [[nodiscard]] bool is_scalar() const { return kind == Kind::plain || kind == Kind::quoted; }
};

/// A parsed text. Its scalars are zeroed when it dies, since keys may be among them.
class Document {
  public:
    explicit Document(Value root) : root_(std::move(root)) {}
    ~Document();
    Document(Document&&) = default;
    Document& operator=(Document&&) = delete;

    [[nodiscard]] const Value& root() const { return root_; }

  private:
    Value root_;
};

/// Nothing, with problems, when the text is not YAML at all; else a tree, possibly with problems too.
/// An empty text is a null value. REQUIRES: check_text() found nothing.
[[nodiscard]] std::optional<Document> parse_document(std::string_view text, Problems& problems);

}  // namespace ringway::config
