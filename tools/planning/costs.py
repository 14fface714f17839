"""What a packet costs at each stage: read from a benchmark's JSON, completed by stated assumptions."""

import bisect
import dataclasses
import json
import math
import re
import statistics

ROLES = ("rx", "crypto", "tx")
DIRECTIONS = ("encrypt", "decrypt")
IMIX = {64: 7, 594: 4, 1420: 1}
IMIX_NAME = "imix"

BUNDLE = 64  # dataplane/bundle.h: packets in a bundle
BURST = 256  # dataplane/rx.cpp: packets that a turn takes from one receive queue, four bursts
MOST_BUNDLES = 256  # dataplane/lcore.h: that a crypto lcore takes at a time
AEAD_PACKETS = 256  # crypto/aead_operation.h: packets in one AEAD call
QUEUE_LIMIT = 1024  # dataplane/dataplane.h: packets in flight of one peer and direction
DESCRIPTORS = 1024  # dataplane/port.h: packets that a queue of a port holds


@dataclasses.dataclass(frozen=True)
class Assumptions:
    """Costs beside those of packets, used where no benchmark has measured them. Cycles of the time stamp
    counter, but for the batches.

    What is done for a bundle or a turn, rather than for a packet, is part of the measured stages, whose
    bundles are full. It is taken out of them once and charged where it falls due, so that a full bundle
    costs what was measured, and a bundle of one packet more.
    """

    turn: float = 120  # clock, RCU, looking at what is empty: each turn of an lcore
    bundle_rx: float = 150  # peer and keypair looked up, a bundle taken, linked into the peer's queue
    bundle_crypto: float = 80  # keypair and peer looked up, done, ready flag
    bundle_tx: float = 150  # ready flag, unlink, give the bundle back, counts of peer and tunnel
    call: float = 150  # an AEAD call: sorting, lanes that are not full
    # One end of a ring is one thread's at a time (head-tail-sync mode). A thread on another CPU than the last
    # one waits until its cache lines are there, and so does whoever comes next.
    ring_push: float = 250
    ring_pop: float = 165
    ring_slot: float = 10  # each bundle's place in the ring: an eighth of a cache line that moves
    push_batch: float = 64  # dataplane/collected_bundles.h: bundles that one operation pushes, at most
    pool_batch: float = 32  # dataplane/bundle_cache.h: bundles from and to the pool at a time
    # A packet whose next stage is on another CPU: its descriptor, its notes and its bytes follow. Fitted to the
    # benchmark that splits one flow over two CPUs; of the packet's size it shows nothing.
    handoff: float = 105


class Mix:
    """Sizes of inner IP packets and their shares."""

    def __init__(self, shares, name=None):
        total = sum(shares.values())
        self.shares = {size: share / total for size, share in shares.items()}
        self.name = name or ",".join(f"{size}:{share:g}" for size, share in shares.items())

    @staticmethod
    def parse(text):
        """'imix', a size, or SIZE:WEIGHT,... Raises ValueError."""
        if text == IMIX_NAME:
            return Mix(IMIX, IMIX_NAME)
        shares = {}
        for part in text.split(","):
            size, _, weight = part.partition(":")
            shares[int(size)] = float(weight or 1)
        if min(shares) < 20 or max(shares) > 9000 or min(shares.values()) <= 0:
            raise ValueError(f"'{text}': sizes are 20 to 9000 bytes, weights above 0")
        return Mix(shares, text)

    def mean(self, value):
        """The mean of value(size) over the packets."""
        return sum(share * value(size) for size, share in self.shares.items())

    @property
    def bytes(self):
        return self.mean(lambda size: size)


def sealed_bytes(size):
    """Of the outer IPv4 packet around an inner one of `size` bytes: padding, tag, 16 + 8 + 20 of headers."""
    return (size + 15) // 16 * 16 + 16 + 16 + 8 + 20


def wire_bytes(ip_bytes):
    """What an IP packet takes of an Ethernet link: header, checksum, preamble and gap, 64 bytes at least."""
    return max(ip_bytes + 18, 64) + 20


class Costs:
    """Cycles by role, direction and size, from a benchmark's JSON.

    Read are stage/tsc_hz, stage/ROLE[/DIRECTION]/SIZE[/peersN], stage/bundle/DIRECTION/SIZE/peersN, and
    ring/push/shared and ring/pop/shared.
    """

    STAGE = re.compile(r"stage/(rx|crypto|tx)(?:/(encrypt|decrypt))?/(imix|\d+)(?:/peers(\d+))?$")
    MANY = 100  # peers, from so many on small bundles tell what a bundle costs

    def __init__(self, document, **assumed):
        """`document`: the JSON. `assumed`: Assumptions that replace what was measured. Raises ValueError if
        a stage is missing, or an assumption unknown."""
        self.machine = document.get("machine", {})
        self.results = {result["name"]: result for result in document["results"]}
        self.hz = self.measured("stage/tsc_hz")
        if not self.hz:
            raise ValueError("no result 'stage/tsc_hz': cycles of what length?")
        self._full, self._small = self._read_stages()
        self.assumptions = self._assumptions(assumed)
        self._bundle = {
            (role, direction): self._bundle_costs(role, direction, assumed)
            for role in ROLES
            for direction in DIRECTIONS
        }

    @staticmethod
    def load(path, **assumed):
        with open(path, encoding="utf-8") as file:
            return Costs(json.load(file), **assumed)

    def _read_stages(self):
        """Cycles a packet by (role, direction) and size: of full bundles, and of small ones by peers too."""
        full = {(role, direction): {} for role in ROLES for direction in DIRECTIONS}
        small = {key: {} for key in full}
        # A result that names its direction comes before one that does not.
        for name, result in sorted(self.results.items(), key=lambda item: item[0].count("/"), reverse=True):
            match = self.STAGE.match(name)
            if not match:
                continue
            role, direction, size, peers = match.groups()
            peers = int(peers or 1)
            for each in (direction,) if direction else DIRECTIONS:
                if peers == 1:
                    full[role, each].setdefault(size, result["value"])
                elif peers >= self.MANY:
                    small[role, each].setdefault(peers, {}).setdefault(size, result["value"])
        for (role, _), points in full.items():
            if not any(size.isdigit() for size in points):
                raise ValueError(f"no result 'stage/{role}/SIZE'")
        return full, small

    def _assumptions(self, assumed):
        known = {field.name for field in dataclasses.fields(Assumptions)}
        for name in assumed:
            if name not in known:
                raise ValueError(f"no assumption '{name}', expected one of {', '.join(sorted(known))}")
        measured = {}
        for end in ("push", "pop"):
            if per_second := self.measured(f"ring/{end}/shared"):
                measured[f"ring_{end}"] = self.hz / per_second
        return Assumptions(**(measured | assumed))

    def _bundle_costs(self, role, direction, assumed):
        """By peers, in their order: from small bundles and full ones of the same size, where both are there."""
        full, small = self._full[role, direction], self._small[role, direction]
        if not small or f"bundle_{role}" in assumed:
            return [(0.0, getattr(self.assumptions, f"bundle_{role}"))]
        costs = []
        for peers, points in sorted(small.items()):
            differences = []
            for size in full.keys() & points.keys():
                packets = self.measured(f"stage/bundle/{direction}/{size}/peers{peers}") or 1
                differences.append((points[size] - full[size]) / (1 / packets - 1 / BUNDLE))
            costs.append((math.log(peers), max(statistics.median(differences), 0.0)))
        return costs

    def bundle(self, role, direction, peers):
        """Cycles that the stage takes for a bundle, whatever is in it: more of many peers, which come cold."""
        points = self._bundle[role, direction]
        at = min(max(math.log(peers), points[0][0]), points[-1][0])
        return _interpolate(points, at)

    def packet(self, role, direction, mix):
        """Cycles that the stage takes for a packet of the mix in a full bundle, as it was measured."""
        points = self._full[role, direction]
        if mix.name == IMIX_NAME and IMIX_NAME in points:
            return points[IMIX_NAME]
        line = sorted((int(size), cycles) for size, cycles in points.items() if size.isdigit())
        return mix.mean(lambda size: _interpolate(line, size))

    def measured(self, name):
        """The value of a result, or None."""
        return self.results.get(name, {}).get("value")

    def ratio(self, name):
        """The ratio of a result, which is its value where nothing else is measured."""
        result = self.results[name]
        return result.get("ratio", result["value"])


def _interpolate(points, x):
    """On the line through the two points around x; beyond the ends, through the last two."""
    if len(points) == 1:
        return points[0][1]
    i = min(max(bisect.bisect_left(points, (x,)), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[i - 1], points[i]
    return max(y0 + (y1 - y0) * (x - x0) / (x1 - x0), 1.0)


def packets_per_bundle(burst, peers):
    """Expected, if each packet of a burst is of any of the peers."""
    hit = peers * (1 - (1 - 1 / peers) ** burst)
    return max(burst / hit, 1.0)
