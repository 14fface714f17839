"""Results as aligned text."""

from .compare import number
from .results import Result
from .views import VIEWS, Column, View


def cell(column: Column, row: str, results: dict[str, Result]) -> str:
    result = results.get(column.name.format(row=row))
    if result is None or (column.field == "ratio" and result.ratio is None):
        return ""
    return f"{result.ratio:.2f}" if column.field == "ratio" else number(result.value)


def view_lines(view: View, results: dict[str, Result]) -> list[str]:
    """Without the rows and columns that would be empty; no lines if all would."""
    grid = {row: [cell(column, row, results) for column in view.columns] for row in view.rows}
    grid = {row: cells for row, cells in grid.items() if any(cells)}
    used = [i for i in range(len(view.columns)) if any(cells[i] for cells in grid.values())]
    if not grid:
        return []
    headings = [view.columns[i].heading for i in used]
    widths = [max(len(headings[at]), *(len(cells[i]) for cells in grid.values())) for at, i in enumerate(used)]
    first = max(len(view.row_heading), *map(len, grid))

    def line(head: str, cells: list[str]) -> str:
        return f"  {head:>{first}}" + "".join(f"  {text:>{width}}" for text, width in zip(cells, widths))

    return [view.title, line(view.row_heading, headings)] + [
        line(row, [cells[i] for i in used]) for row, cells in grid.items()
    ]


def shown_by(view: View, name: str) -> bool:
    if view.hides and name.startswith(view.hides):
        return True
    return any(name == column.name.format(row=row) for column in view.columns for row in view.rows)


def plain_lines(results: list[Result]) -> list[str]:
    width = max((len(result.name) for result in results), default=0)
    return [
        f"  {result.name:{width}}  {number(result.value):>12} {result.unit:12}"
        + (f" {result.ratio:.2f} x {result.ratio_to}" if result.ratios else "")
        for result in results
    ]


def lines(results: list[Result]) -> list[str]:
    """Views of what is there, then what no view shows."""
    by_name = {result.name: result for result in results}
    out: list[str] = []
    for view in VIEWS:
        if found := view_lines(view, by_name):
            out += [*found, ""]
    rest = [result for result in results if not any(shown_by(view, result.name) for view in VIEWS)]
    return out + plain_lines(rest) + [""] * bool(rest)
