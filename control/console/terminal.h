#pragma once

#include <termios.h>

#include <optional>

namespace ringway::control::console {

/// A terminal whose keys come one by one and unseen, as it was before in the end. Does nothing to what is
/// no terminal.
class RawTerminal {
  public:
    enum class Signals : unsigned char {
        kept,  ///< Ctrl-C and its like are signals still
        keys,  ///< they are keys
    };

    RawTerminal(int fd, Signals signals) : fd_(fd) {
        termios settings{};
        if (::tcgetattr(fd, &settings) != 0) return;
        before_ = settings;
        settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
        if (signals == Signals::keys) settings.c_lflag &= ~static_cast<tcflag_t>(ISIG);
        settings.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
        settings.c_cc[VMIN] = 1;
        settings.c_cc[VTIME] = 0;
        ::tcsetattr(fd, TCSADRAIN, &settings);
    }
    ~RawTerminal() {
        if (before_) ::tcsetattr(fd_, TCSANOW, &*before_);
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

  private:
    int fd_;
    std::optional<termios> before_;
};

}  // namespace ringway::control::console
