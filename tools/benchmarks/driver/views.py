"""How results are laid out for people: tables whose rows are sizes, bursts or loads. The chart draws them too."""

from dataclasses import dataclass

SIZES = ["16", "64", "128", "256", "512", "594", "768", "1024", "1280", "1420", "1440", "imix"]
BURSTS = ["1", "2", "3", "4", "8", "12", "16", "32", "64"]
PEERS = ["1", "100", "10000"]


@dataclass(frozen=True)
class Column:
    heading: str
    name: str  # of the result, with {row}
    field: str = "value"  # or 'ratio'


@dataclass(frozen=True)
class View:
    title: str
    row_heading: str
    rows: list[str]
    columns: list[Column]
    drawn: bool = True  # the chart has its values, too
    hides: str = ""  # results whose names begin with this are shown here or not at all


def aead(direction: str) -> list[View]:
    at32 = f"aead/{direction}/{{row}}/burst32"
    by_way = View(
        f"AEAD, {direction}, 32 packets in a call, Mpps",
        "bytes",
        SIZES,
        [
            Column("ours", at32),
            Column("IPsec-MB burst", at32 + "/ipsec-mb-burst"),
            Column("IPsec-MB direct", at32 + "/ipsec-mb-direct"),
            Column("OpenSSL", at32 + "/openssl"),
            Column("ratio", at32, "ratio"),
            Column("ours, DRAM", at32 + "/dram"),
            Column("ratio", at32 + "/dram", "ratio"),
        ],
        hides=f"aead/{direction}/",
    )
    by_burst = View(
        f"AEAD, {direction}, by packets in a call, ratio to IPsec-MB burst",
        "bytes",
        SIZES,
        [Column(burst, f"aead/{direction}/{{row}}/burst{burst}", "ratio") for burst in BURSTS],
        drawn=False,
    )
    return [by_way, by_burst]


def with_ratio(heading: str, name: str) -> list[Column]:
    return [Column(heading, name), Column("ratio", name, "ratio")]


def peers_heading(peers: str) -> str:
    return "1 peer" if peers == "1" else f"{int(peers):,} peers"


def memif(direction: str) -> View:
    columns = []
    for peers in PEERS:
        columns += with_ratio(peers_heading(peers), f"memif/{direction}/{{row}}/peers{peers}")
    columns.append(Column("testpmd", "memif/floor/{row}"))
    return View(f"The gateway over memif, {direction}, Mpps; ratio to IPsec-MB burst", "bytes", SIZES, columns)


def of_peers(name: str, peers: str) -> str:
    """The pipeline's results of one peer don't say so."""
    return name if peers == "1" else f"{name}/peers{peers}"


def pipeline(direction: str) -> View:
    columns = []
    for peers in PEERS:
        columns += with_ratio(peers_heading(peers), of_peers(f"pipeline/{direction}/{{row}}", peers))
    title = f"The pipeline on one CPU, ports in memory, {direction}, Mpps; ratio to IPsec-MB burst"
    return View(title, "bytes", SIZES, columns)


def stages(direction: str) -> list[View]:
    """Cycles of each stage, then what the stages hand on and how often."""

    def columns(names: list[tuple[str, str]], peers: str) -> list[Column]:
        return [Column(heading, of_peers(f"stage/{name}/{direction}/{{row}}", peers)) for heading, name in names]

    cycles = [("rx", "rx"), ("crypto", "crypto"), ("tx", "tx")]
    counts = [
        ("packets in an AEAD call", "aead_call"),
        ("in a bundle", "bundle"),
        ("ring operations a packet", "ring"),
    ]
    return [
        View(f"Cycles of a packet, {direction}, {peers_heading(peers)}", "bytes", SIZES,
             columns(cycles, peers) + columns(counts, peers), drawn=False)
        for peers in PEERS
    ]


VIEWS = [
    *aead("encrypt"),
    *aead("decrypt"),
    pipeline("encrypt"),
    pipeline("decrypt"),
    View(
        "Roles split over two CPUs, one peer, one flow, Mpps; ratio to one CPU",
        "bytes",
        SIZES,
        [*with_ratio("two CPUs", "split/{row}"), Column("packets out of order", "split/out_of_order/{row}")],
    ),
    *stages("encrypt"),
    *stages("decrypt"),
    *[memif(direction) for direction in ("encrypt", "decrypt", "both")],
    View(
        "Latency through the gateway, us",
        "% of the highest rate",
        ["10", "50", "90"],
        [Column(heading, f"latency/{key}/{{row}}") for heading, key in
         (("median", "p50"), ("99 %", "p99"), ("99.9 %", "p99.9"),
          ("bare ports, median", "bare"), ("99 %", "bare_p99"))],
    ),
    View(
        "Stalls of a thread alone on its CPU",
        "CPU of",
        ["gateway", "load"],
        [Column("% of the time", "latency/stalled/{row}"), Column("longest, us", "latency/longest_stall/{row}")],
        drawn=False,
    ),
    View(
        "Resident memory and start",
        "peers",
        ["1", "1000", "100000"],
        [Column("MiB", "memory/peers{row}"), Column("seconds", "start/peers{row}")],
        drawn=False,
    ),
]
