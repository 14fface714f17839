"""Results: a name, a median, the runs it is of, and how it compares to something taken in the same runs.

Their form in files is that of interfaces.md; programs write it, scripts write lines of runs."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

# Of these less is better; of everything else more.
LESS_IS_BETTER = {"us", "ms", "s", "MiB", "bytes", "cycles/packet", "operations/packet", "cycles"}
# Programs may count single packets; people and files get millions.
IN_MILLIONS = {"pps", "packets/s"}


@dataclass
class Result:
    name: str
    unit: str
    runs: list[float] = field(default_factory=list)
    ratio_to: str = ""
    ratios: list[float] = field(default_factory=list)  # by run; empty: compared to nothing

    @property
    def value(self) -> float:
        return statistics.median(self.runs)

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def less_is_better(self) -> bool:
        return self.unit in LESS_IS_BETTER

    def to_json(self) -> dict:
        out = {"name": self.name, "value": self.value, "unit": self.unit, "runs": self.runs}
        if self.ratios:
            out |= {"ratio": self.ratio, "ratio_to": self.ratio_to, "ratios": self.ratios}
        return out

    @classmethod
    def from_json(cls, entry: dict) -> "Result":
        """Files may hold a value or ratio without its runs: it is then taken for the only run."""
        ratios = entry.get("ratios") or ([entry["ratio"]] if entry.get("ratio") is not None else [])
        runs = entry.get("runs") or [entry["value"]]
        unit = entry["unit"]
        if unit in IN_MILLIONS:
            unit, runs = "Mpps", [run / 1e6 for run in runs]
        return cls(entry["name"], unit, runs, entry.get("ratio_to", ""), ratios)


def read_json(path: Path) -> list[Result]:
    """Raises ValueError if the file isn't of this form."""
    try:
        return [Result.from_json(entry) for entry in json.loads(path.read_text())["results"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} has no results as tools/bench writes them: {error!r}") from error


def write_json(path: Path, machine: dict, commit: str, results: list[Result]) -> None:
    content = {"machine": machine, "commit": commit, "results": [result.to_json() for result in results]}
    path.write_text(json.dumps(content, indent=1) + "\n")


def from_runs(lines: list[str]) -> list[Result]:
    """Of lines 'NAME<tab>UNIT<tab>VALUE', one for each run, or with '<tab>REFERENCE<tab>RATIO_TO' behind it:
    what it is compared to, measured in the same run. Raises ValueError."""
    results: dict[str, Result] = {}
    for line in lines:
        fields = line.split("\t")
        if len(fields) not in (3, 5):
            raise ValueError(f"not a run: '{line}'")
        name, unit, value = fields[0], fields[1], float(fields[2])
        result = results.setdefault(name, Result(name, unit))
        result.runs.append(value)
        if len(fields) == 5:
            result.ratios.append(value / float(fields[3]))
            result.ratio_to = fields[4]
    return list(results.values())
