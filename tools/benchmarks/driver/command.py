"""tools/bench itself: what is asked for, and what comes out."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from . import chart, compare, machine, parts, runner, table
from .results import Result, read_json, write_json
from .screen import Screen, clock


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/bench",
        description="Measures Ringway on this machine, beside what it is compared to. Installs what is missing, builds, "
        "and takes up to ten minutes. Parts that make network namespaces need root.",
    )
    parser.add_argument("--quick", action="store_true", help="every result, of fewer and shorter runs: three minutes")
    parser.add_argument("--only", metavar="PART,...", help="these parts only")
    parser.add_argument("--list", action="store_true", help="name the parts and run none")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results to this file, too")
    parser.add_argument("--chart", metavar="FILE", type=Path, help="draw them into this SVG file")
    parser.add_argument("--compare", metavar="FILE", type=Path, help="show what changed since this file was written")
    parser.add_argument("--fail-below", metavar="FACTOR", type=float,
                        help="with --compare: status 1 if a result is less than FACTOR of what it was")
    parser.add_argument("--show", metavar="FILE", type=Path, help="run nothing, but show, draw, compare this file")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="leave raw numbers and logs of the parts there")
    parser.add_argument("--no-build", action="store_true", help="take what is built")
    options = parser.parse_args(arguments)
    if options.fail_below is not None and options.compare is None:
        parser.error("--fail-below needs --compare")
    return options


def print_parts() -> None:
    for part in parts.PARTS:
        root = ", root" if part.needs_root else ""
        print(f"{part.name:10} {part.what} (about {part.seconds} s, --quick {part.quick_seconds} s{root})")


def run_parts(wanted: list[parts.Part], root: Path, options: argparse.Namespace, keep: Path) -> tuple[list[Result], int]:
    """All results, and how many parts failed."""
    screen = Screen()
    results: list[Result] = []
    failures = 0
    for number, part in enumerate(wanted):
        left = sum(p.quick_seconds if options.quick else p.seconds for p in wanted[number:])
        screen.part(number + 1, len(wanted), part.name, left)
        try:
            found = runner.run(part, root, options.quick, keep, screen)
        except runner.PartFailed as failure:
            screen.clear()
            print(f"FAIL {part.name}: {failure}\n", flush=True)
            failures += 1
            continue
        screen.clear()
        print("\n".join(table.lines(found)), flush=True)
        results += found
    print(f"{len(results)} results in {clock(screen.elapsed())}, {failures} parts failed")
    return results, failures


def compared(options: argparse.Namespace, results: list[Result]) -> int:
    """Shows the comparison; 1 if something is worse than was allowed."""
    comparison = compare.compare(read_json(options.compare), results)
    print("\n".join(["", f"Since {options.compare}", *compare.lines(comparison)]))
    below = [] if options.fail_below is None else comparison.below(options.fail_below)
    for change in below:
        print(f"FAIL {change.name}: {change.what} is x{change.factor:.3f} of what it was, less than {options.fail_below}")
    return 1 if below else 0


def deliver(options: argparse.Namespace, root: Path, results: list[Result]) -> int:
    about, commit = machine.describe(), machine.commit(root)
    if options.json:
        write_json(options.json, about, commit, results)
    if options.chart:
        subtitle = f"{about['cpu']}, {about['cpus']} CPUs, commit {commit[:12]}"
        options.chart.write_text(chart.svg(results, subtitle))
    return compared(options, results) if options.compare else 0


def fresh(options: argparse.Namespace, root: Path) -> int:
    wanted = parts.chosen(options.only)
    if not options.no_build:
        print("installing what is missing, building (minutes the first time)", file=sys.stderr)
        runner.build(root, root / "build/bench-build.log", ["benchmarks"])
    about = machine.describe()
    print(f"{about['cpu']}, {about['cpus']} CPUs, Linux {about['kernel']}, commit {machine.commit(root)}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="ringway-bench-") as temporary:
        keep = options.keep or Path(temporary)
        keep.mkdir(parents=True, exist_ok=True)
        results, failures = run_parts(wanted, root, options, keep)
    return max(deliver(options, root, results), 1 if failures else 0)


def main(root: Path, arguments: list[str]) -> int:
    options = parse(arguments)
    if options.list:
        print_parts()
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.compare:
            read_json(options.compare)  # now rather than after ten minutes
        if options.show:
            results = read_json(options.show)
            print("\n".join(table.lines(results)))
            return deliver(options, root, results)
        return fresh(options, root)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, runner.PartFailed) as error:
        print(f"tools/bench: {error}", file=sys.stderr)
        return 2
