"use strict";
// The peers that are asked for. The gateway searches, so that ten thousand cost the browser nothing.

let shown = 50;       // the busiest
const kMost = 1000;    // that the gateway tells of a tunnel
const wanted = { search: "", state: "", tunnel: "" };
let before = new Map();  // peers as they were told last, by tunnel and key
let asked = 0;           // answers to a question that has changed since are not shown

async function lookAtPeers() {
  const mine = ++asked;
  const tunnels = (await get("/api/v1/tunnels")).items;
  offerTunnels(tunnels);
  const query = new URLSearchParams({ top: shown });
  if (wanted.search) query.set("search", wanted.search);
  if (wanted.state) query.set("state", wanted.state);
  const found = [];
  for (const tunnel of tunnels) {
    if (wanted.tunnel && tunnel.name !== wanted.tunnel) continue;
    found.push(...(await get(`/api/v1/tunnels/${encodeURIComponent(tunnel.name)}/peers?${query}`)).items);
  }
  if (mine !== asked) return;
  const at = performance.now();
  const peers = found.map(peer => {
    const id = peer.tunnel + " " + peer.key, old = before.get(id);
    const seconds = old ? (at - old.at) / 1000 : 1;
    return { ...peer, id, at, rx: rate(peer, old, "rx_bytes", seconds) * 8, tx: rate(peer, old, "tx_bytes", seconds) * 8,
      drops: rate(peer, old, "dropped_packets", seconds) };
  });
  before = new Map(peers.map(peer => [peer.id, peer]));
  peers.sort((a, b) => b.rx + b.tx - a.rx - a.tx || (b.state === "up") - (a.state === "up") || b.rx_bytes + b.tx_bytes - a.rx_bytes - a.tx_bytes);
  showPeers(peers.slice(0, shown), peers.length, tunnels);
}

function offerTunnels(tunnels) {
  const select = $("tunnel"), names = ["", ...tunnels.map(t => t.name)];
  select.hidden = tunnels.length < 2;
  if ([...select.options].map(o => o.value).join() === names.join()) return;
  select.replaceChildren(...names.map(name => new Option(name || "all tunnels", name)));
  select.value = wanted.tunnel;
}

function remark(peer) {
  if (peer.why) return { text: peer.why, as: "grow soft" };
  if (peer.last_drop && peer.last_drop.seconds_ago < 600)
    return { text: `dropped ${human(peer.dropped_packets, "")}, last ${peer.last_drop.reason} ${age(peer.last_drop.seconds_ago)} ago`,
      as: "grow " + (peer.drops ? "warn" : "soft") };
  return { text: "", as: "grow" };
}

function showPeers(peers, found, tunnels) {
  const all = sum(tunnels.filter(t => !wanted.tunnel || t.name === wanted.tunnel).map(t => t.peers));
  const narrowed = wanted.search || wanted.state;
  $("count").textContent = found > peers.length || (!narrowed && all > peers.length) || (narrowed && found === shown)
    ? `the ${peers.length} busiest${narrowed ? " that fit" : ` of ${all.toLocaleString("en")}`}`
    : narrowed ? `${found} of ${all.toLocaleString("en")}` : "";
  $("more").hidden = peers.length < shown || shown >= kMost || all <= shown;
  const several = tunnels.length > 1;
  $("peers").replaceChildren(...peers.map(peer => {
    const handshake = peer.last_handshake ? Math.max(0, Date.now() + clockAhead - Date.parse(peer.last_handshake)) / 1000 : null;
    return row([{ text: peer.name || peer.public_key, under: (several ? peer.tunnel + ": " : "") + peer.allowed_ips.slice(0, 4).join(", ") +
        (peer.allowed_ips.length > 4 ? `, ${peer.allowed_ips.length - 4} more` : ""), title: peer.public_key },
      { text: peer.state, as: "dot " + peer.state }, { text: peer.endpoint ?? "", as: "", under: peer.port ? "by " + peer.port : "" },
      { text: bitRate(peer.rx), as: "n", is: "received" }, { text: bitRate(peer.tx), as: "n", is: "sent" },
      { text: human(peer.rx_bytes, "B"), as: "n", is: "in, out", under: human(peer.tx_bytes, "B") },
      { text: handshake === null ? "never" : age(handshake) + " ago", as: "n", is: "handshake" }, remark(peer)]);
  }));
  if (!peers.length) $("peers").replaceChildren(row([{ text: narrowed ? "no peer fits" : "no peers", as: "soft" }, "", "", "", "", "", "", ""]));
}

$("more").addEventListener("click", () => { shown = Math.min(kMost, shown * 2); ask({}); });
let typing = 0;
function ask(change) {
  Object.assign(wanted, change);
  clearTimeout(typing);
  typing = setTimeout(() => lookAtPeers().catch(failed), 200);
}
$("search").addEventListener("input", () => ask({ search: $("search").value.trim() }));
$("tunnel").addEventListener("change", () => ask({ tunnel: $("tunnel").value }));
for (const chip of $("states").children) {
  chip.addEventListener("click", () => {
    for (const other of $("states").children) other.classList.toggle("on", other === chip);
    ask({ state: chip.dataset.state });
  });
}
forever(lookAtPeers, 3000);
