"use strict";
// Lines over time on a canvas: no library, for four small charts need none.

const kWindow = 300_000;  // milliseconds that a chart shows

/// A step of 1, 2 or 5 times a power of ten: three to six of them make `top`.
function niceStep(top) {
  const raw = top / 6, power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find(m => m * power >= raw);
}
const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Chart {
  /// lines: [{name, color: a CSS variable}]; format: of a value, for people.
  constructor(id, lines, format, floor = 1) {
    this.canvas = document.getElementById("c-" + id);
    this.lines = lines; this.format = format; this.floor = floor;
    this.points = [];  // {at, values: [number or null]}
    this.hover = null;
    this.legend = lines.map(line => {
      const item = document.createElement("span"), value = document.createElement("b");
      item.className = "k"; item.style.setProperty("--k", `var(${line.color})`);
      item.append(line.name + " ", value);
      document.getElementById("l-" + id).append(item);
      return value;
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.canvas.addEventListener("pointermove", event => { this.hover = event.offsetX; this.draw(); });
    this.canvas.addEventListener("pointerleave", () => { this.hover = null; this.draw(); });
  }

  /// A pause in what came breaks the line.
  add(at, values) {
    const last = this.points.at(-1);
    if (last && at - last.at > 10_000) this.points.push({ at: last.at + 1, values: values.map(() => null) });
    this.points.push({ at, values });
    while (this.points.length && this.points[0].at < at - kWindow - 5_000) this.points.shift();
    this.draw();
  }

  draw() {
    const { canvas } = this, ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !this.points.length) return;
    canvas.width = width * ratio; canvas.height = height * ratio;
    const g = canvas.getContext("2d");
    g.scale(ratio, ratio);
    const now = this.points.at(-1).at, left = 4, right = width - 4, bottom = height - 18, upper = 14;
    const highest = Math.max(this.floor, ...this.points.flatMap(p => p.values.map(v => v ?? 0)));
    const step = niceStep(highest * 1.05), top = Math.ceil(highest * 1.05 / step) * step;
    const x = at => right - (now - at) / kWindow * (right - left), y = v => bottom - v / top * (bottom - upper);
    this.drawGrid(g, { left, right, bottom, width, step, top, x, y, now });
    this.lines.forEach((line, i) => this.drawLine(g, i, color(line.color), x, y, bottom));
    const shown = this.hover === null ? this.points.at(-1) : this.nearest(x);
    if (this.hover !== null) this.drawHover(g, shown, x, y, upper, bottom, now);
    this.legend.forEach((value, i) => { value.textContent = shown.values[i] == null ? "–" : this.format(shown.values[i]); });
  }

  drawGrid(g, { left, right, bottom, step, top, x, y, now }) {
    g.font = "11px system-ui, sans-serif"; g.lineWidth = 1;
    g.strokeStyle = color("--line"); g.fillStyle = color("--soft");
    g.textBaseline = "bottom"; g.textAlign = "left";
    for (let v = 0; v <= top * 1.001; v += step) {
      g.beginPath(); g.moveTo(left, Math.round(y(v)) + .5); g.lineTo(right, Math.round(y(v)) + .5); g.stroke();
      if (v > 0) g.fillText(this.format(v), left, y(v) - 1);
    }
    g.textBaseline = "alphabetic";
    for (let minute = 1; minute < kWindow / 60_000; ++minute) {
      g.textAlign = "center"; g.fillText(`-${minute} min`, x(now - minute * 60_000), bottom + 14);
    }
    g.textAlign = "right"; g.fillText("now", right, bottom + 14);
  }

  drawLine(g, i, ink, x, y, bottom) {
    let run = [];
    const finish = () => {
      if (run.length > 1) {
        g.beginPath(); run.forEach(([px, py], n) => n ? g.lineTo(px, py) : g.moveTo(px, py));
        g.strokeStyle = ink; g.lineWidth = i ? 1.5 : 2.5; g.lineJoin = "round"; g.stroke();
        g.lineTo(run.at(-1)[0], bottom); g.lineTo(run[0][0], bottom); g.closePath();
        g.globalAlpha = .1; g.fillStyle = ink; g.fill(); g.globalAlpha = 1;
      }
      run = [];
    };
    for (const point of this.points) {
      if (x(point.at) < 0) continue;
      if (point.values[i] == null) finish(); else run.push([x(point.at), y(point.values[i])]);
    }
    finish();
  }

  nearest(x) {
    return this.points.reduce((best, p) => Math.abs(x(p.at) - this.hover) < Math.abs(x(best.at) - this.hover) ? p : best);
  }

  drawHover(g, point, x, y, upper, bottom, now) {
    const at = x(point.at);
    g.strokeStyle = color("--soft"); g.lineWidth = 1;
    g.beginPath(); g.moveTo(at, upper); g.lineTo(at, bottom); g.stroke();
    this.lines.forEach((line, i) => {
      if (point.values[i] == null) return;
      g.fillStyle = color(line.color); g.beginPath(); g.arc(at, y(point.values[i]), 3, 0, 7); g.fill();
    });
    g.fillStyle = color("--ink"); g.textBaseline = "top"; g.textAlign = at > 60 ? "right" : "left";
    g.fillText(`${Math.round((now - point.at) / 1000)} s ago`, at + (at > 60 ? -5 : 5), upper);
  }
}

/// A line without axes, for a table's cell: the highest of the values is its top.
function spark(canvas, values, ink) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth || 96, height = canvas.clientHeight || 18;
  canvas.width = width * ratio; canvas.height = height * ratio;
  const g = canvas.getContext("2d"), top = Math.max(...values, 1e-9);
  g.scale(ratio, ratio); g.beginPath();
  values.forEach((v, i) => {
    const px = 1 + (width - 2) * (i + kSparkPoints - values.length) / (kSparkPoints - 1), py = height - 2 - v / top * (height - 4);
    if (i) g.lineTo(px, py); else g.moveTo(px, py);
  });
  g.strokeStyle = color(ink); g.lineWidth = 1.4; g.stroke();
}
const kSparkPoints = 120;
