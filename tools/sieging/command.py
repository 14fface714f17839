"""tools/siege itself: what is asked for, and what comes out."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from driver import machine
from driver.runner import PartFailed
from driver.screen import Screen, clock

from . import fuzzing, parts, rows, runner, table
from .rows import Outcome

MINUTES = 30.0


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' minutes are not possible")
    return number


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/siege",
        description="Tries to knock Ringway over, and tells what was tried, how often, and what was lost. Installs what "
        "is missing, builds, and takes as long as it is given. Status 1 if anything failed.",
    )
    parser.add_argument("--minutes", metavar="N", type=positive,
                        help=f"all parts together, building apart ({MINUTES:g}, unless --fuzz is alone)")
    parser.add_argument("--seed", metavar="N", type=int, help="does what another siege did (new each time)")
    parser.add_argument("--parts", metavar="PART,...", help="these parts only")
    parser.add_argument("--fuzz", metavar="MINUTES", type=positive,
                        help="so long on one CPU over all fuzz targets, besides the parts if they are asked for")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what came out to this file, too")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="leave the logs and results of the parts there")
    parser.add_argument("--no-build", action="store_true", help="take what is built")
    parser.add_argument("--list", action="store_true", help="name the parts and run none")
    return parser.parse_args(arguments)


def print_parts(root: Path) -> None:
    for part in parts.PARTS:
        reason = part.why_not(root)
        print(f"{part.name:12} {part.what}" + (f" ({reason})" if reason else ""))
    reason = fuzzing.why_not()
    print(f"{'--fuzz':12} libFuzzer over every target" + (f" ({reason})" if reason else ""))


def wanted_parts(options: argparse.Namespace) -> list[parts.Part]:
    """--fuzz alone is for fuzzing alone."""
    if options.fuzz and options.minutes is None and options.parts is None:
        return []
    return parts.chosen(options.parts)


def run_all(wanted: list[parts.Part], root: Path, options: argparse.Namespace, keep: Path) -> list[Outcome]:
    screen = Screen()
    minutes = parts.minutes_of(wanted, options.minutes or MINUTES)
    fuzz = options.fuzz or 0
    outcomes = []
    left = sum(minutes.values()) + fuzz
    count = len(wanted) + bool(fuzz)
    for number, part in enumerate(wanted, 1):
        screen.part(number, count, part.name, round(60 * left))
        outcomes.append(runner.run(part, root, minutes[part.name], options.seed, keep, screen))
        left -= minutes[part.name]
    if fuzz:
        screen.part(count, count, "fuzz", round(60 * left))
        outcomes.append(fuzzing.run(root, fuzz, options.seed, keep, screen))
    screen.clear()
    return outcomes


def siege(options: argparse.Namespace, root: Path) -> int:
    wanted = wanted_parts(options)
    if not options.no_build:
        print("installing what is missing, building (minutes the first time)", file=sys.stderr)
        runner.build(root, wanted)
    about = {"machine": machine.describe(), "commit": machine.commit(root), "seed": options.seed}
    print(f"{about['machine']['cpu']}, {about['machine']['cpus']} CPUs, Linux {about['machine']['kernel']}, "
          f"commit {about['commit']}, seed {options.seed}\n", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ringway-siege-") as temporary:
        keep = options.keep or Path(temporary)
        keep.mkdir(parents=True, exist_ok=True)
        outcomes = run_all(wanted, root, options, keep)
    print("\n".join(table.lines(outcomes)))
    failed = sum(not outcome.held for outcome in outcomes)
    skipped = sum(bool(outcome.skipped) for outcome in outcomes)
    print(f"\n{len(outcomes) - failed - skipped} held, {failed} failed, {skipped} skipped in "
          f"{clock(time.monotonic() - began)}")
    if options.json:
        rows.write(options.json, about, outcomes)
    return 1 if failed else 0


def main(root: Path, arguments: list[str]) -> int:
    options = parse(arguments)
    if options.list:
        print_parts(root)
        return 0
    if options.seed is None:
        options.seed = time.time_ns() % 1_000_000
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return siege(options, root)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, PartFailed) as error:
        print(f"tools/siege: {error}", file=sys.stderr)
        return 2
