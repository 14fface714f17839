"""The model against what was measured on one and two CPUs."""

import dataclasses
import re

from tools.planning.costs import Mix
from tools.planning.layout import Layout
from tools.planning.search import predict
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
            measured = result["value"] / (1e6 if result.get("unit") == "pps" else 1)
            predicted = predict(costs, workload, Layout.everything(1)).per_second / 1e6
            yield Comparison(name, "Mpps", measured, predicted)
        elif match := SPLIT.match(name):
            direction, size = match.groups()
            workload = _workload(size, direction or "encrypt", 1)
            one = predict(costs, workload, Layout.everything(1)).per_second
            two = predict(costs, workload, Layout.ends(1, 2)).per_second
            yield Comparison(name, "x one CPU", costs.ratio(name), two / one)


def _workload(size, direction, peers):
    return Workload(Mix.parse(size), direction, peers, flows=1, nic_gbit=UNLIMITED_GBIT)
