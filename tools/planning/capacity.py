"""How much a layout can carry if nothing ever waits: the bound that its lcores, rings and links set."""

import dataclasses

from tools.planning.costs import BUNDLE, BURST, MOST_BUNDLES, packets_per_bundle
from tools.planning.workload import Spread


@dataclasses.dataclass(frozen=True)
class Work:
    """Cycles of a packet in each role, by layout and workload, and bundles for a packet."""

    rx: float
    crypto: float
    tx: float
    bundles: float


def work(costs, workload, layout):
    """The mean packet's."""
    assumed = costs.assumptions
    per_bundle = packets_per_bundle(BURST, workload.peers)
    surplus = 1 / per_bundle - 1 / BUNDLE

    def stage(role):
        shares = [
            costs.packet(role, d, workload.mix) + costs.bundle(role, d, workload.peers) * surplus for d in workload.directions
        ]
        return sum(shares) / len(shares)

    return Work(
        rx=stage("rx"),
        crypto=stage("crypto") + assumed.handoff * _strangers(layout, "rx", "crypto"),
        tx=stage("tx") + assumed.handoff * _strangers(layout, "crypto", "tx"),
        bundles=1 / per_bundle,
    )


def _strangers(layout, first, second):
    """How often a packet's second role is on another CPU than its first, if any CPU may be the one."""
    both = sum(1 for roles in layout.cpus if first in roles and second in roles)
    return 1 - both / (layout.count(first) * layout.count(second))


def bounds(costs, workload, layout, spread=None):
    """Packets a second that each resource allows, by its name."""
    rx_lcores, tx_lcores, crypto_lcores = (layout.count(role) for role in ("rx", "tx", "crypto"))
    spread = spread or Spread(workload)
    packet = work(costs, workload, layout)
    rx_share = spread.busiest_rx(rx_lcores)
    tx_share = spread.busiest_tx(tx_lcores)

    def fixed(roles):
        """Of a packet of the whole, what falls to a CPU with these roles wherever crypto is done."""
        return packet.rx * rx_share * ("rx" in roles) + packet.tx * tx_share * ("tx" in roles)

    ends = max(fixed(roles) for roles in layout.cpus)
    mean_fixed = sum(
        packet.rx / rx_lcores * ("rx" in roles) + packet.tx / tx_lcores * ("tx" in roles)
        for roles in layout.cpus
        if "crypto" in roles
    )
    result = {
        "a CPU that receives or transmits": costs.hz / ends,
        "crypto": crypto_lcores * costs.hz / (packet.crypto + mean_fixed),
    }
    ring = _ring_cycles(costs.assumptions, packet.bundles)
    if len(layout.cpus) > 1 and ring:
        result["the shared rings"] = costs.hz / ring
    wire = workload.wire_cycles(costs.hz)
    share = 1 / len(workload.directions)
    for port, pick in (("in", 0), ("out", 1)):
        busiest = max(wire[d][pick] * share for d in workload.directions)
        result[f"the link {port}"] = costs.hz / busiest
    return result


def capacity(costs, workload, layout, spread=None):
    """Packets a second, and the name of what sets them."""
    limits = bounds(costs, workload, layout, spread)
    name = min(limits, key=limits.get)
    return limits[name], name


def _ring_cycles(assumed, bundles):
    """For how long a packet keeps the busiest end of the shared ring, if all operations are as large as can be."""
    return bundles * (max(assumed.ring_push / assumed.push_batch, assumed.ring_pop / MOST_BUNDLES) + assumed.ring_slot)
