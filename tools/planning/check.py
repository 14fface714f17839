"""The model against what was measured on one and two CPUs."""

import dataclasses

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


def compare(costs):
    """A Comparison for each result that the model can predict."""
    for name in costs.results:
        part, _, rest = name.partition("/")
        size = rest.rpartition("/")[2]
        if part == "pipeline" and rest.rpartition("/")[0] in ("encrypt", "decrypt", "both"):
            workload = _one_peer(size, rest.partition("/")[0])
            predicted = predict(costs, workload, Layout.everything(1)).per_second / 1e6
            yield Comparison(name, "Mpps", costs.measured(name), predicted)
        elif part == "split":
            workload = _one_peer(size, "encrypt")
            one = predict(costs, workload, Layout.everything(1)).per_second
            two = predict(costs, workload, Layout.ends(1, 2)).per_second
            yield Comparison(name, "x one CPU", costs.ratio(name), two / one)


def _one_peer(size, direction):
    return Workload(Mix.parse(size), direction=direction, peers=1, flows=1, nic_gbit=UNLIMITED_GBIT)
