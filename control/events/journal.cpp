#include "control/events/journal.h"

#include <unistd.h>

#include <bit>
#include <cstring>

namespace ringway::control {

Journal::Journal(std::size_t events, std::uint64_t epoch) : slots_(std::bit_ceil(events)), epoch_(epoch) {}

void Journal::append(Event& event) {
    event.sequence = newest_.load(std::memory_order_relaxed) + 1;
    std::array<std::uint64_t, kWords> words{};
    std::memcpy(words.data(), &event, sizeof(event));
    Slot& slot = slots_[event.sequence & (slots_.size() - 1)];
    slot.sequence.store(0, std::memory_order_relaxed);
    // Each released: who sees a word of this event sees that the old number is gone.
    for (std::size_t i = 0; i < kWords; ++i)
        slot.words[i].store(words[i], std::memory_order_release);
    slot.sequence.store(event.sequence, std::memory_order_release);
    newest_.store(event.sequence, std::memory_order_release);
    const std::uint64_t one = 1;
    if (wake_ >= 0) (void)!write(wake_, &one, sizeof(one));
}

std::optional<Event> Journal::read(std::uint64_t sequence) const {
    const Slot& from = slot(sequence);
    if (sequence == 0 || from.sequence.load(std::memory_order_acquire) != sequence) return std::nullopt;
    std::array<std::uint64_t, kWords> words;
    for (std::size_t i = 0; i < kWords; ++i)
        words[i] = from.words[i].load(std::memory_order_acquire);
    if (from.sequence.load(std::memory_order_relaxed) != sequence) return std::nullopt;
    Event event;
    std::memcpy(static_cast<void*>(&event), words.data(), sizeof(event));
    return event;
}

std::uint64_t Journal::oldest() const {
    // A few places are left to the writer, so that the oldest is not overwritten while it is fetched.
    const std::uint64_t kept = slots_.size() - slots_.size() / 8;
    const std::uint64_t last = newest();
    return last > kept ? last - kept + 1 : 1;
}

}  // namespace ringway::control
