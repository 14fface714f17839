#include "dataplane/prefix_table.h"

#include <cassert>
#include <new>
#include <utility>

namespace ringway::dataplane {

using prefix_trie::heap_index;
using prefix_trie::Key;
using prefix_trie::key_at;
using prefix_trie::kKeyBits;
using prefix_trie::kStride;
using prefix_trie::load_key;
using prefix_trie::Node;
using prefix_trie::slot_at;

namespace {

/// Nodes are aligned so that the header and a leaf's value are one cache line.
constexpr std::align_val_t kNodeAlignment{16};

void free_node(const Node* node) {
    ::operator delete(const_cast<Node*>(node), kNodeAlignment);
}

/// The position of the node that holds bit `bit`, or a prefix of that length: -3, 3, 9, ...
constexpr int position_of(int bit) {
    return (bit + kStride / 2) / kStride * kStride - kStride / 2;
}

/// `key` with the bits from `length` on cleared.
Key truncated(Key key, int length) {
    return length <= 0 ? 0 : key & ~Key{0} << (kKeyBits - length);
}

/// How many leading bits two keys share.
int shared_bits(Key a, Key b) {
    const Key difference = a ^ b;
    const auto high = static_cast<std::uint64_t>(difference >> 64);
    return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(difference));
}

/// The prefix at a place of a node's heap: Target, backwards.
IpPrefix prefix_at(const Node& node, unsigned heap, Family family) {
    const int bits = static_cast<int>(std::bit_width(heap)) - 1;
    const unsigned slot = heap << (kStride - bits) & ((1U << kStride) - 1);
    const Key key = node.key() | key_at(slot, node.position);

    IpPrefix prefix{.address = {.family = family}, .length = static_cast<std::uint8_t>(node.position + bits)};
    for (std::size_t i = 0; i < prefix.address.size(); ++i) {
        prefix.address.bytes[i] = static_cast<std::uint8_t>(key >> (kKeyBits - 8 * (i + 1)));
    }
    return prefix;
}

template <typename Visit>
void for_each_bit(std::uint64_t map, Visit visit) {
    for (; map != 0; map &= map - 1)
        visit(static_cast<unsigned>(std::countr_zero(map)));
}

template <typename Visit>
void for_each_node(const Node* node, const Visit& visit) {
    if (node == nullptr) return;
    for (int i = 0; i < std::popcount(node->children); ++i)
        for_each_node(node->child_array()[i], visit);
    visit(node);
}

}  // namespace

/// A prefix as the trie names it: which node holds it and where in the node's heap.
struct PrefixTable::Target {
    explicit Target(const IpPrefix& prefix)
        : key(truncated(load_key(prefix.address.family, prefix.address.bytes.data()), prefix.length)),
          position(position_of(prefix.length)),
          heap(heap_index(slot_at(key, position), prefix.length - position)) {
        assert(prefix.length <= 8 * prefix.address.size());
    }
    Key key;
    int position;
    unsigned heap;
};

/// A node with room for everything, on its way to becoming one.
class PrefixTable::Draft {
  public:
    Draft(Key key, int position) : key_(truncated(key, position)), position_(position) {}
    explicit Draft(const Node& node) : Draft(node.key(), node.position) {
        for_each_bit(node.children, [&](unsigned slot) { set_child(slot, node.child(slot)); });
        for_each_bit(node.prefixes, [&](unsigned heap) { set_value(heap, node.value(heap)); });
    }

    void set_child(unsigned slot, const Node* child) {
        children_ |= 1ULL << slot;
        child_[slot] = child;
    }
    void clear_child(unsigned slot) { children_ &= ~(1ULL << slot); }
    void set_value(unsigned heap, std::uint32_t value) {
        prefixes_ |= 1ULL << heap;
        value_[heap] = value;
    }
    void clear_value(unsigned heap) { prefixes_ &= ~(1ULL << heap); }

    /// The node; none if the draft is empty, and its child if it holds nothing but one child.
    [[nodiscard]] const Node* finish(std::uint64_t generation) const {
        if (prefixes_ == 0 && children_ == 0) return nullptr;
        if (prefixes_ == 0 && std::has_single_bit(children_)) return child_[std::countr_zero(children_)];

        const Node header{.key_high = static_cast<std::uint64_t>(key_ >> 64),
                          .key_low = static_cast<std::uint64_t>(key_),
                          .prefixes = prefixes_,
                          .children = children_,
                          .position = position_,
                          .generation = generation};
        auto* node = new (::operator new(header.bytes(), kNodeAlignment)) Node(header);
        auto* next_child = const_cast<const Node**>(node->child_array());
        for_each_bit(children_, [&](unsigned slot) { *next_child++ = child_[slot]; });
        auto* next_value = const_cast<std::uint32_t*>(node->value_array());
        for_each_bit(prefixes_, [&](unsigned heap) { *next_value++ = value_[heap]; });
        return node;
    }

  private:
    Key key_;
    int position_;
    std::uint64_t prefixes_ = 0;
    std::uint64_t children_ = 0;
    std::array<const Node*, 64> child_;
    std::array<std::uint32_t, 64> value_;
};

PrefixTable::~PrefixTable() {
    assert(!in_batch_);
    for (const Node* root : roots_)
        for_each_node(root, free_node);
}

std::uint32_t PrefixTable::insert(const IpPrefix& prefix, std::uint32_t value) {
    assert(value != kNoValue);
    std::uint32_t old = kNoValue;
    const Node*& tree = root(prefix.address.family);
    tree = with(tree, Target(prefix), value, old);
    if (!in_batch_) publish();
    return old;
}

std::uint32_t PrefixTable::remove(const IpPrefix& prefix) {
    std::uint32_t old = kNoValue;
    const Node*& tree = root(prefix.address.family);
    tree = without(tree, Target(prefix), old);
    if (!in_batch_) publish();
    return old;
}

void PrefixTable::clear() {
    for (const Node*& tree : roots_)
        retire_tree(std::exchange(tree, nullptr));
    if (!in_batch_) publish();
}

const Node* PrefixTable::with(const Node* node, const Target& target, std::uint32_t value,
                              std::uint32_t& old) {
    if (node == nullptr) return leaf(target, value);
    const int position =
        std::min({position_of(shared_bits(node->key(), target.key)), target.position, int{node->position}});
    if (position < node->position) return fork(node, target, position, value);

    Draft draft(*node);
    if (position == target.position) {
        if (node->has_prefix(target.heap)) old = node->value(target.heap);
        draft.set_value(target.heap, value);
    } else {
        const unsigned slot = slot_at(target.key, position);
        draft.set_child(slot, with(node->child(slot), target, value, old));
    }
    retire(node);
    return draft.finish(generation_);
}

/// A new node above `node`, where the way to the target leaves it or ends.
const Node* PrefixTable::fork(const Node* node, const Target& target, int position, std::uint32_t value) {
    Draft draft(target.key, position);
    draft.set_child(slot_at(node->key(), position), node);
    if (position == target.position) {
        draft.set_value(target.heap, value);
    } else {
        draft.set_child(slot_at(target.key, position), leaf(target, value));
    }
    return draft.finish(generation_);
}

const Node* PrefixTable::leaf(const Target& target, std::uint32_t value) {
    Draft draft(target.key, target.position);
    draft.set_value(target.heap, value);
    return draft.finish(generation_);
}

const Node* PrefixTable::without(const Node* node, const Target& target, std::uint32_t& old) {
    if (node == nullptr || node->position > target.position || !node->covers(target.key)) return node;

    Draft draft(*node);
    if (node->position == target.position) {
        if (!node->has_prefix(target.heap)) return node;
        old = node->value(target.heap);
        draft.clear_value(target.heap);
    } else {
        const unsigned slot = slot_at(target.key, node->position);
        const Node* child = without(node->child(slot), target, old);
        if (old == kNoValue) return node;
        child != nullptr ? draft.set_child(slot, child) : draft.clear_child(slot);
    }
    retire(node);
    return draft.finish(generation_);
}

void PrefixTable::retire(const Node* node) {
    node->generation == generation_ ? free_node(node) : retired_.push_back(node);
}

void PrefixTable::retire_tree(const Node* node) {
    for_each_node(node, [this](const Node* each) { retire(each); });
}

void PrefixTable::publish() {
    for (std::size_t i = 0; i < roots_.size(); ++i)
        published_[i].store(roots_[i], std::memory_order_release);
    ++generation_;
    if (retired_.empty()) return;
    reclaimer_.defer([nodes = std::exchange(retired_, {})] {
        for (const Node* node : nodes)
            free_node(node);
    });
}

std::uint32_t PrefixTable::find(const IpPrefix& prefix) const {
    const Target target(prefix);
    const Node* node = roots_[static_cast<std::size_t>(prefix.address.family)];
    while (node != nullptr && node->position < target.position && node->covers(target.key)) {
        node = node->child(slot_at(target.key, node->position));
    }
    if (node == nullptr || node->position != target.position || !node->covers(target.key)) return kNoValue;
    return node->has_prefix(target.heap) ? node->value(target.heap) : kNoValue;
}

void PrefixTable::for_each(const std::function<void(const IpPrefix&, std::uint32_t)>& visit) const {
    for (const Family family : {Family::v4, Family::v6}) {
        for_each_node(roots_[static_cast<std::size_t>(family)], [&](const Node* node) {
            for_each_bit(node->prefixes,
                         [&](unsigned heap) { visit(prefix_at(*node, heap, family), node->value(heap)); });
        });
    }
}

std::vector<IpPrefix> PrefixTable::prefixes_of(std::uint32_t value) const {
    std::vector<IpPrefix> found;
    for_each([&](const IpPrefix& prefix, std::uint32_t its_value) {
        if (its_value == value) found.push_back(prefix);
    });
    return found;
}

std::size_t PrefixTable::memory_bytes() const {
    std::size_t bytes = 0;
    for (const Node* tree : roots_)
        for_each_node(tree, [&](const Node* node) { bytes += node->bytes(); });
    return bytes;
}

}  // namespace ringway::dataplane
