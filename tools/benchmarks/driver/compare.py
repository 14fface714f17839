"""Two files of results side by side."""

import statistics
from dataclasses import dataclass

from .results import Result


@dataclass
class Change:
    name: str
    what: str  # 'ratio' or 'value'
    old: float
    new: float
    factor: float  # how much better: over 1 is better, whatever the unit


def change_of(old: Result, new: Result) -> Change | None:
    """A ratio is compared where both have one to the same thing: it depends less on the machine and the day."""
    if old.unit != new.unit:
        return None
    by_ratio = bool(old.ratios and new.ratios and old.ratio_to == new.ratio_to)
    before, after = (old.ratio, new.ratio) if by_ratio else (old.value, new.value)
    if not before or not after:
        return None
    factor = before / after if new.less_is_better else after / before
    return Change(new.name, "ratio" if by_ratio else "value", before, after, factor)


@dataclass
class Comparison:
    changes: list[Change]
    gone: list[str]
    added: list[str]

    def by_part(self) -> dict[str, list[Change]]:
        parts: dict[str, list[Change]] = {}
        for change in self.changes:
            parts.setdefault(change.name.split("/")[0], []).append(change)
        return parts

    def below(self, factor: float) -> list[Change]:
        return [change for change in self.changes if change.factor < factor]


def compare(old: list[Result], new: list[Result]) -> Comparison:
    """What only one of them has is named, except parts that were not run at all the second time."""
    before = {result.name: result for result in old}
    after = {result.name: result for result in new}
    changes = [change_of(before[name], result) for name, result in after.items() if name in before]
    parts_run = {name.split("/")[0] for name in after}
    return Comparison(
        changes=[change for change in changes if change],
        gone=[name for name in before if name not in after and name.split("/")[0] in parts_run],
        added=[name for name in after if name not in before],
    )


def lines(comparison: Comparison, noise: float = 0.05) -> list[str]:
    """A line for each part, and one for each result that changed by more than `noise`."""
    out = [f"{'old':>59}{'new':>11}   change"]
    for part, changes in comparison.by_part().items():
        middle = statistics.median(change.factor for change in changes)
        out.append(f"{part}: {len(changes)} results, median change x{middle:.3f}")
        for change in sorted(changes, key=lambda change: change.factor):
            if abs(change.factor - 1) > noise:
                verdict = "better" if change.factor > 1 else "worse"
                out.append(
                    f"  {change.name:40} {change.what:>5} {number(change.old):>10} {number(change.new):>10}"
                    f"   x{change.factor:.3f} {verdict}"
                )
    out += [f"gone: {name}" for name in comparison.gone] + [f"new: {name}" for name in comparison.added]
    return out


def number(value: float) -> str:
    """Three digits or more, without more of them than a person can use."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
