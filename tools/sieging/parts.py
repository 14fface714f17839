"""The parts of the siege: programs and scripts that each try something.

A part is called as `PROGRAM --minutes M --seed N --json FILE`. It ends by itself after about M minutes, says at most
a line every few seconds, prints its seed and how to repeat when something fails, and has status 0 if all held and 1
if not. FILE is read by rows.py; programs in C++ write it with tests/support/siege_part.h."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    program: str  # from the root
    targets: str = ""  # of ninja
    share: float = 1  # of the time, as others have theirs
    needs_root: bool = False

    def why_not(self, root: Path) -> str:
        """Why it can't run here; empty if it can."""
        if self.needs_root and os.geteuid() != 0:
            return "makes network namespaces: run it as root"
        if not (root / self.program).is_file():
            return f"not built: {self.program}"
        return ""


def program(name: str, what: str, path: str, share: float = 1) -> Part:
    """A program that ninja makes."""
    return Part(name, what, f"build/{path}", path, share)


def script(name: str, what: str, path: str, share: float = 1, also: str = "") -> Part:
    """A script that makes network namespaces. It needs the gateway and what else ninja makes for it."""
    return Part(name, what, path, f"ringway {also}".strip(), share, needs_root=True)


PARTS = [
    program("simulation", "gateways in a simulated world of storms, crashes and changes", "tests/simulation/simulate"),
    program("pressure", "order, loss and accounts, with threads held up, sinks too slow, and peers that come and go",
            "tests/pressure/pressure", share=2),
    program("hostile", "what a stranger or a peer can send, packet by packet", "tests/hostile/siege-hostile"),
    script("faults", "what can befall the host of a running gateway", "tests/e2e/faults.sh"),
    script("floods", "floods of handshakes and of packets for the host, while sessions go on and clients call",
           "tests/hostile/siege-floods", also="tools/ringway-load"),
]


def chosen(only: str | None) -> list[Part]:
    """Raises ValueError for a name that no part has."""
    if only is None:
        return PARTS
    names = only.split(",")
    known = [part.name for part in PARTS]
    for name in names:
        if name not in known:
            raise ValueError(f"no part is called '{name}'; there are {', '.join(known)}")
    return [part for part in PARTS if part.name in names]


def minutes_of(wanted: list[Part], minutes: float) -> dict[str, float]:
    """The time divided: by part's name."""
    shares = sum(part.share for part in wanted)
    return {part.name: minutes * part.share / shares for part in wanted}
