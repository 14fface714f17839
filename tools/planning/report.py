"""A Prediction in words, as JSON, and the curve over CPU counts as SVG."""

PERCENTILES = (50, 99, 99.9)


def gigabits(per_second, workload):
    """Of inner packets."""
    return per_second * workload.mix.bytes * 8 / 1e9


def describe_workload(workload):
    what = {"encrypt": "plain to tunnel", "decrypt": "tunnel to plain", "both": "both directions"}
    peers = "1 peer" if workload.peers == 1 else f"{workload.peers} peers"
    return f"{workload.mix.name}, {what[workload.direction]}, {peers}, links of {workload.nic_gbit:g} Gbit/s"


def text(prediction, workload, latencies):
    """Lines for people. `latencies`: (fraction of the highest rate, Outcome) pairs."""
    outcome = prediction.outcome
    yield (
        f"{prediction.cpus} CPUs: {outcome.per_second / 1e6:.1f} Mpps, "
        f"{gigabits(outcome.per_second, workload):.1f} Gbit/s of inner packets"
    )
    yield f"limit    {prediction.limit}"
    yield "busy     " + ", ".join(f"{role} {share:.0%}" for role, share in outcome.busy.items())
    yield (
        f"batches  {outcome.packets_per_bundle:.1f} packets a bundle, {outcome.packets_per_call:.0f} an AEAD call; "
        f"{outcome.ring_wait:.0%} of the CPUs' time goes to rings they share"
    )
    for fraction, at_load in latencies:
        parts = (f"{percent:g} %: {at_load.latency(percent) * 1e6:.1f} us" for percent in PERCENTILES)
        lost = f", {at_load.dropped} of {at_load.delivered} lost" if at_load.dropped else ""
        yield f"latency  at {fraction:.0%} of that rate: {', '.join(parts)}{lost}"
    yield f"memory   system.memory: {prediction.memory_mib} at least"
    if prediction.automatic:
        yield f"auto     'lcores: auto' would do {prediction.automatic / 1e6:.1f} Mpps"
    yield f"layout   --layout {prediction.layout.describe()}"
    yield prediction.layout.as_yaml()


def as_json(prediction, workload, latencies):
    outcome = prediction.outcome
    return {
        "cpus": prediction.cpus,
        "layout": prediction.layout.describe(),
        "mpps": outcome.per_second / 1e6,
        "mpps_auto": prediction.automatic / 1e6 or None,
        "memory_mib": prediction.memory_mib,
        "gbit_per_second": gigabits(outcome.per_second, workload),
        "limit": prediction.limit,
        "busy": outcome.busy,
        "packets_per_bundle": outcome.packets_per_bundle,
        "packets_per_call": outcome.packets_per_call,
        "ring_wait": outcome.ring_wait,
        "latency": [
            {"load": fraction, "lost": at_load.dropped, "sent": at_load.delivered}
            | {f"p{percent:g}_us": at_load.latency(percent) * 1e6 for percent in PERCENTILES}
            for fraction, at_load in latencies
        ],
    }


def table(predictions, workload):
    """Lines of a curve."""
    yield f"{'CPUs':>4} {'Mpps':>7} {'Gbit/s':>7} {'auto':>7} {'rx':>3} {'crypto':>6} {'tx':>3}  limit"
    for p in predictions:
        counts = [p.layout.count(role) for role in ("rx", "crypto", "tx")]
        yield (
            f"{p.cpus:>4} {p.per_second / 1e6:>7.1f} {gigabits(p.per_second, workload):>7.1f} "
            f"{p.automatic / 1e6:>7.1f} {counts[0]:>3} {counts[1]:>6} {counts[2]:>3}  {p.limit}"
        )


def comparison_table(comparisons):
    yield f"{'':<26} {'measured':>9} {'predicted':>9} {'error':>6}"
    for c in comparisons:
        yield f"{c.name:<26} {c.measured:>9.2f} {c.predicted:>9.2f} {c.error:>+6.0%}  {c.unit}"


def svg(predictions, workload, title):
    """The curve, beside the line of as many times the smallest machine."""
    width, height, left, top, right, bottom = 760, 420, 64, 44, 20, 48
    most_cpus = max(p.cpus for p in predictions)
    first = predictions[0]
    highest = 1.1 * max(p.per_second for p in predictions) / 1e6

    def x(cpus):
        return left + (width - left - right) * cpus / most_cpus

    def y(mpps):
        return height - bottom - (height - top - bottom) * min(mpps, highest) / highest

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="20" font-size="14">{title}</text>',
    ]
    for tick in _ticks(highest):
        lines.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
    for tick in _ticks(most_cpus):
        lines.append(
            f'<text x="{x(tick):.1f}" y="{height - bottom + 16}" text-anchor="middle">{tick:g}</text>'
        )
    lines.append(f'<text x="{width - right}" y="{height - 10}" text-anchor="end">CPUs</text>')
    lines.append(f'<text x="{left - 6}" y="{top - 8}" text-anchor="end">Mpps</text>')
    # As far as the line stays in the picture.
    per_cpu = first.per_second / 1e6 / first.cpus
    end = min(most_cpus, highest / per_cpu)
    lines.append(
        f'<line x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(end):.1f}" y2="{y(end * per_cpu):.1f}"'
        ' stroke="#999" stroke-dasharray="4 4"/>'
    )
    lines.append(
        f'<text x="{width - right}" y="20" text-anchor="end" fill="#777">dashed: {first.cpus} CPU, as many times</text>'
        if first.cpus == 1
        else f'<text x="{width - right}" y="20" text-anchor="end" fill="#777">dashed: in proportion</text>'
    )
    points = " ".join(f"{x(p.cpus):.1f},{y(p.per_second / 1e6):.1f}" for p in predictions)
    lines.append(f'<polyline points="{points}" fill="none" stroke="#1f6feb" stroke-width="2"/>')
    for p in predictions:
        lines.append(
            f'<circle cx="{x(p.cpus):.1f}" cy="{y(p.per_second / 1e6):.1f}" r="3.5" fill="#1f6feb">'
            f"<title>{p.cpus} CPUs: {p.per_second / 1e6:.1f} Mpps, {gigabits(p.per_second, workload):.1f} Gbit/s; "
            f"limit: {p.limit}</title></circle>"
        )
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _ticks(highest):
    """Round numbers from 0 to at most `highest`, five to ten of them."""
    step = 1.0
    while highest / step > 10:
        step *= 2.5 if str(step).startswith("2") and not str(step).startswith("25") else 2
    while highest / step < 4:
        step /= 2
    return [i * step for i in range(int(highest / step) + 1)]
