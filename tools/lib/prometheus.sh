# shellcheck shell=bash disable=SC2154
# Debian's Prometheus without the service that its package starts: unpacked beside the build, where it stays.

# Puts prometheus and promtool into PATH. False if they are not there and can't be fetched.
find_prometheus() {
    local folder=${ringway%/*}/prometheus
    command -v prometheus >/dev/null && return
    PATH=$PATH:$folder/usr/bin
    command -v prometheus >/dev/null && return
    mkdir -p "$folder"
    (cd "$folder" && { apt-get -q download prometheus && dpkg -x prometheus_*.deb . && rm prometheus_*.deb; }) >/dev/null 2>&1
    command -v prometheus >/dev/null
}
