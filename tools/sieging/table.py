"""The closing table."""

from driver.screen import clock

from .rows import Outcome, Row

HEADINGS = ("part", "what", "how many", "how long", "lost", "")


def cells(part: str, row: Row) -> tuple[str, ...]:
    return part, row.what, f"{row.tried:,} {row.unit}", clock(row.seconds), f"{row.lost:,}", "" if row.held else "FAIL"


def grid_lines(outcomes: list[Outcome]) -> list[str]:
    """Text to the left, numbers to the right."""
    grid = [cells(outcome.part, row) for outcome in outcomes for row in outcome.rows]
    if not grid:
        return []
    grid.insert(0, HEADINGS)
    widths = [max(len(line[column]) for line in grid) for column in range(len(HEADINGS))]
    return [
        f"  {part:{widths[0]}}  {what:{widths[1]}}  {many:>{widths[2]}}  {long:>{widths[3]}}  {lost:>{widths[4]}}  {held}"
        .rstrip()
        for part, what, many, long, lost, held in grid
    ]


def told(outcome: Outcome) -> list[str]:
    """What failed, so that it can be acted upon."""
    said = [outcome.failed] if outcome.failed else []
    for row in outcome.rows:
        said += row.failures
        if row.lost > row.bearable and not row.failures:
            said.append(f"{row.what}: {row.lost:,} lost of {row.tried:,} {row.unit}")
    return [f"  {line}" for text in said for line in text.splitlines()]


def lines(outcomes: list[Outcome]) -> list[str]:
    """All rows; then what was skipped, the commands that do it again, and what failed."""
    out = grid_lines(outcomes)
    out += [f"  {outcome.part}: skipped, {outcome.skipped}" for outcome in outcomes if outcome.skipped]
    commands = [f"  {outcome.part}: {outcome.command}" for outcome in outcomes if outcome.command]
    out += ["", "Again:", *commands] if commands else []
    for outcome in outcomes:
        if not outcome.held:
            out += ["", f"FAIL {outcome.part}", *told(outcome)]
    return out
