"""The views as one SVG picture: a panel each, lines over sizes or loads; and bars for ratios that no view has."""

import math
from html import escape

from .results import Result
from .table import shown_by
from .views import VIEWS, View

PANEL_WIDTH, PANEL_HEIGHT = 560, 330
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 58, 16, 62, 44
COLUMNS = 2
HEADER_HEIGHT = 60
# Okabe and Ito's, which people who see fewer colours can tell apart.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"]
MOST_BETWEEN = 50  # values further apart than this get a logarithmic axis
STYLE = """text{font:12px sans-serif;fill:#222}
.title{font-size:14px;font-weight:bold}.head{font-size:20px;font-weight:bold}
.grid{stroke:#ddd}.axis{stroke:#888}.line{fill:none;stroke-width:2}.other{stroke-dasharray:5 4}.dim{fill:#666}"""


def text(x: float, y: float, content: str, anchor: str = "start", css: str = "") -> str:
    css = f' class="{css}"' if css else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{css}>{escape(content)}</text>'


class Axis:
    """Where values lie between the bottom (0) and the top (1), and which of them are marked."""

    def __init__(self, values: list[float]) -> None:
        low, high = min(values), max(values)
        self.logarithmic = low > 0 and high / low > MOST_BETWEEN
        self.marks = powers(low, high) if self.logarithmic else ticks(high or 1)

    def at(self, value: float) -> float:
        first, last = self.marks[0], self.marks[-1]
        if self.logarithmic:
            return math.log(value / first) / math.log(last / first)
        return value / last


def powers(low: float, high: float) -> list[float]:
    """Of ten, from one below to one above."""
    return [10.0**i for i in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def ticks(top: float) -> list[float]:
    """From 0 to `top` or a little more, four to six of them, round."""
    step = 10 ** math.floor(math.log10(top))
    for factor in (0.2, 0.25, 0.5, 1, 2):
        if top / (step * factor) <= 5:
            step *= factor
            break
    return [i * step for i in range(math.ceil(top / step - 1e-9) + 1)]


def short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def panel(title: str, body: list[str], position: int) -> str:
    x = (position % COLUMNS) * PANEL_WIDTH
    y = HEADER_HEIGHT + (position // COLUMNS) * PANEL_HEIGHT
    return "\n".join([f'<g transform="translate({x},{y})">', text(MARGIN_LEFT, 20, title, css="title"), *body, "</g>"])


def legend(headings: list[str]) -> list[str]:
    out, x = [], float(MARGIN_LEFT)
    for i, heading in enumerate(headings):
        out.append(f'<rect x="{x:.1f}" y="34" width="14" height="4" fill="{COLOURS[i % len(COLOURS)]}"/>')
        out.append(text(x + 19, 41, heading))
        x += 34 + 6.6 * len(heading)
    return out


Series = dict[str, dict[str, float]]  # by heading, then by row


def values_of(view: View, results: dict[str, Result]) -> Series:
    """Of the columns in the unit of the first that has values: a panel has one axis."""
    series: Series = {}
    unit = ""
    for column in view.columns:
        names = {row: column.name.format(row=row) for row in view.rows}
        found = {row: results[name] for row, name in names.items() if name in results}
        if column.field != "value" or not found:
            continue
        unit = unit or next(iter(found.values())).unit
        same = {row: result.value for row, result in found.items() if result.unit == unit}
        if same:
            series[column.heading] = same
    return series


def references_of(view: View, results: dict[str, Result]) -> Series:
    """What the view's ratios are to, unless it has a column of its own: of its first column that has ratios."""
    for column in view.columns:
        names = {row: column.name.format(row=row) for row in view.rows}
        found = {row: results[name] for row, name in names.items() if name in results and results[name].ratio}
        if column.field == "ratio" and found:
            heading = next(iter(found.values())).ratio_to
            if heading in [other.heading for other in view.columns]:
                return {}
            return {heading: {row: result.value / result.ratio for row, result in found.items()}}
    return {}


def line_panel(view: View, results: dict[str, Result]) -> list[str]:
    """Empty if there is nothing to draw."""
    ours = values_of(view, results)
    if not ours:
        return []
    series = ours | references_of(view, results)
    rows = [row for row in view.rows if any(row in values for values in series.values())]
    axis = Axis([value for values in series.values() for value in values.values()])
    width = PANEL_WIDTH - MARGIN_LEFT - MARGIN_RIGHT
    height = PANEL_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM

    def x_of(row: str) -> float:
        return MARGIN_LEFT + width * (rows.index(row) + 0.5) / len(rows)

    def y_of(value: float) -> float:
        return MARGIN_TOP + height * (1 - axis.at(value))

    body = legend(list(series))
    for i, mark in enumerate(axis.marks):
        y = y_of(mark)
        css = "grid" if i else "axis"
        body.append(f'<line x1="{MARGIN_LEFT}" x2="{MARGIN_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}" class="{css}"/>')
        body.append(text(MARGIN_LEFT - 6, y + 4, short(mark), "end"))
    body += [text(x_of(row), MARGIN_TOP + height + 17, row, "middle") for row in rows]
    body.append(text(MARGIN_LEFT + width, MARGIN_TOP + height + 34, view.row_heading, "end", "dim"))
    for i, (heading, values) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        css = "line" if heading in ours else "line other"
        points = {row: (x_of(row), y_of(values[row])) for row in rows if row in values}
        # A mix of sizes is not the next size: no line leads to it.
        path = " ".join(f"{x:.1f},{y:.1f}" for row, (x, y) in points.items() if row != "imix")
        body.append(f'<polyline points="{path}" class="{css}" stroke="{colour}"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points.values()]
    return body


def bar_panel(results: list[Result]) -> list[str]:
    """Ratios, with a line where both would be equal."""
    most = max(result.ratio for result in results)
    left, right, row_height = 170, PANEL_WIDTH - 190, min(30, 250 / len(results))
    body = []
    for i, result in enumerate(results):
        y = MARGIN_TOP - 18 + i * row_height
        width = (right - left) * result.ratio / max(most, 1)
        body.append(text(left - 6, y + row_height * 0.6, result.name, "end"))
        size = f'width="{width:.1f}" height="{row_height * 0.7:.1f}"'
        body.append(f'<rect x="{left}" y="{y:.1f}" {size} fill="{COLOURS[0]}"/>')
        body.append(text(left + width + 6, y + row_height * 0.6, f"{result.ratio:.2f} x {result.ratio_to}"))
    one = left + (right - left) / max(most, 1)
    bottom = MARGIN_TOP - 18 + len(results) * row_height
    return body + [f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{MARGIN_TOP - 24}" y2="{bottom:.1f}" class="axis"/>']


def svg(results: list[Result], subtitle: str) -> str:
    by_name = {result.name: result for result in results}
    panels = [(view.title.split(";")[0], line_panel(view, by_name)) for view in VIEWS if view.drawn]
    bars = [result for result in results if result.ratios and not any(shown_by(view, result.name) for view in VIEWS)]
    if bars:
        panels.append(("Ratios", bar_panel(bars)))
    panels = [(title, body) for title, body in panels if body]
    width = COLUMNS * PANEL_WIDTH
    height = HEADER_HEIGHT + math.ceil(len(panels) / COLUMNS) * PANEL_HEIGHT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f"<style>{STYLE}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            text(MARGIN_LEFT, 28, "Ringway", css="head"),
            text(MARGIN_LEFT, 48, subtitle, css="dim"),
            *[panel(title, body, position) for position, (title, body) in enumerate(panels)],
            "</svg>\n",
        ]
    )
