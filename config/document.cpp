#include "config/document.h"

#include <fmt/format.h>
#include <sodium.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

namespace ringway::config {

namespace {

/// Ends the parsing of a text that is too much of something.
struct Refused {
    Position at;
    std::string text;
};

Position position_of(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

void wipe(Value& value) {
    sodium_memzero(value.text.data(), value.text.size());
    for (Value& child : value.children)
        wipe(child);
}

/// Builds the tree from yaml-cpp's events. Its own nodes are not used: they expand aliases, and they
/// can't be zeroed.
class TreeBuilder final : public YAML::EventHandler {
  public:
    explicit TreeBuilder(Problems& problems) : problems_(problems) {}
    ~TreeBuilder() override {
        wipe(root_);
        for (Open& unfinished : open_)
            wipe(unfinished.value);
    }
    TreeBuilder(const TreeBuilder&) = delete;
    TreeBuilder& operator=(const TreeBuilder&) = delete;

    [[nodiscard]] Value take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) throw Refused{position_of(mark), "a second document begins here, expected one"};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        add_leaf({.kind = Value::Kind::null, .at = position_of(mark)});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        problems_.add(position_of(mark), "an alias, expected the value itself");
        add_leaf({.kind = Value::Kind::broken, .at = position_of(mark)});
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  const std::string& value) override {
        auto kind = tag == "?" ? Value::Kind::plain : Value::Kind::quoted;
        if (!check_tag(mark, tag)) kind = Value::Kind::broken;
        add_leaf({.kind = kind, .at = position_of(mark), .text = value});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        check_tag(mark, tag);
        open(Value::Kind::list, position_of(mark));
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        check_tag(mark, tag);
        open(Value::Kind::map, position_of(mark));
    }
    void OnMapEnd() override { close(); }
    void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
        problems_.add(position_of(mark), "an anchor, expected a plain value");
    }

  private:
    /// A list or map whose end has not come yet.
    struct Open {
        Value value;
        bool has_key = false;  ///< of a map: the next value belongs to `key`
        bool key_is_word = true;
        std::string key;
        Position key_at;
        std::unordered_map<std::string, Position> keys;  ///< of a map: those so far
    };

    /// "?" and "!" are yaml-cpp's own, for values without and with quotes.
    bool check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (tag == "?" || tag == "!") return true;
        problems_.add(position_of(mark), "a tag, expected a plain value");
        return false;
    }

    void count(Position at) {
        if (++values_ > kMaxValues) {
            throw Refused{at, fmt::format("more than {} values, expected a smaller file", kMaxValues)};
        }
    }

    void open(Value::Kind kind, Position at) {
        if (open_.size() == kMaxDepth) {
            throw Refused{at, fmt::format("nested deeper than {} levels, expected fewer", kMaxDepth)};
        }
        count(at);
        open_.push_back({.value = {.kind = kind, .at = at}});
    }

    void close() {
        Value value = std::move(open_.back().value);
        open_.pop_back();
        attach(std::move(value));
    }

    void add_leaf(Value value) {
        count(value.at);
        attach(std::move(value));
    }

    /// Puts a finished value where it belongs: as the root, an item, a map's key or the key's value.
    void attach(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().value.kind == Value::Kind::list) {
            open_.back().value.children.push_back(std::move(value));
        } else if (!open_.back().has_key) {
            take_key(open_.back(), std::move(value));
        } else {
            take_value(open_.back(), std::move(value));
        }
    }

    void take_key(Open& map, Value key) {
        map.has_key = true;
        map.key_at = key.at;
        map.key = std::move(key.text);
        map.key_is_word = key.is_scalar();
        if (!map.key_is_word && key.kind != Value::Kind::broken) {
            problems_.add(key.at, "a key that is not a word, expected KEY: VALUE");
        }
    }

    void take_value(Open& map, Value value) {
        map.has_key = false;
        if (!map.key_is_word) return;
        const auto [first, is_new] = map.keys.emplace(map.key, map.key_at);
        if (!is_new) {
            problems_.add(map.key_at, fmt::format("key {} again, expected it once (first in line {})",
                                                  shown(map.key), first->second.line));
            return;
        }
        // yaml-cpp puts an absent value at the next token, which may be lines away.
        if (value.kind == Value::Kind::null) value.at = map.key_at;
        for (Value& item : value.children) {
            if (value.kind == Value::Kind::list) item.key = map.key;
        }
        value.key = std::exchange(map.key, {});
        value.key_at = map.key_at;
        map.value.children.push_back(std::move(value));
    }

    Problems& problems_;
    std::vector<Open> open_;
    Value root_;
    std::size_t values_ = 0;
    unsigned documents_ = 0;
};

/// Reads from a text without copying it.
class TextBuffer final : public std::streambuf {
  public:
    explicit TextBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // only ever read
        setg(begin, begin, begin + text.size());
    }
};

}  // namespace

Document::~Document() {
    wipe(root_);
}

std::optional<Document> parse_document(std::string_view text, Problems& problems) {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    TreeBuilder builder(problems);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
        return Document(builder.take_root());
    } catch (const Refused& refused) {
        problems.add(refused.at, refused.text);
    } catch (const YAML::Exception& error) {
        problems.add(position_of(error.mark), fmt::format("not YAML: {}", error.msg));
    }
    return std::nullopt;
}

}  // namespace ringway::config
