#pragma once

#include <sys/types.h>

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "control/file_descriptor.h"
#include "control/host/error.h"

namespace ringway::control::host {

/// What tells one network namespace from another, whatever names it goes by.
struct NetnsId {
    dev_t device = 0;
    ino_t inode = 0;
    auto operator<=>(const NetnsId&) const = default;
};

/// A network namespace held open: it lives at least as long as the handle.
class NetnsHandle {
  public:
    /// `name` as ip-netns(8) uses it; empty stands for the calling thread's own namespace.
    [[nodiscard]] static Result<NetnsHandle> open(std::string_view name);

    /// Another handle on the same namespace.
    [[nodiscard]] Result<NetnsHandle> duplicate() const;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] NetnsId id() const { return id_; }
    [[nodiscard]] bool same_as(const NetnsHandle& other) const { return id_ == other.id_; }
    /// For messages: "namespace red", "the own namespace".
    [[nodiscard]] std::string describe() const;

  private:
    NetnsHandle(std::string name, FileDescriptor fd, NetnsId id)
        : name_(std::move(name)), fd_(std::move(fd)), id_(id) {}

    std::string name_;
    FileDescriptor fd_;
    NetnsId id_;
};

/// While it lives, the thread that made it is in another namespace; other threads are not touched.
/// Must end on the same thread. If the way back is barred the program ends: going on in the wrong
/// namespace would be worse.
class NetnsScope {
  public:
    [[nodiscard]] static Result<NetnsScope> enter(const NetnsHandle& target);
    ~NetnsScope();
    NetnsScope(NetnsScope&& other) noexcept : home_(std::exchange(other.home_, std::nullopt)) {}
    NetnsScope& operator=(NetnsScope&&) = delete;
    NetnsScope(const NetnsScope&) = delete;
    NetnsScope& operator=(const NetnsScope&) = delete;

  private:
    explicit NetnsScope(std::optional<NetnsHandle> home) : home_(std::move(home)) {}
    std::optional<NetnsHandle> home_;  ///< none: the thread was there already
};

/// Runs `f`, which returns a Result, with the calling thread in `target`. Sockets made and files of
/// /proc/sys/net opened meanwhile belong to that namespace for good.
template <typename F>
[[nodiscard]] std::invoke_result_t<F> with_netns(const NetnsHandle& target, F&& f) {
    const Result<NetnsScope> scope = NetnsScope::enter(target);
    if (!scope) return tl::unexpected(scope.error());
    return std::forward<F>(f)();
}

}  // namespace ringway::control::host
