#!/usr/bin/env bash
# A real Prometheus scrapes a running gateway under traffic, and every panel of the dashboard finds series.
source "$(dirname "$0")/lib.sh"

# shellcheck source=/dev/null
source "$root/tools/lib/prometheus.sh"

find_prometheus || skip "Debian's prometheus is not installed and can't be fetched"
add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
spawn alice steady.log ping -n -q -i 0.02 "$plain4.2"

on gw curl -s "http://127.0.0.1:8080/metrics?peers=true" >"$lab_dir/metrics"
expect "promtool finds no fault" promtool check metrics <"$lab_dir/metrics"
# A bucket holds all that the one before it does, and the last one what _count says.
grows() {
    awk '/^[a-z_]+_bucket\{/ { series = $1; sub(/,?le="[^"]*"/, "", series)
                               if (series == last && $2 < before) { print "shrinks: " $0; exit 1 }
                               last = series; before = $2; ++buckets }
         /^[a-z_]+_count\{/ { if ($2 != before) { print "not its last bucket: " $0; exit 1 } }
         END { if (buckets == 0) exit 1 }' "$lab_dir/metrics"
}
expect "histograms are monotonic" grows
value() { awk -v name="$1" '$1 == name {print $2}' "$lab_dir/metrics"; }
tunnel=$(interface_of wg0)
expect_equal "alice's handshake is in the responder's histogram" 1 \
    "$(value 'ringway_handshake_duration_seconds_count{role="responder"}')"
expect_equal "and counted for the tunnel" 1 \
    "$(value "ringway_tunnel_handshake_messages_total{tunnel=\"$tunnel\",verdict=\"initiation_accepted\"}")"
expect_equal "one peer of the tunnel is up" 1 "$(value "ringway_tunnel_peers_up{tunnel=\"$tunnel\"}")"
expect_equal "the tunnel has received what its peer sent" \
    "$(value "ringway_peer_rx_bytes_total{tunnel=\"$tunnel\",peer=\"alice\"}")" \
    "$(value "ringway_tunnel_rx_bytes_total{tunnel=\"$tunnel\"}")"

cat >"$lab_dir/prometheus.yml" <<'YAML'
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: ringway
    params: {peers: ["true"]}
    static_configs: [{targets: ["127.0.0.1:8080"]}]
YAML
spawn gw prometheus.log prometheus --config.file="$lab_dir/prometheus.yml" \
    --storage.tsdb.path="$lab_dir/prometheus" --web.listen-address=127.0.0.1:9090

query() { on gw curl -s -m 5 --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query; }
scraped() { [[ $(query 'count_over_time(ringway_build_info[1m])' | jq -r '.data.result[0].value[1] // 0') -ge 5 ]]; }
expect "Prometheus scrapes" wait_until 40 scraped

while IFS=$'\t' read -r title expression; do
    expression=${expression//\$job/ringway}
    expression=${expression//\$__rate_interval/10s}
    answer=$(query "$expression")
    expect_equal "$title: a good query" success "$(jq -r .status <<<"$answer")"
    case $title in
        "Drops by reason") ;;  # with nothing dropped there is nothing to show
        *) expect "$title: finds series" jq -e '.data.result | length > 0' <<<"$answer" ;;
    esac
done < <(jq -r '.panels[] | .title as $t | .targets[] | [$t, .expr] | @tsv' "$root/tools/grafana-dashboard.json")
