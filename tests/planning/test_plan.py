"""The model of tools/plan against what is known: sums, queueing theory, conservation, monotony."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

# pylint: disable=wrong-import-position
from tools.planning import capacity, check, layout, report, search, simulation
from tools.planning.costs import ROLES, Assumptions, Costs, Mix, packets_per_bundle, sealed_bytes, wire_bytes
from tools.planning.workload import Spread, Workload

UNLIMITED = 1e6
HZ = 2e9


def results(**values):
    """A benchmark's JSON with invented numbers."""
    numbers = {
        "stage/tsc_hz": HZ,
        "stage/rx/64": 100,
        "stage/rx/1420": 100,
        "stage/crypto/64": 120,
        "stage/crypto/1420": 900,
        "stage/tx/64": 100,
        "stage/tx/1420": 100,
    } | values
    return {"results": [{"name": name, "value": value} for name, value in numbers.items()]}


FREE = dict.fromkeys(vars(Assumptions()), 0.0) | {"push_batch": 64, "pool_batch": 32}


def simulate(costs, workload, chosen, load=None, packets=8000, **options):
    load = load or simulation.closed_loop(chosen, workload)
    run = simulation.Simulation(costs, workload, chosen, load, **options)
    return run, run.run(packets)


def workload_of(size="64", **options):
    return Workload(Mix.parse(size), **({"peers": 100, "nic_gbit": UNLIMITED} | options))


class CostsTest(unittest.TestCase):
    def test_sizes_between_the_measured_ones_lie_on_the_line(self):
        costs = Costs(results())
        self.assertAlmostEqual(costs.packet("crypto", "encrypt", Mix.parse("742")), 510)

    def test_a_measured_mix_is_taken_as_measured(self):
        costs = Costs(results(**{"stage/crypto/imix": 333}))
        self.assertEqual(costs.packet("crypto", "encrypt", Mix.parse("imix")), 333)
        self.assertNotEqual(costs.packet("crypto", "encrypt", Mix.parse("64:7,594:4,1420:1")), 333)

    def test_directions_are_told_apart_where_they_were_measured_apart(self):
        costs = Costs(results(**{"stage/rx/decrypt/64": 70, "stage/rx/decrypt/1420": 70}))
        self.assertEqual(costs.packet("rx", "decrypt", Mix.parse("64")), 70)
        self.assertEqual(costs.packet("rx", "encrypt", Mix.parse("64")), 100)

    def test_a_missing_stage_is_an_error(self):
        document = results()
        document["results"] = [r for r in document["results"] if not r["name"].startswith("stage/tx/")]
        with self.assertRaisesRegex(ValueError, "stage/tx"):
            Costs(document)

    def test_an_unknown_assumption_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "turn"):
            Costs(results(), trun=1)

    def test_bundles_of_one_packet_tell_what_a_bundle_costs(self):
        costs = Costs(results(**{"stage/tx/decrypt/64/peers100": 415}))
        self.assertAlmostEqual(costs.bundle("tx", "decrypt", 5), 320)
        self.assertEqual(costs.bundle("tx", "encrypt", 5), Assumptions().bundle_tx)
        told = Costs(results(**{"stage/tx/decrypt/64/peers100": 415}), bundle_tx=7)
        self.assertEqual(told.bundle("tx", "decrypt", 5), 7)

    def test_bundles_of_many_peers_cost_as_much_as_was_measured_with_many(self):
        measured = {"stage/tx/64/peers100": 163, "stage/tx/64/peers10000": 289}
        costs = Costs(results(**measured, **{"stage/bundle/encrypt/64/peers100": 1}))
        self.assertAlmostEqual(costs.bundle("tx", "encrypt", 1), 64)
        self.assertAlmostEqual(costs.bundle("tx", "encrypt", 1000), 128)
        self.assertAlmostEqual(costs.bundle("tx", "encrypt", 10**6), 192)

    def test_how_small_the_measured_bundles_were_counts(self):
        measured = {"stage/tx/64/peers100": 131, "stage/bundle/encrypt/64/peers100": 2}
        self.assertAlmostEqual(Costs(results(**measured)).bundle("tx", "encrypt", 1), 64)

    def test_a_measured_ring_comes_before_the_assumed_one(self):
        costs = Costs(results(**{"ring/push/shared": HZ / 300}))
        self.assertAlmostEqual(costs.assumptions.ring_push, 300)
        self.assertEqual(costs.assumptions.ring_pop, Assumptions().ring_pop)

    def test_bytes_on_the_wire(self):
        self.assertEqual(sealed_bytes(64), 124)
        self.assertEqual(sealed_bytes(1420), 1484)
        self.assertEqual(wire_bytes(20), 84)

    def test_a_burst_of_one_peer_is_one_bundle_and_of_very_many_none_is_shared(self):
        self.assertEqual(packets_per_bundle(64, 1), 64)
        self.assertLess(packets_per_bundle(64, 10**6), 1.001)


class OneCpuTest(unittest.TestCase):
    def test_a_packet_costs_the_sum_of_the_stages(self):
        costs = Costs(results())
        for size, cycles in (("64", 320), ("1420", 1100)):
            one_peer = workload_of(size, peers=1, flows=1, direction="encrypt")
            _, outcome = simulate(costs, one_peer, layout.Layout.everything(1), packets=40000)
            self.assertAlmostEqual(outcome.per_second / (HZ / cycles), 1, delta=0.005)

    def test_packets_of_many_peers_cost_more_for_each_has_a_bundle_of_its_own(self):
        costs = Costs(results())
        one, many = (
            simulate(costs, workload_of(peers=peers), layout.Layout.everything(1))[1] for peers in (1, 10000)
        )
        self.assertGreater(one.packets_per_bundle, 60)
        self.assertLess(many.packets_per_bundle, 1.1)
        a = costs.assumptions
        bundles = (a.bundle_rx + a.bundle_crypto + a.bundle_tx) * 63 / 64
        self.assertAlmostEqual(HZ / many.per_second - HZ / one.per_second, bundles, delta=0.03 * bundles)


class QueueingTest(unittest.TestCase):
    def test_one_server_of_constant_time_waits_as_pollaczek_and_khinchine_say(self):
        costs = Costs(results(**{f"stage/{role}/64": 1000 if role == "rx" else 1 for role in ROLES}), **FREE)
        service = 1002 / HZ
        for load in (0.3, 0.6, 0.8):
            rate = simulation.Load(per_second=load / service)
            chosen = layout.Layout.everything(1)
            work = workload_of(peers=1, flows=1, direction="encrypt")
            _, outcome = simulate(costs, work, chosen, rate, packets=60000, burst=1)
            mean = sum(outcome.latencies) / len(outcome.latencies)
            expected = service * (1 + load / (2 * (1 - load)))
            self.assertAlmostEqual(mean / expected, 1, delta=0.05, msg=f"load {load}")

    def test_a_full_link_sets_the_rate(self):
        costs = Costs(results())
        _, outcome = simulate(
            costs, workload_of("1420", nic_gbit=1, direction="encrypt"), layout.Layout.everything(2)
        )
        line_rate = 1e9 / 8 / wire_bytes(sealed_bytes(1420))
        self.assertAlmostEqual(outcome.per_second / line_rate, 1, delta=0.01)
        self.assertGreater(outcome.link_busy, 0.98)


class ConservationTest(unittest.TestCase):
    def test_every_packet_is_delivered_dropped_or_under_way(self):
        costs = Costs(results())
        loads = (simulation.Load(window=2000), simulation.Load(per_second=3e6), simulation.Load(per_second=5e7))
        for chosen in (layout.Layout.everything(3), layout.Layout.ends(1, 3), layout.Layout.apart(1, 1, 3)):
            for load in loads:
                run, _ = simulate(costs, workload_of("imix", direction="both"), chosen, load)
                self.assertEqual(run.injected, run.delivered + run.dropped + run.in_flight())

    def test_a_closed_loop_keeps_its_packets(self):
        run, _ = simulate(Costs(results()), workload_of(), layout.Layout.ends(1, 3), simulation.Load(window=500))
        self.assertEqual(run.in_flight(), 500)

    def test_too_many_packets_are_dropped_and_the_others_go_on(self):
        costs = Costs(results())
        _, outcome = simulate(
            costs, workload_of(), layout.Layout.everything(1), simulation.Load(per_second=HZ / 100)
        )
        self.assertGreater(outcome.dropped, 0)
        self.assertGreater(outcome.delivered, 0)

    def test_no_cpu_is_busy_for_longer_than_the_time(self):
        _, outcome = simulate(Costs(results()), workload_of(direction="both"), layout.Layout.ends(2, 5))
        for busy in outcome.cpu_busy:
            self.assertLessEqual(busy, 1.02)

    def test_the_same_seed_gives_the_same_run(self):
        first, second = (
            simulate(Costs(results()), workload_of(), layout.Layout.everything(3), seed=5)[1] for _ in range(2)
        )
        self.assertEqual(first, second)


class MonotonyTest(unittest.TestCase):
    def test_dearer_stages_are_never_faster(self):
        rates = []
        for cycles in (500, 900, 1500):
            costs = Costs(results(**{"stage/crypto/1420": cycles}))
            rates.append(simulate(costs, workload_of("1420"), layout.Layout.ends(1, 3))[1].per_second)
        self.assertEqual(rates, sorted(rates, reverse=True))

    def test_more_crypto_lcores_help_until_the_ends_are_full(self):
        costs = Costs(results(), **FREE)
        rates = [
            simulate(costs, workload_of("1420"), layout.Layout.ends(1, n))[1].per_second for n in (2, 3, 4)
        ]
        for more, rate in zip((1, 2, 3), rates):
            self.assertAlmostEqual(rate / (more * HZ / 900), 1, delta=0.05)

    def test_more_cpus_never_have_a_lower_bound(self):
        costs = Costs(results())
        work = workload_of("imix")
        best = [
            max(capacity.capacity(costs, work, c)[0] for c in layout.candidates(count)) for count in range(1, 9)
        ]
        self.assertEqual(best, sorted(best))

    def test_the_simulation_stays_under_the_bound(self):
        costs = Costs(results())
        for peers in (1, 100):
            work = workload_of("imix", peers=peers)
            for chosen in layout.candidates(4):
                bound, _ = capacity.capacity(costs, work, chosen)
                _, outcome = simulate(costs, work, chosen)
                self.assertLess(outcome.per_second, 1.06 * bound, chosen.describe())

    def test_a_ring_that_is_shared_costs_more_the_dearer_its_line_is_to_move(self):
        def rate(moved):
            costs = Costs(results(), ring_push=moved, ring_pop=moved, push_batch=1)
            return simulate(costs, workload_of(peers=10000), layout.Layout.everything(6))[1]

        cheap, dear = rate(0), rate(400)
        self.assertLess(dear.per_second, cheap.per_second)
        self.assertLess(dear.per_second, 1.05 * HZ / 400)
        self.assertGreater(dear.ring_wait, 0.3)

    def test_latency_grows_with_load(self):
        costs = Costs(results())
        prediction = search.predict(costs, workload_of("imix"), layout.Layout.everything(2))
        low, high = (search.latency(costs, workload_of("imix"), prediction, load) for load in (0.2, 0.9))
        self.assertLess(low.latency(50), high.latency(50))
        self.assertLessEqual(high.latency(50), high.latency(99.9))


class PlacesTest(unittest.TestCase):
    def test_a_peer_is_sent_by_one_lcore_and_its_tunnel_received_by_one(self):
        spread = Spread(workload_of(peers=1, direction="decrypt"))
        self.assertEqual(spread.busiest_tx(4), 1)
        self.assertEqual(spread.busiest_rx(4), 1)

    def test_many_flows_fall_almost_evenly(self):
        spread = Spread(workload_of(peers=1000, direction="encrypt"))
        self.assertAlmostEqual(spread.busiest_tx(4), 0.25)
        self.assertLess(spread.busiest_rx(4), 0.27)
        self.assertAlmostEqual(sum(spread.weights), 1)


class LayoutTest(unittest.TestCase):
    def test_what_is_described_is_read_back(self):
        for chosen in layout.candidates(6):
            self.assertEqual(layout.Layout.parse(chosen.describe()), chosen)

    def test_automatic_layouts_are_those_of_the_gateway(self):
        # The same cases as in tests/control/gateway/lcore_layout_test.cpp.
        describe = lambda cpus, peers: layout.Layout.automatic(cpus - 1, peers).describe()
        self.assertEqual(describe(8, 10000), "rx=1-7,crypto=1-7,tx=1-7")
        self.assertEqual(describe(5, 3), "rx=1-3,crypto=1-4,tx=1-3")
        self.assertEqual(describe(4, 1), "rx=1,crypto=1-3,tx=2")
        self.assertEqual(describe(8, 3), "rx=1-3,crypto=1-7,tx=4-6")
        self.assertEqual(describe(64, 2), "rx=1-2,crypto=1-8,tx=3-4")

    def test_nothing_proposed_is_worse_than_auto(self):
        costs = Costs(results())
        for peers in (1, 100):
            proposed = search.propose(costs, workload_of("imix", peers=peers), 4)
            self.assertGreaterEqual(proposed.per_second, search.SAME * proposed.automatic)
            self.assertGreater(proposed.automatic, 0)

    def test_memory_holds_the_queues_twice(self):
        proposed = search.predict(Costs(results()), workload_of(), layout.Layout.everything(8))
        self.assertEqual(proposed.memory_mib, 256)

    def test_a_role_that_nobody_has_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "tx"):
            layout.Layout.parse("rx=1,crypto=2-3")

    def test_every_candidate_uses_every_cpu_and_has_every_role(self):
        for count in (1, 2, 3, 7):
            for chosen in layout.candidates(count):
                self.assertEqual(len(chosen.cpus), count)
                self.assertTrue(all(chosen.cpus) and all(chosen.count(role) for role in ROLES))

    def test_dear_crypto_gets_more_cpus_than_cheap(self):
        def crypto_cpus(cycles):
            costs = Costs(results(**{"stage/crypto/1420": cycles}), **FREE)
            work = workload_of("1420")
            dedicated = (c for c in layout.candidates(8) if search.kind(c) == search.kind(layout.Layout.ends(1, 2)))
            return max(dedicated, key=lambda c: capacity.capacity(costs, work, c)[0]).count("crypto")

        self.assertEqual(crypto_cpus(200), 4)
        self.assertEqual(crypto_cpus(1400), 7)


class ReportTest(unittest.TestCase):
    def test_measured_and_predicted_stand_side_by_side(self):
        costs = Costs(results(**{"pipeline/encrypt/64": 6.25, "split/1420": 1.5}))
        comparisons = {c.name: c for c in check.compare(costs)}
        self.assertEqual(set(comparisons), {"pipeline/encrypt/64", "split/1420"})
        self.assertAlmostEqual(comparisons["pipeline/encrypt/64"].error, 0, delta=0.01)

    def test_a_rate_may_be_told_in_either_unit(self):
        def split_by(value, unit):
            invented = results(**{"split/64": value})
            invented["results"][-1] |= {"unit": unit, "ratio": 1.5}
            return next(iter(check.compare(Costs(invented)))).predicted

        self.assertAlmostEqual(split_by(6.25e6, "pps"), split_by(6.25, "Mpps"), delta=0.01)

    def test_a_curve_has_a_point_for_each_machine(self):
        costs = Costs(results())
        work = workload_of("imix", direction="both")
        predictions = [search.propose(costs, work, cpus) for cpus in (1, 2, 4)]
        self.assertEqual([p.cpus for p in predictions], [1, 2, 4])
        self.assertEqual(report.svg(predictions, work, "title").count("<circle"), 3)
        self.assertEqual(len(list(report.table(predictions, work))), 4)


if __name__ == "__main__":
    unittest.main()
