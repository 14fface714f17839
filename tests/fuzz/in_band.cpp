// Any plaintext of an authentic peer.

#include "tests/fuzz/in_band.h"

#include <algorithm>
#include <vector>

#include "crypto/messages.h"
#include "dataplane/in_band_header.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using dataplane::DropReason;

bool is_expected(DropReason reason) {
    return reason == DropReason::inner_malformed || reason == DropReason::in_band_bad_length ||
           reason == DropReason::in_band_unknown_version || reason == DropReason::in_band_unknown_kind;
}

}  // namespace

bool feed_in_band(std::span<const std::uint8_t> input) {
    // Memory of its own, exactly as long: what is read beyond shows under ASan.
    const std::vector<std::uint8_t> plaintext(input.begin(), input.end());
    dataplane::InBandMessage message;
    if (const auto reason = dataplane::read_in_band(plaintext, message)) {
        promise(is_expected(*reason), "a refusal has a reason of its own");
        promise(message.payload.empty(), "what is refused is not handed on");
        return false;
    }
    const std::size_t bytes = message.payload.size();
    promise(bytes > 0 && bytes <= dataplane::kMaxInBandPayload, "a payload has its bounds");
    promise(message.payload.data() == plaintext.data() + sizeof(dataplane::InBandHeader),
            "a payload is behind its header");
    const std::size_t used = sizeof(dataplane::InBandHeader) + bytes;
    promise(used <= plaintext.size() && plaintext.size() - used < crypto::kPaddingMultiple,
            "nothing is behind a payload but padding");
    std::vector<std::uint8_t> written(used);
    dataplane::write_in_band(written.data(), message);
    promise(std::equal(written.begin(), written.end(), plaintext.begin()), "what is read was written");
    return true;
}

void fuzz_in_band(Input input) {
    (void)feed_in_band(input);
}

}  // namespace ringway::tests
