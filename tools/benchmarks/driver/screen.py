"""What a person sees while it runs: on a terminal one line that changes, elsewhere a line for each part."""

import sys
import time


class Screen:
    def __init__(self) -> None:
        self.on_terminal = sys.stderr.isatty()
        self.began = time.monotonic()
        self.prefix = ""
        self.drawn = 0.0

    def part(self, number: int, count: int, name: str, seconds_left: int) -> None:
        self.prefix = f"[{number}/{count}] {name}"
        if self.on_terminal:
            self.draw(f"{self.prefix}   about {clock(seconds_left)} to go")
        else:
            print(f"{clock(self.elapsed())}  {self.prefix}, about {clock(seconds_left)} to go", file=sys.stderr)

    def doing(self, what: str) -> None:
        """At most ten times a second: some programs have much to say."""
        now = time.monotonic()
        if self.on_terminal and now - self.drawn > 0.1:
            self.drawn = now
            self.draw(f"{clock(self.elapsed())}  {self.prefix}: {what}")

    def clear(self) -> None:
        if self.on_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def draw(self, line: str) -> None:
        print(f"\r\x1b[K{line[:110]}", end="", file=sys.stderr, flush=True)

    def elapsed(self) -> float:
        return time.monotonic() - self.began


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
