#!/usr/bin/env bash
# A real Prometheus scrapes a running gateway under traffic, and every panel of the dashboard finds series.
source "$(dirname "$0")/lib.sh"

command -v prometheus >/dev/null || skip "Debian's prometheus is not installed"
add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
spawn alice steady.log ping -n -q -i 0.02 "$plain4.2"

cat >"$lab_dir/prometheus.yml" <<'YAML'
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: ringway
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
