#include "tools/load/handshake_load.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "tools/load/message_bytes.h"
#include "tools/load/pacer.h"
#include "tools/load/shares.h"

namespace ringway::load {
namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
/// The gateway ignores a peer that calls again too soon; ours wait twice as long, since ways differ.
constexpr auto kGap = 2 * static_cast<Nanoseconds>(crypto::kInitiationMinimumGap.count());
/// How long answers are waited for at the end.
constexpr Nanoseconds kLastWait = 500 * kMillisecond;
constexpr std::uint32_t kAtOnce = 64;

/// In the order of HandshakeShares.
enum class Kind : std::uint8_t { valid, replayed, random, cookie };
constexpr std::size_t kKinds = 4;

class HandshakeLoad {
  public:
    HandshakeLoad(Load& load, const HandshakePlan& plan, crypto::Random& random, const Stop& stop)
        : load_(load),
          handshaker_(load.handshaker()),
          plan_(plan),
          random_(random),
          stop_(stop),
          macs_(load.options().gateway_key),
          shares_({plan.shares.valid, plan.shares.replayed, plan.shares.random, plan.shares.cookie}) {}

    HandshakeResult run() {
        handshaker_.clear_counts();
        const Nanoseconds start = load_.poll();
        if (plan_.rate > 0) pacer_.emplace(plan_.rate, start);
        Nanoseconds now = start;
        Nanoseconds asked_at = start;
        while (now - start < plan_.duration) {
            now = load_.poll();
            send(now);
            if (now - asked_at < kMillisecond) continue;
            asked_at = now;
            if (stop_()) break;
        }
        result_.seconds = static_cast<double>(now - start) / 1e9;
        result_.counts = handshaker_.counts();  // what comes later did not come in this time
        result_.latency = handshaker_.latency();
        const Nanoseconds end = now;
        while (handshaker_.is_busy() && now - end < kLastWait)
            now = load_.poll();
        result_.counts.refused = handshaker_.counts().refused;
        return result_;
    }

  private:
    void send(Nanoseconds now) {
        std::uint32_t due = pacer_ ? std::min(pacer_->due(now, false), kAtOnce) : kAtOnce;
        std::uint32_t sent = 0;
        while (sent < due) {
            if (!waiting_) waiting_ = static_cast<Kind>(shares_.next());
            if (!send_one(*waiting_, now)) break;
            waiting_.reset();
            ++sent;
        }
        if (pacer_) pacer_->sent(sent);
    }

    /// False if its time has not come.
    bool send_one(Kind kind, Nanoseconds now) {
        switch (kind) {
            case Kind::valid:
                return begin_next(now);
            case Kind::replayed:
                return replay();
            default:
                return send_rubbish(kind, now);
        }
    }

    bool begin_next(Nanoseconds now) {
        if (handshaker_.is_full()) return false;
        if (!handshaker_.begin(next_peer_, now, kGap)) return false;
        if (++next_peer_ == load_.options().peers.count) next_peer_ = 0;
        return true;
    }

    bool replay() {
        const auto* old = handshaker_.earlier(random_.next_u32());
        if (old == nullptr) return true;  // none was sent yet
        (void)load_.send_message(old->peer, bytes_of(old->message));
        ++result_.replayed;
        return true;
    }

    bool send_rubbish(Kind kind, Nanoseconds now) {
        crypto::MessageInitiation message;
        random_.fill(bytes_of(message));
        message.type = crypto::Le32(static_cast<std::uint32_t>(crypto::MessageType::initiation));
        message.sender = Handshaker::kRubbish;
        if (kind == Kind::cookie) macs_.add_macs(bytes_of(message), now);
        (void)load_.send_message(random_.next_u32() % load_.options().peers.count, bytes_of(message));
        ++(kind == Kind::cookie ? result_.cookie : result_.random);
        return true;
    }

    Load& load_;
    Handshaker& handshaker_;
    const HandshakePlan& plan_;
    crypto::Random& random_;
    const Stop& stop_;
    crypto::CookieHolder macs_;
    Shares<kKinds> shares_;
    std::optional<Pacer> pacer_;
    std::optional<Kind> waiting_;  ///< whose turn it is
    PeerNumber next_peer_ = 0;
    HandshakeResult result_;
};

}  // namespace

HandshakeResult run_handshakes(Load& load, const HandshakePlan& plan, crypto::Random& random,
                               const Stop& stop) {
    return HandshakeLoad(load, plan, random, stop).run();
}

}  // namespace ringway::load
