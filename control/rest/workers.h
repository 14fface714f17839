#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "control/file_descriptor.h"
#include "control/rest/http.h"
#include "control/rest/wiped.h"

namespace ringway::control::rest {

/// The threads that make replies of requests, and the two queues between them and Front. As many
/// requests are in them as there are connections, at most.
class Workers {
  public:
    struct Job {
        std::uint64_t connection;
        WipedText request;
        bool has_client_certificate;
    };
    struct Done {
        std::uint64_t connection;
        Reply reply;
    };

    /// Throws std::system_error.
    Workers(const Http::Handler& handler, std::size_t threads);
    /// Ends when what is being handled is done; what waits is forgotten.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Any thread.
    void hand(Job job);
    /// Becomes readable when something is done.
    [[nodiscard]] int fd() const { return event_.get(); }
    [[nodiscard]] std::vector<Done> take_done();

  private:
    /// Waits for what is being answered; what waits is forgotten.
    void end();
    void work(const Http::Handler& handler);

    FileDescriptor event_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Job> jobs_;    ///< under mutex_
    std::vector<Done> done_;  ///< under mutex_
    bool stop_ = false;       ///< under mutex_
    std::vector<std::thread> threads_;
};

}  // namespace ringway::control::rest
