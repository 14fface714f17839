"""Finds the layout for so many CPUs: the closed form picks candidates, the simulation decides."""

import dataclasses

from tools.planning import capacity, layout, simulation
from tools.planning import workload as workloads
from tools.planning.costs import DESCRIPTORS

FINALISTS = 2  # of each kind of layout, the best of which the simulation looks at
SAME = 0.98  # this close to the best is as good: the one that asks least of the NIC is taken


PORTS = 2
PACKETS_PER_MIB = 256  # control/lcore_layout.h


@dataclasses.dataclass(frozen=True)
class Prediction:
    """What a machine does at its limit."""

    cpus: int
    layout: layout.Layout
    outcome: simulation.Outcome
    limit: str

    automatic: float  # packets a second that `lcores: auto` makes of the same machine; 0 if nobody asked

    @property
    def per_second(self):
        return self.outcome.per_second

    @property
    def memory_mib(self):
        """Of packet memory, so that receive and transmit queues hold no more than half of it."""
        queues = PORTS * (self.layout.count("rx") + self.layout.count("tx"))
        return 2 * queues * DESCRIPTORS // PACKETS_PER_MIB


def polling_cpus(cpus):
    """One CPU is the control side's, unless it is the only one."""
    return max(1, cpus - 1)


def predict(costs, workload, chosen, cpus=None):
    """Simulates the layout with as many packets as it can take."""
    load = simulation.closed_loop(chosen, workload)
    run = simulation.Simulation(costs, workload, chosen, load)
    outcome = run.run(max(20000, 2 * load.window), warm_up=max(4000, load.window))
    return Prediction(cpus or len(chosen.cpus) + 1, chosen, outcome, limit(chosen, outcome, workload), 0)


def limit(chosen, outcome, workload):
    """What holds it back, in words."""
    if outcome.link_busy > 0.95:
        return "the links"
    if outcome.ring_wait > 0.2:
        return "the rings that all CPUs share"
    busiest = max(range(len(chosen.cpus)), key=lambda i: outcome.cpu_busy[i])
    roles = "+".join(role for role in ("rx", "crypto", "tx") if role in chosen.cpus[busiest])
    peers = [busy for busy, of in zip(outcome.cpu_busy, chosen.cpus) if of == chosen.cpus[busiest]]
    if outcome.cpu_busy[busiest] < 0.9:
        return "packets that one peer may have under way"
    if len(peers) > 1 and min(peers) < 0.8 * max(peers):
        return f"one of the CPUs with {roles}: flows or peers fall unevenly"
    return f"the CPUs with {roles}" if len(peers) > 1 else f"the CPU with {roles}"


def kind(chosen):
    """Layouts of a kind differ in numbers only."""
    return frozenset(chosen.cpus)


def counts(most, peers):
    """How many CPUs to lay out: a few peers can't use many, and more than they can use break up batches."""
    return sorted({most} | {times * peers for times in (4, 8, 12) if times * peers < most})


def finalists(costs, workload, count):
    """The most capable layouts of each kind by the closed form."""
    spread, kinds = workloads.Spread(workload), {}
    for candidate in layout.candidates(count):
        able, _ = capacity.capacity(costs, workload, candidate, spread)
        ranked = (able, -candidate.count("tx"), -candidate.count("rx"), candidate)
        kinds.setdefault(kind(candidate), []).append(ranked)
    for members in kinds.values():
        members.sort(key=lambda member: member[:3], reverse=True)
        yield from (member[3] for member in members[:FINALISTS])


def propose(costs, workload, cpus):
    """The best Prediction for a machine of so many CPUs."""
    polling = polling_cpus(cpus)
    chosen = [layout.Layout.automatic(polling, workload.peers)]
    for count in counts(polling, workload.peers):
        chosen += (candidate for candidate in finalists(costs, workload, count) if candidate not in chosen)
    predictions = [predict(costs, workload, candidate, cpus) for candidate in chosen]
    best = max(prediction.per_second for prediction in predictions)
    good = [prediction for prediction in predictions if prediction.per_second >= SAME * best]
    taken = min(good, key=lambda p: (p.layout.count("tx"), p.layout.count("rx"), -p.per_second))
    return dataclasses.replace(taken, automatic=predictions[0].per_second)


def latency(costs, workload, prediction, fraction):
    """The Outcome at a fraction of the highest rate, packets coming by chance."""
    load = simulation.Load(per_second=fraction * prediction.per_second)
    return simulation.Simulation(costs, workload, prediction.layout, load).run(30000)
