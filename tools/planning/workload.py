"""What is sent, and through what."""

import dataclasses
import random

from tools.planning.costs import Mix, sealed_bytes, wire_bytes


@dataclasses.dataclass(frozen=True)
class Workload:
    """Peers, flows and packets; both directions share the packets evenly."""

    mix: Mix
    direction: str = "encrypt"  # encrypt | decrypt | both
    peers: int = 1000
    flows: int = 16  # of a peer, inside the tunnel; outside it is one
    nic_gbit: float = 100  # of each of the two ports, each way

    @property
    def directions(self):
        return ("encrypt", "decrypt") if self.direction == "both" else (self.direction,)

    def flows_of(self, direction):
        """Flows that a receive port tells apart: the tunnel's packets of a peer look like one."""
        return self.flows if direction == "encrypt" else 1

    def wire_cycles(self, hz):
        """Cycles that a packet takes of its link, (incoming, outgoing) by direction."""
        cycle_bytes = self.nic_gbit * 1e9 / 8 / hz
        plain = self.mix.mean(wire_bytes) / cycle_bytes
        sealed = self.mix.mean(lambda size: wire_bytes(sealed_bytes(size))) / cycle_bytes
        return {"encrypt": (plain, sealed), "decrypt": (sealed, plain)}


class Spread:
    """Where flows and peers fall: a receive queue by the hash of the flow, a tx lcore by the peer's number."""

    ENTRIES = 512  # of a NIC's table from hash to queue
    MAX_FLOWS = 20000  # more are as good as this many

    def __init__(self, workload, seed=1):
        chance = random.Random(seed)
        self.peers = workload.peers
        self.flows, self.weights = {}, [0.0] * self.ENTRIES
        for direction in workload.directions:
            per_peer = min(workload.flows_of(direction), max(1, self.MAX_FLOWS // workload.peers))
            flows = [
                (peer, chance.randrange(self.ENTRIES)) for peer in range(workload.peers) for _ in range(per_peer)
            ]
            self.flows[direction] = flows
            for _, entry in flows:
                self.weights[entry] += 1 / len(flows) / len(workload.directions)

    def flows_over(self, rx_lcores):
        """(peer, rx lcore) of each flow, by direction."""
        return {d: [(peer, entry % rx_lcores) for peer, entry in flows] for d, flows in self.flows.items()}

    def busiest_rx(self, rx_lcores):
        """The share of the packets that the busiest rx lcore receives."""
        return max(sum(self.weights[lcore::rx_lcores]) for lcore in range(rx_lcores))

    def busiest_tx(self, tx_lcores):
        """The share of the packets that the busiest tx lcore sends."""
        return -(-self.peers // tx_lcores) / self.peers
