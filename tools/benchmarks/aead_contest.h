#pragma once

// The ways to seal and open that there are, in turn on the same packets.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "crypto/aead_burst.h"
#include "tools/benchmarks/aead_ways.h"
#include "tools/benchmarks/measure.h"

namespace ringway::bench {

struct AeadTask {
    crypto::AeadOperation::Direction direction;
    std::uint32_t size;  ///< of the packets, in bytes; 0: IMIX
    std::size_t burst;   ///< packets of one call
    bool dram;           ///< the packets are in no cache when the call begins

    [[nodiscard]] std::string name() const;
};

class AeadContest {
  public:
    explicit AeadContest(const crypto::AeadPolicy& policy);

    /// Ours first, then each way it is compared to: million packets a second in so many rounds. All are
    /// compared to IPsec-MB's burst, in the same round. Throws std::runtime_error if a tag is wrong.
    [[nodiscard]] std::vector<Result> run(const AeadTask& task, int rounds);

    /// The rates of IPsec-MB's burst alone, sealing 32 packets in a call.
    [[nodiscard]] std::vector<double> raw(std::uint32_t size, int rounds);

  private:
    struct Way {
        std::string suffix;
        std::function<void(std::span<crypto::AeadOperation>)> run;
    };

    double rate(const AeadTask& task, const Way& way);
    std::span<crypto::AeadOperation> lay_out(const AeadTask& task);

    crypto::AeadBurst ours_;
    crypto::AeadBurst ipsec_mb_;
    IpsecMbDirect direct_;
    OpenSslAead openssl_;
    std::vector<Way> ways_;
    std::vector<std::uint8_t> memory_;
    std::vector<crypto::SymmetricKey> keys_;
    std::vector<crypto::AeadOperation> operations_;
    std::size_t next_slot_ = 0;
    std::size_t imix_ = 0;
    std::uint64_t counter_ = 0;
};

}  // namespace ringway::bench
