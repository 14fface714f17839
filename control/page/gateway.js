"use strict";
// Asking the gateway, and putting what it says into words.

const $ = id => document.getElementById(id);

/// Text becomes text nodes only: names come from operators and peers. A cell: text, a node, or {text, as: class,
/// is: what it is called where there is no heading, title, under: small print, or several nodes}.
function row(cells, name = "") {
  const tr = document.createElement("tr");
  tr.className = name;
  for (const cell of cells) {
    const td = document.createElement("td");
    if (cell instanceof Node || typeof cell !== "object") td.append(cell);
    else {
      td.append(cell.text); td.className = cell.as || "";
      if (cell.is) td.dataset.is = cell.is;
      if (cell.title) td.title = cell.title;
      if (cell.under) { const small = document.createElement("small"); small.textContent = cell.under; td.append(small); }
    }
    tr.append(td);
  }
  return tr;
}
const right = text => ({ text, as: "n" });

function human(value, unit, base = 1000) {
  let i = 0;
  while (Math.abs(value) >= base * .9995 && i < 4) { value /= base; ++i; }
  const digits = !i || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return (i || value >= 10 || Number.isInteger(value) ? value.toFixed(digits) : value.toFixed(1)) + ("\u00a0" + ["", "k", "M", "G", "T"][i] + unit).trimEnd();
}
const percent = share => (share * 100).toFixed(share < .1 ? 1 : 0) + "\u00a0%";
const bitRate = value => human(value, "bit/s");
const perSecond = value => human(value, "/s");
function duration(seconds) {
  if (seconds < 1e-3) return (seconds * 1e6).toFixed(seconds < 1e-5 ? 1 : 0) + "\u00a0µs";
  if (seconds < 1) return (seconds * 1e3).toFixed(seconds < .01 ? 2 : seconds < .1 ? 1 : 0) + "\u00a0ms";
  return seconds.toFixed(1) + "\u00a0s";
}
function age(seconds) {
  if (seconds < 120) return Math.round(seconds) + "\u00a0s";
  if (seconds < 7200) return Math.round(seconds / 60) + "\u00a0min";
  if (seconds < 172800) return Math.round(seconds / 3600) + "\u00a0h";
  return Math.round(seconds / 86400) + "\u00a0d";
}

class NeedsToken extends Error {}

async function get(path) {
  const token = sessionStorage.getItem("token");
  const answer = await fetch(path, { headers: token ? { Authorization: "Bearer " + token } : {} });
  if (answer.status === 401) throw new NeedsToken("the gateway wants its token");
  if (!answer.ok) throw new Error(path + ": " + answer.status);
  return answer.json();
}
$("ask").addEventListener("submit", event => {
  event.preventDefault();
  sessionStorage.setItem("token", $("token").value);
  $("token").value = "";
  $("ask").hidden = true;
});

/// Growth per second of `field` since `old`; 0 for what is new, or was begun anew.
function rate(item, old, field, seconds) {
  return old ? Math.max(0, item[field] - old[field]) / seconds : 0;
}
const sum = numbers => numbers.reduce((a, b) => a + b, 0);
const byName = (items, key) => new Map(items.map(item => [item[key], item]));

/// What was counted between two distributions of the API; null if nothing was.
function between(now, old) {
  const counts = now.counts.map((n, i) => Math.max(0, n - (old ? old.counts[i] : 0)));
  return { bounds: now.bounds_seconds, counts, all: sum(counts) };
}
/// As Prometheus' histogram_quantile: evenly spread within a bucket.
function quantile(distribution, q) {
  const { bounds, counts, all } = distribution;
  if (!all) return null;
  let left = q * all;
  for (let i = 0; i < bounds.length; ++i) {
    if (counts[i] >= left && counts[i]) return (i ? bounds[i - 1] : 0) + (bounds[i] - (i ? bounds[i - 1] : 0)) * left / counts[i];
    left -= counts[i];
  }
  return bounds.at(-1);
}

async function forever(work, pause) {
  for (;;) {
    const began = performance.now();
    try { await work(); } catch (error) { failed(error); }
    // A gateway that takes long to answer is asked less often.
    await new Promise(done => setTimeout(done, Math.max(pause, 10 * (performance.now() - began))));
  }
}
