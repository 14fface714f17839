"""The model against what was measured on one and two CPUs."""

import dataclasses
import re

from tools.planning.costs import ROLES, Mix
from tools.planning.layout import Layout
from tools.planning.search import predict
from tools.planning.simulation import Load, Simulation
from tools.planning.workload import Workload

UNLIMITED_GBIT = 1e6  # in-memory ports


@dataclasses.dataclass(frozen=True)
class Comparison:
    name: str
    unit: str
    measured: float
    predicted: float

    @property
    def error(self):
        return self.predicted / self.measured - 1


PIPELINE = re.compile(r"pipeline/(encrypt|decrypt|both)/(imix|\d+)(?:/peers(\d+))?$")
SPLIT = re.compile(r"split(?:/(encrypt|decrypt))?/(imix|\d+)$")


def compare(costs):
    """A Comparison for each result that the model can predict."""
    for name, result in costs.results.items():
        if match := PIPELINE.match(name):
            direction, size, peers = match.groups()
            workload = _workload(size, direction, int(peers or 1))
            measured = _per_second(result) / 1e6
            predicted = predict(costs, workload, Layout.everything(1)).per_second / 1e6
            yield Comparison(name, "Mpps", measured, predicted)
        elif match := SPLIT.match(name):
            direction, size = match.groups()
            workload = _workload(size, direction or "encrypt", 1)
            yield Comparison(name, "x one CPU", costs.ratio(name), split_ratio(costs, workload))


SPLIT_LAYOUT = Layout.apart(1, 1, 2, ends_help=True)  # tools/benchmarks/split.h
SPLIT_WINDOW = 2048


def split_ratio(costs, workload):
    """How much faster the benchmark's two CPUs are than its one. Its source and sink, on the same CPUs, cost what
    the one CPU's rate says beyond the stages: the source, which writes packets, two thirds of it. With two CPUs
    it writes into buffers that come back from the other one."""
    result = costs.results[f"split/{workload.mix.name}"]
    stages = sum(costs.packet(role, "encrypt", workload.mix) for role in ROLES)
    one_cpu = costs.hz * costs.ratio(f"split/{workload.mix.name}") / _per_second(result)
    around = max(one_cpu - stages, 0)
    one = Load(window=SPLIT_WINDOW, queue_limit=SPLIT_WINDOW, source=around * 2 / 3, sink=around / 3)
    two = dataclasses.replace(one, source=one.source + costs.assumptions.handoff)
    rate_of_one = Simulation(costs, workload, Layout.everything(1), one).run(40000).per_second
    return Simulation(costs, workload, SPLIT_LAYOUT, two).run(40000).per_second / rate_of_one


def _per_second(result):
    """A benchmark by itself says packets a second, tools/bench says Mpps."""
    return result["value"] * (1 if result.get("unit") == "pps" else 1e6)


def _workload(size, direction, peers):
    return Workload(Mix.parse(size), direction, peers, flows=1, nic_gbit=UNLIMITED_GBIT)
