"""The parts of the benchmark: programs and scripts that each bring some of the results."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    program: str  # from the root
    seconds: int  # that it takes, about, to tell how long it all will be
    quick_seconds: int
    writes_json: bool = True  # else it writes runs, one in a line: see results.from_runs
    needs_root: bool = False


def program(name: str) -> str:
    return f"build/tools/benchmarks/{name}"


def script(name: str) -> str:
    return f"tools/benchmarks/{name}"


def lab(name: str, what: str, seconds: int, quick_seconds: int) -> Part:
    """A script that makes network namespaces."""
    return Part(name, what, script(name), seconds, quick_seconds, writes_json=False, needs_root=True)


PARTS = [
    Part("aead", "ChaCha20-Poly1305 against IPsec-MB and OpenSSL", program("bench-aead"), 10, 3),
    Part("handshake", "X25519, BLAKE2s, handshakes a second", program("bench-handshake"), 5, 2),
    Part("pipeline", "the packet path in one process: one CPU, two CPUs, cycles by stage", program("bench-pipeline"),
         40, 15),
    lab("memif", "the gateway over memif, beside testpmd and raw IPsec-MB", 300, 105),
    lab("latency", "latency through the gateway at 10, 50 and 90 % of its highest rate", 40, 9),
    lab("af_packet", "the gateway over af_packet, beside wireguard-go", 30, 12),
    lab("memory", "resident memory and start with 1, 1,000 and 100,000 peers", 40, 12),
]


def chosen(only: str | None) -> list[Part]:
    """Raises ValueError for a name that no part has."""
    if only is None:
        return PARTS
    names = only.split(",")
    known = {part.name for part in PARTS}
    for name in names:
        if name not in known:
            raise ValueError(f"no part is called '{name}'; there are {', '.join(sorted(known))}")
    return [part for part in PARTS if part.name in names]


def is_built(part: Part, root: Path) -> bool:
    return (root / part.program).is_file()
