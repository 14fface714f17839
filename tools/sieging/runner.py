"""Builds what parts need and runs them."""

import shlex
from pathlib import Path

from driver import runner
from driver.screen import Screen

from . import rows
from .parts import Part
from .rows import Outcome

GRACE_SECONDS = 120  # beyond twice its time a part hangs
TIMED_OUT = (124, 137)  # timeout's status, and that of what it had to kill


def build(root: Path, wanted: list[Part]) -> None:
    """Raises driver.runner.PartFailed with the end of the log."""
    targets = sorted({target for part in wanted for target in part.targets.split()})
    if targets:
        runner.build(root, root / "build/siege-build.log", targets)


def run(part: Part, root: Path, minutes: float, seed: int, keep: Path, screen: Screen) -> Outcome:
    """Its output and results are left in the folder `keep`."""
    if reason := part.why_not(root):
        return Outcome(part.name, skipped=reason)
    results = keep / f"{part.name}.json"
    results.unlink(missing_ok=True)
    asked = ["--minutes", f"{minutes:.4g}", "--seed", str(seed)]
    outcome = Outcome(part.name, command=shlex.join([part.program, *asked, "--json", f"{part.name}.json"]))
    limit = int(2 * 60 * minutes) + GRACE_SECONDS
    command = ["timeout", "--kill-after=15", str(limit), str(root / part.program), *asked, "--json", str(results)]
    output = keep / f"{part.name}.log"
    status = runner.watch(command, output, screen, start=None)
    judge(outcome, status, results, output, limit)
    return outcome


def judge(outcome: Outcome, status: int, results: Path, output: Path, limit: int) -> None:
    """What its status and its file say together: neither is believed alone."""
    try:
        outcome.rows = rows.read(results)
    except (OSError, ValueError) as error:
        outcome.failed = f"its results can't be read: {error}"
    if status in TIMED_OUT:
        outcome.failed = f"still running after {limit} s"
    elif status not in (0, 1) or (status == 1 and outcome.held):
        outcome.failed = f"status {status}"
    elif not outcome.rows and not outcome.failed:
        outcome.failed = "it tried nothing"
    if outcome.failed:
        end = output.read_text(errors="replace").splitlines()[-8:]
        outcome.failed = "\n".join([outcome.failed + ("; the end of what it said:" if end else ""), *end])
