#include "control/protocol/deadline_heap.h"

namespace ringway::control::protocol {

DeadlineHeap::DeadlineHeap(std::size_t max_peers) : position_(max_peers, kAbsent) {
    heap_.reserve(max_peers);
}

void DeadlineHeap::set(PeerId peer, Nanoseconds deadline) {
    const Entry entry{.deadline = deadline, .peer = peer};
    if (position_[peer] == kAbsent) {
        position_[peer] = static_cast<std::uint32_t>(heap_.size());
        heap_.push_back(entry);
    }
    settle(position_[peer], entry);
}

void DeadlineHeap::clear(PeerId peer) {
    const std::uint32_t hole = position_[peer];
    if (hole == kAbsent) return;
    position_[peer] = kAbsent;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (hole < heap_.size()) settle(hole, last);
}

std::optional<DeadlineHeap::Entry> DeadlineHeap::soonest() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
}

void DeadlineHeap::place(std::size_t position, const Entry& entry) {
    heap_[position] = entry;
    position_[entry.peer] = static_cast<std::uint32_t>(position);
}

void DeadlineHeap::settle(std::size_t position, const Entry& entry) {
    const bool rises = position > 0 && entry.deadline < heap_[(position - 1) / 2].deadline;
    rises ? sift_up(position, entry) : sift_down(position, entry);
}

void DeadlineHeap::sift_up(std::size_t position, const Entry& entry) {
    while (position > 0) {
        const std::size_t parent = (position - 1) / 2;
        if (heap_[parent].deadline <= entry.deadline) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, entry);
}

void DeadlineHeap::sift_down(std::size_t position, const Entry& entry) {
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1].deadline < heap_[child].deadline) ++child;
        if (entry.deadline <= heap_[child].deadline) break;
        place(position, heap_[child]);
        position = child;
    }
    place(position, entry);
}

}  // namespace ringway::control::protocol
