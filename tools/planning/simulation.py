"""The dataplane as a discrete-event simulation: receive queues, lcores in their turns, rings, links.

Time is in cycles. As in dataplane/, an lcore takes what is there when a stage begins. What it makes of it comes
out bundle by bundle: linked and collected, then pushed together, at the end of rx; done at the end of the AEAD
call; released in tx. Between two bundles others may get at a ring.
"""

import dataclasses
import heapq
import random
from collections import deque

from tools.planning.costs import AEAD_PACKETS, BUNDLE, BURST, DESCRIPTORS, MOST_BUNDLES, QUEUE_LIMIT, ROLES
from tools.planning.workload import Spread

RELEASE_BUDGET = 8  # dataplane/release.cpp: bundles of a peer in one go
READY_BURST = 64  # dataplane/tx.cpp
MEASURED = 256  # packets of a turn, and of an AEAD call, when the stages were measured


@dataclasses.dataclass(frozen=True)
class Load:
    """So many packets under way all the time (closed loop), or a rate of packets that come by chance."""

    window: int = 0
    per_second: float = 0.0
    queue_limit: int = QUEUE_LIMIT
    source: float = 0.0  # cycles of a packet at the lcore that receives it, of a benchmark's source
    sink: float = 0.0  # and at the one that sends it


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was measured between warming up and the end."""

    seconds: float
    delivered: int
    dropped: int
    busy: dict  # by role: the share of their time that its CPUs spent in it
    cpu_busy: list  # by CPU, all its roles
    packets_per_bundle: float
    packets_per_call: float
    ring_wait: float  # the share of all CPUs' time spent on rings that others use
    link_busy: float  # of the busier direction of a link
    latencies: list  # seconds, sorted; open loop only

    @property
    def per_second(self):
        return self.delivered / self.seconds

    def latency(self, percent):
        """Seconds that `percent` of the packets did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))]


class SharedEnd:
    """One end of a ring in head-tail-sync mode: one user at a time, dearer if the last was another one."""

    __slots__ = ("moved", "slot", "free_at", "last", "waited")

    def __init__(self, moved, slot):
        self.moved, self.slot = moved, slot
        self.free_at = 0.0
        self.last = None
        self.waited = 0.0

    def use(self, now, user, items=1):
        """When the user is through. What it costs one who has it alone is part of the stage's cost."""
        if self.last is None or (self.last == user and self.free_at <= now):
            self.last = user
            return now
        done = max(now, self.free_at)
        if self.last != user:
            done += self.moved + self.slot * items
        self.last = user
        self.free_at = done
        self.waited += done - now
        return done


class Bundle:
    __slots__ = ("direction", "peer", "arrivals", "cpu", "done")

    def __init__(self, direction, peer):
        self.direction = direction
        self.peer = peer
        self.arrivals = []
        self.cpu = -1  # where its last stage was
        self.done = False


class Stage:
    """What an lcore is doing: the bundles it goes through, one after the other."""

    __slots__ = ("lcore", "role", "began", "bundles", "step", "then", "at", "call_ends")

    def __init__(self, lcore, role, began, bundles, step, then):
        self.lcore, self.role, self.began = lcore, role, began
        self.bundles, self.at, self.call_ends = bundles, 0, len(bundles)
        self.step, self.then = step, then  # when it will be through with a bundle; how it goes on


class Lcore:
    __slots__ = ("number", "roles", "rx", "tx", "at", "worked", "idle", "listed", "busy", "in_cache", "collected")

    def __init__(self, number, roles):
        self.number = number
        self.roles = [role for role in ROLES if role in roles]
        self.rx = self.tx = -1  # its place among the rx and the tx lcores
        self.at = 0
        self.worked = False
        self.idle = True
        self.listed = "crypto" in roles  # among those that a push may wake
        self.busy = dict.fromkeys(ROLES, 0.0)
        self.in_cache = 0  # free bundles at hand
        self.collected = []  # bundles linked and not yet pushed


class Simulation:
    """One run. `burst` is for tests against queueing theory."""

    def __init__(self, costs, workload, layout, load, seed=1, burst=BURST):
        self.costs, self.workload, self.layout, self.load, self.burst = costs, workload, layout, load, burst
        self.chance = random.Random(seed)
        self.events, self.sequence, self.now = [], 0, 0.0
        self._make_lcores()
        self._make_queues()
        self._price()
        self.begin = {"rx": self._begin_rx, "crypto": self._begin_crypto, "tx": self._begin_tx}
        self.injected = self.delivered = self.dropped = self.being_received = 0
        self.bundles = self.bundled = self.calls = self.called = 0
        self.latencies = []

    def _make_lcores(self):
        self.lcores = [Lcore(i, roles) for i, roles in enumerate(self.layout.cpus)]
        self.rx_lcores = [self.lcores[i] for i in self.layout.having("rx")]
        self.tx_lcores = [self.lcores[i] for i in self.layout.having("tx")]
        self.idle_crypto = [self.lcores[i] for i in self.layout.having("crypto")]
        for place, lcore in enumerate(self.rx_lcores):
            lcore.rx = place
        for place, lcore in enumerate(self.tx_lcores):
            lcore.tx = place

    def _make_queues(self):
        self.directions = self.workload.directions
        self.flows = Spread(self.workload).flows_over(len(self.rx_lcores))
        self.received = [{d: deque() for d in self.directions} for _ in self.rx_lcores]
        self.serial = {d: {} for d in self.directions}  # by peer: bundles in order
        self.depth = {d: {} for d in self.directions}  # by peer: packets in them
        self.ring = deque()
        self.ready = [deque() for _ in self.tx_lcores]
        self.raised = set()
        assumed = self.costs.assumptions
        push, pop, slot = assumed.ring_push, assumed.ring_pop, assumed.ring_slot
        self.pool_take, self.pool_give = SharedEnd(pop, slot), SharedEnd(push, slot)
        self.ring_push, self.ring_pop = SharedEnd(push, slot), SharedEnd(pop, slot)
        self.ready_push = [SharedEnd(push, slot) for _ in self.tx_lcores]
        self.push_batch, self.pool_batch = int(assumed.push_batch), int(assumed.pool_batch)
        self.link_free = {(d, way): 0.0 for d in self.directions for way in ("in", "out")}

    def _price(self):
        """What a packet costs beyond what is charged for bundles, calls and turns."""
        a, mix = self.costs.assumptions, self.workload.mix
        self.look = a.turn / len(ROLES)  # a role's share of a turn
        self.bundle, self.packet = {}, {}
        for role in ROLES:
            call = a.call if role == "crypto" else 0
            for d in self.directions:
                self.bundle[role, d] = self.costs.bundle(role, d, self.workload.peers)
                shared = (call + self.look) / MEASURED + self.bundle[role, d] / BUNDLE
                self.packet[role, d] = max(self.costs.packet(role, d, mix) - shared, 1.0)
        self.wire = self.workload.wire_cycles(self.costs.hz)

    # --- running ---

    def run(self, packets, warm_up=None):
        """Measures `packets` deliveries after as many as `warm_up` says."""
        warm_up = packets // 4 if warm_up is None else warm_up
        self._start()
        self._until_delivered(warm_up)
        before = self._marks()
        self._until_delivered(warm_up + packets)
        return self._outcome(before, self._marks())

    def _start(self):
        if self.load.window:
            self._inject(self.load.window)
        else:
            for direction in self.directions:
                self._next_arrival(direction)

    def _until_delivered(self, count):
        events = self.events
        while self.delivered + self.dropped < count:
            self.now, _, act, argument = heapq.heappop(events)
            act(argument)

    def _at(self, time, act, argument):
        self.sequence += 1
        heapq.heappush(self.events, (time, self.sequence, act, argument))

    # --- packets come ---

    def _inject(self, count):
        """Closed loop: what has left comes again, in any flow."""
        self.injected += count
        chance, woken = self.chance.random, set()
        for _ in range(count):
            direction = self.directions[int(chance() * len(self.directions))]
            flows = self.flows[direction]
            peer, rx = flows[int(chance() * len(flows))]
            time = max(self.now, self.link_free[direction, "in"]) + self.wire[direction][0]
            self.link_free[direction, "in"] = time
            self.received[rx][direction].append((time, peer))
            if self.rx_lcores[rx].idle and rx not in woken:
                woken.add(rx)
                self._at(time, self._wake, self.rx_lcores[rx])

    def _next_arrival(self, direction):
        rate = self.load.per_second / len(self.directions) / self.costs.hz
        self._at(self.now + self.chance.expovariate(rate), self._arrive, direction)

    def _arrive(self, direction):
        self._next_arrival(direction)
        self.injected += 1
        flows = self.flows[direction]
        peer, rx = flows[int(self.chance.random() * len(flows))]
        time = max(self.now, self.link_free[direction, "in"]) + self.wire[direction][0]
        self.link_free[direction, "in"] = time
        queue = self.received[rx][direction]
        if len(queue) >= DESCRIPTORS:
            self.dropped += 1
            return
        queue.append((time, peer))
        if self.rx_lcores[rx].idle:
            self._at(time, self._wake, self.rx_lcores[rx])

    # --- lcores ---

    def _wake(self, lcore):
        if not lcore.idle:
            return
        lcore.idle = False
        # It polls all the time: somewhere in a turn that finds nothing.
        self._at(self.now + self.chance.random() * self.look * len(lcore.roles), self._turn, lcore)

    def _turn(self, lcore):
        lcore.at, lcore.worked = 0, False
        self._go_on(lcore)

    def _go_on(self, lcore):
        """The next stage of the turn that finds work; the next turn; or none, if a whole turn found none."""
        while lcore.at < len(lcore.roles):
            role = lcore.roles[lcore.at]
            lcore.at += 1
            if self.begin[role](lcore):
                lcore.worked = True
                return
        if lcore.worked:
            self._turn(lcore)
        else:
            lcore.idle = True
            if "crypto" in lcore.roles and not lcore.listed:
                lcore.listed = True
                self.idle_crypto.append(lcore)
            self._wake_at_arrival(lcore)

    def _wake_at_arrival(self, lcore):
        """What is still on the link will be there at a known time."""
        if lcore.rx < 0:
            return
        times = [queue[0][0] for queue in self.received[lcore.rx].values() if queue]
        if times:
            self._at(min(times), self._wake, lcore)

    def _each(self, stage):
        """Goes on with the stage's next bundle, at the time it will be through with it; then with the turn."""
        lcore = stage.lcore
        if stage.at < len(stage.bundles):
            self._at(stage.step(lcore, stage.bundles[stage.at]), self._through, stage)
        else:
            end = self.now + self.look
            lcore.busy[stage.role] += end - stage.began
            self._at(end, self._go_on, lcore)

    def _through(self, stage):
        stage.at += 1
        stage.then(stage)

    # --- rx ---

    def _begin_rx(self, lcore):
        closed, cost = [], 0.0
        for direction, queue in self.received[lcore.rx].items():
            taken, open_bundles = 0, {}
            while queue and taken < self.burst and queue[0][0] <= self.now:
                arrival, peer = queue.popleft()
                bundle = open_bundles.get(peer)
                if bundle is None or len(bundle.arrivals) == BUNDLE:
                    bundle = open_bundles[peer] = Bundle(direction, peer)
                    closed.append(bundle)
                bundle.arrivals.append(arrival)
                taken += 1
            cost += taken * (self.packet["rx", direction] + self.load.source)
            self.being_received += taken
        if not closed:
            return False
        stage = Stage(lcore, "rx", self.now, closed, self._link, self._linked)
        self._at(self.now + cost, self._each, stage)
        return True

    def _link(self, lcore, bundle):
        time = self.now + self.bundle["rx", bundle.direction]
        if lcore.in_cache == 0:
            lcore.in_cache = self.pool_batch
            time = self.pool_take.use(time, lcore.number, self.pool_batch)
        lcore.in_cache -= 1
        count, depth = len(bundle.arrivals), self.depth[bundle.direction]
        before = depth.get(bundle.peer, 0)
        self.being_received -= count
        if before + count > self.load.queue_limit:
            self._drop(count)
            lcore.in_cache += 1
            return time
        depth[bundle.peer] = before + count
        bundle.cpu = lcore.number
        self.serial[bundle.direction].setdefault(bundle.peer, deque()).append(bundle)
        lcore.collected.append(bundle)
        self.bundles += 1
        self.bundled += count
        return time

    def _linked(self, stage):
        """Pushes what is collected when it is as much as one operation takes, or all of the stage."""
        lcore = stage.lcore
        if not lcore.collected:
            self._each(stage)
        elif len(lcore.collected) == self.push_batch or stage.at == len(stage.bundles):
            self._at(self.ring_push.use(self.now, lcore.number, len(lcore.collected)), self._pushed, stage)
        else:
            self._each(stage)

    def _pushed(self, stage):
        self.ring.extend(stage.lcore.collected)
        for _ in stage.lcore.collected:
            self._wake_crypto()
        stage.lcore.collected = []
        self._each(stage)

    def _drop(self, count):
        self.dropped += count
        if self.load.window:
            self._inject(count)

    def _wake_crypto(self):
        """Of those that idle, any may be the first to look."""
        idle = self.idle_crypto
        while idle:
            at = int(self.chance.random() * len(idle))
            idle[at], idle[-1] = idle[-1], idle[at]
            lcore = idle.pop()
            lcore.listed = False
            if lcore.idle:
                self._wake(lcore)
                return

    # --- crypto ---

    def _begin_crypto(self, lcore):
        if not self.ring:
            return False
        sharers = self.layout.count("crypto")
        share = -(-len(self.ring) // sharers) if sharers > 1 else MOST_BUNDLES
        taken = [self.ring.popleft() for _ in range(min(share, MOST_BUNDLES, len(self.ring)))]
        time = self.ring_pop.use(self.now, lcore.number, len(taken))
        stage = Stage(lcore, "crypto", self.now, taken, self._finish, self._finished)
        self._begin_call(stage, time)
        return True

    def _begin_call(self, stage, time):
        """The next of the stage's bundles, as many as one AEAD call takes."""
        packets, last = 0, stage.at
        time += self.costs.assumptions.call
        while last < len(stage.bundles):
            bundle = stage.bundles[last]
            count = len(bundle.arrivals)
            if packets + count > AEAD_PACKETS:
                break
            time += count * self.packet["crypto", bundle.direction]
            if bundle.cpu != stage.lcore.number:
                time += count * self.costs.assumptions.handoff
            packets += count
            last += 1
        stage.call_ends = last
        self.calls += 1
        self.called += packets
        self._at(time, self._each, stage)

    def _finished(self, stage):
        if stage.at == stage.call_ends and stage.at < len(stage.bundles):
            self._begin_call(stage, self.now)
        else:
            self._each(stage)

    def _finish(self, lcore, bundle):
        bundle.cpu = lcore.number
        bundle.done = True
        time = self.now + self.bundle["crypto", bundle.direction]
        return self._signal_ready(time, lcore, bundle.direction, bundle.peer)

    def _signal_ready(self, time, lcore, direction, peer):
        if (direction, peer) in self.raised:
            return time
        self.raised.add((direction, peer))
        home = peer % len(self.tx_lcores)
        self.ready[home].append((direction, peer))
        self._wake(self.tx_lcores[home])
        return self.ready_push[home].use(time, lcore.number)

    # --- tx ---

    def _begin_tx(self, lcore):
        ready, bundles = self.ready[lcore.tx], []
        if not ready:
            return False
        for _ in range(min(len(ready), READY_BURST)):
            direction, peer = ready.popleft()
            self.raised.discard((direction, peer))
            queue, released = self.serial[direction][peer], 0
            while queue and queue[0].done and released < RELEASE_BUDGET:
                bundles.append(queue.popleft())
                released += 1
            if released == RELEASE_BUDGET:
                self._signal_ready(self.now, lcore, direction, peer)
        self._each(Stage(lcore, "tx", self.now, bundles, self._release, self._each))
        return True

    def _release(self, lcore, bundle):
        """Lets the bundle's packets go."""
        count, direction = len(bundle.arrivals), bundle.direction
        time = self.now + count * (self.packet["tx", direction] + self.load.sink) + self.bundle["tx", direction]
        if bundle.cpu != lcore.number:
            time += count * self.costs.assumptions.handoff
        left = max(time, self.link_free[direction, "out"]) + count * self.wire[direction][1]
        self.link_free[direction, "out"] = left
        self._at(left, self._leave, bundle)
        lcore.in_cache += 1
        if lcore.in_cache > 2 * self.pool_batch:
            lcore.in_cache -= self.pool_batch
            time = self.pool_give.use(time, lcore.number, self.pool_batch)
        return time

    def _leave(self, bundle):
        count = len(bundle.arrivals)
        self.depth[bundle.direction][bundle.peer] -= count
        self.delivered += count
        if self.load.window:
            self._inject(count)
        else:
            self.latencies.extend(self.now - arrival for arrival in bundle.arrivals)

    # --- accounts ---

    def in_flight(self):
        """Packets that came and neither left nor were dropped, counted place by place."""
        waiting = sum(len(queue) for queues in self.received for queue in queues.values())
        in_order = sum(n for depths in self.depth.values() for n in depths.values())
        return waiting + self.being_received + in_order

    def _marks(self):
        shared = [self.pool_take, self.pool_give, self.ring_push, self.ring_pop, *self.ready_push]
        return {
            "now": self.now,
            "delivered": self.delivered,
            "dropped": self.dropped,
            "busy": [dict(lcore.busy) for lcore in self.lcores],
            "bundles": (self.bundled, self.bundles),
            "calls": (self.called, self.calls),
            "waited": sum(end.waited for end in shared),
            "latencies": len(self.latencies),
        }

    def _outcome(self, before, after):
        time = after["now"] - before["now"]

        def mean(name):
            (a0, n0), (a1, n1) = before[name], after[name]
            return (a1 - a0) / max(n1 - n0, 1)

        spent = [
            {role: after["busy"][i][role] - before["busy"][i][role] for role in ROLES}
            for i in range(len(self.lcores))
        ]
        delivered = after["delivered"] - before["delivered"]
        return Outcome(
            seconds=time / self.costs.hz,
            delivered=delivered,
            dropped=after["dropped"] - before["dropped"],
            busy={
                role: sum(s[role] for s in spent) / time / max(self.layout.count(role), 1) for role in ROLES
            },
            cpu_busy=[sum(s.values()) / time for s in spent],
            packets_per_bundle=mean("bundles"),
            packets_per_call=mean("calls"),
            ring_wait=(after["waited"] - before["waited"]) / time / len(self.lcores),
            link_busy=delivered / len(self.directions) * max(max(w) for w in self.wire.values()) / time,
            latencies=sorted(x / self.costs.hz for x in self.latencies[before["latencies"] :]),
        )


def closed_loop(layout, workload):
    """Packets under way that keep every lcore busy and yet fill no peer's queue."""
    wanted = 3 * BURST // 2 * layout.count("rx") + AEAD_PACKETS * layout.count("crypto")
    return Load(window=min(wanted, QUEUE_LIMIT * 7 // 8 * workload.peers))
