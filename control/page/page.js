"use strict";
// The gateway as a whole: once a second what its counters say, and what they have grown by.

const lineIn = { name: "received", color: "--a" }, lineOut = { name: "sent", color: "--b" };
const bitsChart = new Chart("bits", [lineIn, lineOut], bitRate, 1000);
const packetsChart = new Chart("packets", [lineIn, lineOut], perSecond, 10);
const transitChart = new Chart("transit", [{ name: "99 % below", color: "--c" }, { name: "half below", color: "--d" }], duration, 1e-5);
const dropsChart = new Chart("drops", [{ name: "dropped", color: "--b" }], perSecond, 4);

const kSmooth = 5;     // seconds over which what is counted rarely is averaged
let history = [];      // the last answers, oldest first
const dropRates = new Map();
let clockAhead = 0;    // the gateway's wall clock less ours, in milliseconds

function failed(error) {
  history = [];
  if (error instanceof NeedsToken) $("ask").hidden = false;
  $("state").textContent = error instanceof NeedsToken ? error.message : "no answer from the gateway: " + error.message;
  lamp("bad");
}
function lamp(as) { $("lamp").className = "lamp " + as; }

async function look() {
  const [status, ports, lcores, drops, tunnels] = await Promise.all(
    ["status", "ports", "lcores", "drops", "tunnels"].map(name => get("/api/v1/" + name)));
  const now = { at: performance.now(), status, ports: ports.items, lcores: lcores.items, drops: drops.items, tunnels: tunnels.items };
  clockAhead = Date.parse(status.started) + status.uptime_seconds * 1000 - Date.now();
  $("ask").hidden = true;
  showState(now);
  const old = history.at(-1), older = history[0];
  if (old) {
    const seconds = (now.at - old.at) / 1000;
    showTraffic(now, old, seconds);
    showTransit(now, older);
    showTunnels(now, old, older, seconds);
    showLcores(now, old, seconds);
    showDrops(now, old, seconds);
  }
  history.push(now);
  if (history.length > kSmooth) history.shift();
}

function showState({ status }) {
  const parts = ["version " + status.version, "up " + age(status.uptime_seconds), status.aead, status.dpdk_version];
  const trouble = [];
  if (status.draining) trouble.push("stopping");
  if (status.lcores_standing_still) trouble.push(`${status.lcores_standing_still} lcore(s) stand still`);
  if (status.configuration?.last_reload_failed) trouble.push("the last reload failed");
  if (status.configuration?.commit_remaining_seconds) trouble.push(`changes undo themselves in ${age(status.configuration.commit_remaining_seconds)} unless confirmed`);
  $("state").textContent = [...trouble, ...parts.filter(Boolean)].join("  ·  ");
  lamp(status.lcores_standing_still ? "bad" : trouble.length ? "warn" : "good");
  const used = 1 - status.packet_buffers_free / status.packet_buffers;
  $("t-mem").textContent = percent(used);
  $("t-mem-of").textContent = `of ${human(status.packet_buffers, "")}, ${status.packets.in_flight_packets} in flight`;
  $("t-mem").parentElement.classList.toggle("alarm", used > .85);
}

function showTraffic(now, old, seconds) {
  const before = byName(old.ports, "name");
  const total = field => sum(now.ports.map(port => rate(port, before.get(port.name), field, seconds)));
  const [rxBits, txBits, rx, tx] = [total("rx_bytes") * 8, total("tx_bytes") * 8, total("rx_packets"), total("tx_packets")];
  bitsChart.add(now.at, [rxBits, txBits]);
  packetsChart.add(now.at, [rx, tx]);
  $("t-rx").textContent = bitRate(rxBits); $("t-rx-p").textContent = human(rx, "pkt/s");
  $("t-tx").textContent = bitRate(txBits); $("t-tx-p").textContent = human(tx, "pkt/s");
}

function showTransit(now, older) {
  const times = ["inbound", "outbound"].map(way => between(now.status.bundle_times[way], older.status.bundle_times[way]));
  const both = { bounds: times[0].bounds, counts: times[0].counts.map((n, i) => n + times[1].counts[i]), all: times[0].all + times[1].all };
  const p99 = quantile(both, .99), p50 = quantile(both, .5);
  transitChart.add(now.at, [p99, p50]);
  $("t-p99").textContent = p99 === null ? "–" : duration(p99);
  $("t-p50").textContent = p50 === null ? "no packets" : "half below " + duration(p50);
}

function showTunnels(now, old, older, seconds) {
  const tunnels = byName(old.tunnels, "name"), ports = byName(old.ports, "name");
  const peers = sum(now.tunnels.map(t => t.peers)), up = sum(now.tunnels.map(t => t.peers_up));
  $("t-up").textContent = up.toLocaleString("en"); $("t-up-of").textContent = `of ${peers.toLocaleString("en")}`;
  const traffic = (item, before) => ["rx_bytes", "tx_bytes"].map(field => right(bitRate(rate(item, before, field, seconds) * 8)));
  $("links").replaceChildren(
    ...now.tunnels.map(t => row([{ text: t.name, as: "grow", under: `UDP ${t.listen_port}, forward ${t.forward}` },
      right(`${t.peers_up} / ${t.peers}`), ...traffic(t, tunnels.get(t.name))])),
    ...now.ports.map(p => row([{ text: p.name, as: "grow", under: p.device }, { text: p.link_up ? "link up" : "link down", as: "n " + (p.link_up ? "good" : "bad") },
      ...traffic(p, ports.get(p.name))])));
  showHandshakes(now, older);
}

function showHandshakes(now, older) {
  const span = (now.at - older.at) / 1000, before = byName(older.tunnels, "name");
  let made = 0, refused = 0;
  for (const tunnel of now.tunnels) {
    const was = before.get(tunnel.name)?.handshakes.received;
    for (const [verdict, n] of Object.entries(tunnel.handshakes.received)) {
      const grown = was ? Math.max(0, n - was[verdict]) : 0;
      if (!verdict.endsWith("_accepted")) refused += grown;
      else if (verdict !== "cookie_accepted") made += grown;
    }
  }
  $("t-hs").textContent = perSecond(made / span);
  $("t-hs-refused").textContent = refused ? perSecond(refused / span) + " refused" : "none refused";
}

function showLcores(now, old, seconds) {
  const before = byName(old.lcores, "lcore");
  let busiest = { busy: -1 };
  $("lcores").replaceChildren(...now.lcores.map(lcore => {
    const was = before.get(lcore.lcore);
    const share = Object.fromEntries(Object.entries(lcore.stages).map(([stage, s]) =>
      [stage, was ? Math.min(1, rate(s, was.stages[stage], "busy_seconds", seconds)) : 0]));
    const busy = Math.min(1, sum(Object.values(share)));
    if (busy > busiest.busy) busiest = { busy, cpu: lcore.cpu };
    const bar = document.createElement("div");
    bar.className = "bar";
    for (const stage of lcore.roles) {
      const part = document.createElement("i");
      part.className = stage; part.style.width = share[stage] * 100 + "%"; part.title = `${stage} ${(share[stage] * 100).toFixed(0)} %`;
      bar.append(part);
    }
    const calls = was ? lcore.aead_calls - was.aead_calls : 0;
    const sealed = was ? lcore.stages.crypto.packets - was.stages.crypto.packets : 0;
    return row([lcore.cpu, { text: lcore.stands_still ? "stands still" : bar, as: "grow" + (lcore.stands_still ? " bad" : ""), under: lcore.roles.join(", ") },
      right(percent(busy)), right(calls > 0 && lcore.roles.includes("crypto") ? (sealed / calls).toFixed(1) : "–"),
      right(human(sum(Object.values(lcore.stages).map(s => s.cycles_per_packet)), ""))]);
  }));
  $("t-busy").textContent = percent(busiest.busy);
  $("t-busy-cpu").textContent = `CPU ${busiest.cpu}, of ${now.lcores.length}`;
}

function showDrops(now, old, seconds) {
  const before = byName(old.drops, "reason");
  const shown = now.drops.map(drop => {
    const rates = dropRates.get(drop.reason) ?? [];
    rates.push(rate(drop, before.get(drop.reason), "packets", seconds));
    if (rates.length > kSparkPoints) rates.shift();
    dropRates.set(drop.reason, rates);
    const last = rates.slice(-kSmooth);
    return { ...drop, rates, now: sum(last) / last.length, lately: sum(rates) };
  });
  const all = sum(shown.map(drop => drop.rates.at(-1)));
  dropsChart.add(now.at, [all]);
  const listed = shown.filter(drop => drop.packets).sort((a, b) => b.now - a.now || b.lately - a.lately || b.packets - a.packets);
  $("t-drops").textContent = perSecond(sum(shown.map(drop => drop.now)));
  $("t-drops-top").textContent = listed[0]?.now ? "most: " + listed[0].reason : "none now";
  $("t-drops").parentElement.classList.toggle("alarm", listed[0]?.now > 0);
  const rows = listed.slice(0, 14).map(drop => {
    const canvas = document.createElement("canvas");
    canvas.className = "spark";
    return { canvas, drop, tr: row([{ text: drop.reason, as: "grow", under: drop.by.map(by => by.counter).join(", ") }, canvas,
      right(drop.now ? perSecond(drop.now) : "–"), right(human(drop.packets, ""))], drop.now ? "grows" : "") };
  });
  $("drops").replaceChildren(...(rows.length ? rows.map(r => r.tr) : [row([{ text: "nothing was dropped", as: "grow soft" }, "", "", ""])]));
  rows.forEach(({ canvas, drop }) => spark(canvas, drop.rates, drop.now ? "--b" : "--soft"));
}

const darkByDefault = matchMedia("(prefers-color-scheme: dark)");
function paint() {
  const chosen = localStorage.getItem("theme");
  document.documentElement.classList.toggle("dark", chosen ? chosen === "dark" : darkByDefault.matches);
  for (const chart of [bitsChart, packetsChart, transitChart, dropsChart]) chart.draw();
}
darkByDefault.addEventListener("change", paint);
$("theme").addEventListener("click", () => {
  localStorage.setItem("theme", document.documentElement.classList.contains("dark") ? "light" : "dark");
  paint();
});
paint();
forever(look, 1000);
