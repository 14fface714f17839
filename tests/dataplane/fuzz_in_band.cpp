// Entry point for libFuzzer, and for the seeded mutation test, which runs it in the normal suite: any
// plaintext of an authentic peer.

#include "tests/dataplane/fuzz_in_band.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "crypto/messages.h"
#include "dataplane/in_band_header.h"

namespace ringway::tests {

namespace {

using dataplane::DropReason;

void require(bool holds) {
    if (!holds) std::abort();
}

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
        require(is_expected(*reason));
        require(message.payload.empty());
        return false;
    }
    const std::size_t bytes = message.payload.size();
    require(bytes > 0 && bytes <= dataplane::kMaxInBandPayload);
    require(message.payload.data() == plaintext.data() + sizeof(dataplane::InBandHeader));
    const std::size_t used = sizeof(dataplane::InBandHeader) + bytes;
    require(used <= plaintext.size() && plaintext.size() - used < crypto::kPaddingMultiple);
    std::vector<std::uint8_t> written(used);
    dataplane::write_in_band(written.data(), message);
    require(std::equal(written.begin(), written.end(), plaintext.begin()));
    return true;
}

}  // namespace ringway::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)ringway::tests::feed_in_band({data, size});
    return 0;
}
