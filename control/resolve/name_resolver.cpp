#include "control/resolve/name_resolver.h"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "control/file_descriptor.h"
#include "control/thread_signals.h"

namespace ringway::control {
namespace {

struct Question {
    std::uint64_t ticket;
    std::string host;
};

NameResolver::Answer answer_to(const Question& question) {
    NameResolver::Answer answer{.ticket = question.ticket, .addresses = {}, .error = {}};
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(question.host.c_str(), nullptr, &hints, &found); error != 0) {
        answer.error = gai_strerror(error);
        return answer;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        dataplane::IpAddress address;
        if (each->ai_family == AF_INET) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(each->ai_addr);
            address = dataplane::IpAddress::from_wire(dataplane::Family::v4, &v4->sin_addr);
        } else if (each->ai_family == AF_INET6) {
            const auto* v6 = reinterpret_cast<const sockaddr_in6*>(each->ai_addr);
            address = dataplane::IpAddress::from_wire(dataplane::Family::v6, &v6->sin6_addr);
        } else {
            continue;
        }
        auto& all = answer.addresses;
        if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
    }
    if (answer.addresses.empty()) answer.error = "it has no address";
    return answer;
}

}  // namespace

struct NameResolver::Shared {
    FileDescriptor event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::condition_variable asked;
    std::deque<Question> questions;  ///< under mutex
    std::vector<Answer> answers;     ///< under mutex
    bool ending = false;             ///< under mutex
};

NameResolver::NameResolver() : shared_(std::make_shared<Shared>()) {
    if (!shared_->event.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
    for (unsigned i = 0; i < kThreads; ++i)
        std::thread(work, shared_).detach();
}

NameResolver::~NameResolver() {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
    shared_->asked.notify_all();
}

void NameResolver::work(const std::shared_ptr<Shared>& shared) {
    block_signals();
    std::unique_lock lock(shared->mutex);
    while (true) {
        shared->asked.wait(lock, [&] { return shared->ending || !shared->questions.empty(); });
        if (shared->ending) return;
        const Question question = std::move(shared->questions.front());
        shared->questions.pop_front();
        lock.unlock();
        Answer answer = answer_to(question);
        lock.lock();
        shared->answers.push_back(std::move(answer));
        const std::uint64_t one = 1;
        (void)!write(shared->event.get(), &one, sizeof(one));
    }
}

void NameResolver::ask(std::uint64_t ticket, const std::string& host) {
    const std::lock_guard lock(shared_->mutex);
    shared_->questions.push_back({ticket, host});
    shared_->asked.notify_one();
}

int NameResolver::fd() const {
    return shared_->event.get();
}

std::vector<NameResolver::Answer> NameResolver::take() {
    std::uint64_t count = 0;
    (void)!read(shared_->event.get(), &count, sizeof(count));
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->answers, {});
}

}  // namespace ringway::control
