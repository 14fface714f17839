"""Rows of the closing table: what was tried, how often, for how long, and what was lost.

Their form in a part's file: {"part": NAME, "rows": [{"what": "...", "tried": 10000000, "unit": "packets",
"seconds": 61.2, "lost": 0, "failures": ["a sentence that can be acted upon"]}]}. With "bearable", so many may be
lost: what a part asks for is not always all."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Row:
    what: str
    tried: int
    unit: str
    seconds: float
    lost: int = 0
    failures: list[str] = field(default_factory=list)
    bearable: int = 0  # that may be lost

    @property
    def held(self) -> bool:
        return self.lost <= self.bearable and not self.failures


@dataclass
class Outcome:
    """What came of a part."""

    part: str
    rows: list[Row] = field(default_factory=list)
    command: str = ""  # that does it again
    skipped: str = ""  # why it did not run
    failed: str = ""  # why it has no rows, or not all

    @property
    def held(self) -> bool:
        return not self.failed and all(row.held for row in self.rows)

    def to_json(self) -> dict:
        return asdict(self) | {"held": self.held}


def read(path: Path) -> list[Row]:
    """What a part has written. Raises ValueError if it isn't of this form, OSError if it is not there."""
    try:
        return [
            Row(str(row["what"]), int(row["tried"]), str(row["unit"]), float(row["seconds"]), int(row["lost"]),
                [str(failure) for failure in row["failures"]], int(row.get("bearable", 0)))
            for row in json.loads(path.read_text())["rows"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is not what a part writes: {error!r}") from error


def write(path: Path, about: dict, outcomes: list[Outcome]) -> None:
    """The whole siege in one file."""
    path.write_text(json.dumps(about | {"parts": [outcome.to_json() for outcome in outcomes]}, indent=1) + "\n")
