"""libFuzzer over all targets, one after the other: tools/siege --fuzz MINUTES. Corpora grow in build-fuzz/corpus from
one siege to the next; what breaks a promise or a sanitizer is kept in build-fuzz/crashes with the command that does
it again."""

import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from driver import runner
from driver.screen import Screen

from .rows import Outcome, Row

DIRECTORY = "build-fuzz"
PROGRAM = f"{DIRECTORY}/tests/fuzz/fuzz"
CORPUS = "tests/fuzz/corpus"
# What other tests have is not in the corpora again.
CONFIGURATIONS = ["tests/config/bad", "tests/config/good", "tests/config/styles"]
SEEDS = {"config": CONFIGURATIONS, "write_back": CONFIGURATIONS}
# Line numbers are enough for a stack trace. Leaks of what a fuzzer keeps for the next input are none.
OPTIONS = ("-Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 "
           "'-Dcpp_args=-g1 -fsanitize=fuzzer-no-link'")
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:detect_leaks=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
STATUS = re.compile(r"^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/")
FINAL = re.compile(r"^stat::number_of_executed_units: (\d+)")
# Not what it calls a slow unit: 10 s on a machine that others use are none of ours. 30 s are (-timeout).
FOUND = re.compile(r"Test unit written to (?!\S*-slow-unit-)(\S+)")
WHY = re.compile(r"^(broken promise: .*|.*: runtime error: .*|SUMMARY: .*|==\d+==ERROR: .*)")


@dataclass
class Progress:
    """What libFuzzer has said of a run."""

    executions: int = 0
    edges: int = 0
    features: int = 0
    inputs: int = 0
    crash: str = ""  # the file
    why: str = ""

    def take(self, line: str) -> None:
        if found := STATUS.match(line):
            self.executions, self.edges, self.features, self.inputs = map(int, found.groups())
        elif found := FINAL.match(line):
            self.executions = int(found[1])
        elif found := FOUND.search(line):
            self.crash = found[1]
        elif not self.why and (found := WHY.match(line)):
            self.why = found[1]


def why_not() -> str:
    return "" if shutil.which("clang++") else "needs clang++: apt-get install clang"


def build(root: Path) -> None:
    """Raises driver.runner.PartFailed with the end of the log."""
    os.environ["CXX"] = "ccache clang++" if shutil.which("ccache") else "clang++"
    runner.build(root, root / DIRECTORY / "siege-build.log", ["fuzz"], DIRECTORY, OPTIONS)


def targets(root: Path) -> list[str]:
    return subprocess.run([root / PROGRAM, "--list"], capture_output=True, text=True, check=True).stdout.split()


def command(root: Path, target: str, seconds: float, seed: int) -> list[str]:
    crashes = root / DIRECTORY / "crashes"
    grown = root / DIRECTORY / "corpus" / target
    for folder in (crashes, grown):
        folder.mkdir(parents=True, exist_ok=True)
    flags = [f"-max_total_time={max(1, round(seconds))}", f"-seed={seed}", f"-artifact_prefix={crashes}/{target}-",
             "-max_len=4096", "-timeout=30", "-rss_limit_mb=2048", "-print_final_stats=1", "-reload=0",
             "-entropic=0"]  # which takes a quarter of the time of targets with much to see
    seeds = [str(root / folder) for folder in [f"{CORPUS}/{target}", *SEEDS.get(target, [])]]
    return [str(root / PROGRAM), f"--target={target}", *flags, str(grown), *seeds]


def lines_of(process: subprocess.Popen) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line.rstrip()


def watch(arguments: list[str], log: Path, target: str, screen: Screen) -> tuple[int, Progress]:
    """Runs libFuzzer to its end, or asks it to end when we are interrupted: it then says how far it came."""
    progress = Progress()
    with log.open("w") as kept, subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True, env=os.environ | ENVIRONMENT,
    ) as process:
        try:
            for line in lines_of(process):
                kept.write(line + "\n")
                progress.take(line)
                screen.doing(f"{target}, {progress.executions:,} executions, {progress.edges:,} edges")
            return process.wait(), progress
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def keep_crash(root: Path, target: str, progress: Progress, log: Path) -> str:
    """A sentence on it; the command and the end of the log are put beside the input."""
    again = shlex.join([PROGRAM, f"--target={target}", os.path.relpath(progress.crash, root)])
    end = log.read_text(errors="replace").splitlines()[-60:]
    Path(progress.crash + ".txt").write_text("\n".join([again, "", *end]) + "\n")
    return f"{target}: {progress.why or 'it crashed'}; again: {again}"


def fuzz_target(root: Path, target: str, seconds: float, seed: int, keep: Path, screen: Screen) -> Row:
    log = keep / f"fuzz-{target}.log"
    before = cpu_seconds()
    status, progress = watch(command(root, target, seconds, seed), log, target, screen)
    row = Row(f"{target}: {progress.edges:,} edges, {progress.features:,} features, {progress.inputs:,} inputs",
              progress.executions, "executions", cpu_seconds() - before)
    if progress.crash:
        row.failures.append(keep_crash(root, target, progress, log))
    elif status != 0:
        end = log.read_text(errors="replace").splitlines()[-8:]
        row.failures.append("\n".join([f"{target}: status {status}; the end of what it said:", *end]))
    return row


def run(root: Path, minutes: float, seed: int, keep: Path, screen: Screen) -> Outcome:
    """So many minutes over all targets, on one CPU."""
    if reason := why_not():
        return Outcome("fuzz", skipped=reason)
    screen.doing("building (minutes the first time)")
    build(root)
    outcome = Outcome("fuzz", command=f"tools/siege --fuzz {minutes:g} --seed {seed}")
    left = targets(root)
    end = time.monotonic() + 60 * minutes
    while left:
        seconds = (end - time.monotonic()) / len(left)
        outcome.rows.append(fuzz_target(root, left.pop(0), seconds, seed, keep, screen))
    return outcome
