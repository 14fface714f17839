"""Builds what parts need and runs them."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from .parts import Part, is_built
from .results import Result, from_runs, read_json
from .screen import Screen


class PartFailed(Exception):
    """Says why there are no results."""


def build(root: Path, log: Path, targets: list[str], directory: str = "build", options: str = "") -> None:
    """Installs what is missing, as tools/demo does. Raises PartFailed with the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    wanted = f'build_targets=({" ".join(targets)})'
    commands = f'root={root}; source "$root/tools/lib/build.sh"; {wanted}; build "$root/{directory}" "{log}" {options}'
    done = subprocess.run(["bash", "-c", commands], stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        end = log.read_text().splitlines()[-20:] if log.exists() else []
        raise PartFailed("\n".join(["the build failed; the end of " + str(log), *end]))


def run(part: Part, root: Path, quick: bool, keep: Path, screen: Screen) -> list[Result]:
    """What the part brings; its output and raw numbers are left in the folder `keep`. Raises PartFailed."""
    if not is_built(part, root):
        raise PartFailed(f"not built: {part.program}")
    if part.needs_root and os.geteuid() != 0:
        raise PartFailed("makes network namespaces: run it as root")
    raw = keep / (part.name + (".json" if part.writes_json else ".runs"))
    raw.unlink(missing_ok=True)
    command = [str(root / part.program), "--json" if part.writes_json else "--runs", str(raw)]
    output = keep / f"{part.name}.log"
    status = watch(command + ["--quick"] * quick, output, screen)
    if status != 0:
        end = output.read_text(errors="replace").splitlines()[-8:]
        raise PartFailed("\n".join([f"status {status}; the end of what it said:", *[f"  {line}" for line in end]]))
    try:
        results = read_json(raw) if part.writes_json else from_runs(raw.read_text().splitlines())
    except (OSError, ValueError) as error:
        raise PartFailed(f"its results can't be read: {error}") from error
    if not results:
        raise PartFailed("it brought no results")
    return results


def take_precedence() -> None:
    """Other programs of the machine get what is left over. Only root may have that."""
    if os.geteuid() == 0:
        os.nice(-19)


def watch(command: list[str], output: Path, screen: Screen, start: Callable[[], None] | None = take_precedence) -> int:
    """Runs the command to its end and shows each line it writes. When we are interrupted it is asked to end, so
    that it removes what it made. `start` is called in its process first."""
    with output.open("w") as log, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True, preexec_fn=start,
    ) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                log.write(line)
                screen.doing(line.strip())
            return process.wait()
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise
