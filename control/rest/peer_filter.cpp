#include "control/rest/peer_filter.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "control/rest/problem.h"
#include "control/view/json.h"

namespace ringway::control::rest {
namespace {

constexpr std::size_t kMaxTop = 1000;
constexpr std::size_t kMaxSearch = 200;

/// Of ASCII letters; the bytes of others stay as they are.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view wanted) {
    const auto found = std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                                   [](char a, char b) { return lower(a) == b; });
    return found != text.end();
}

bool busier(const PeerView& a, const PeerView& b) {
    return a.rx_bytes + a.tx_bytes > b.rx_bytes + b.tx_bytes;
}

std::optional<std::string> query(const Request& request, const char* name) {
    const auto given = request.query.find(name);
    if (given == request.query.end() || given->second.empty()) return std::nullopt;
    return given->second;
}

}  // namespace

PeerFilter PeerFilter::of(const Request& request) {
    PeerFilter filter;
    if (auto search = query(request, "search")) {
        if (search->size() > kMaxSearch) throw Problem(400, "expected at most 200 bytes", "search");
        std::transform(search->begin(), search->end(), search->begin(), lower);
        filter.search = std::move(*search);
    }
    if (const auto state = query(request, "state")) {
        for (const PeerState known : {PeerState::up, PeerState::handshaking, PeerState::idle}) {
            if (*state == name(known)) filter.state = known;
        }
        if (!filter.state) throw Problem(400, "expected up, handshaking or idle", "state");
    }
    if (const auto top = query(request, "top")) {
        std::size_t count = 0;
        const auto [end, error] = std::from_chars(top->data(), top->data() + top->size(), count);
        if (error != std::errc() || end != top->data() + top->size() || count == 0 || count > kMaxTop)
            throw Problem(400, "expected a number from 1 to 1000", "top");
        filter.top = count;
    }
    return filter;
}

bool PeerFilter::fits(const PeerView& peer) const {
    if (state && peer.state != *state) return false;
    if (search.empty()) return true;
    const auto matches = [this](const std::string& text) { return contains(text, search); };
    return matches(peer.name) || matches(key_text(peer.public_key)) ||
           (peer.endpoint && matches(endpoint_text(*peer.endpoint))) ||
           std::any_of(peer.allowed_ips.begin(), peer.allowed_ips.end(),
                       [&](const dataplane::IpPrefix& prefix) { return matches(prefix.to_string()); });
}

void BusiestPeers::add(PeerView peer) {
    heap_.push_back(std::move(peer));
    std::push_heap(heap_.begin(), heap_.end(), busier);
    if (heap_.size() <= count_) return;
    std::pop_heap(heap_.begin(), heap_.end(), busier);
    heap_.pop_back();
}

std::vector<PeerView> BusiestPeers::take() {
    std::sort_heap(heap_.begin(), heap_.end(), busier);
    return std::move(heap_);
}

}  // namespace ringway::control::rest
