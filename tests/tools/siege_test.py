#!/usr/bin/env python3
"""The parts of tools/siege that only compute or run small scripts: shares of time, results, verdicts, the table, what
libFuzzer says."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

root = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(root / "tools"), str(root / "tools/benchmarks")]

from driver.screen import Screen  # noqa: E402
from sieging import command, fuzzing, parts, rows, runner, table  # noqa: E402
from sieging.rows import Outcome, Row  # noqa: E402

ROW = {"what": "packets of one peer", "tried": 10_000_000, "unit": "packets", "seconds": 61.2, "lost": 0, "failures": []}


class Parts(unittest.TestCase):
    def test_only_names_that_there_are(self):
        first = parts.PARTS[0].name
        self.assertEqual([part.name for part in parts.chosen(first)], [first])
        with self.assertRaisesRegex(ValueError, "no part is called 'storm'"):
            parts.chosen(f"{first},storm")

    def test_names_and_programs_are_of_one_part_each(self):
        for what in ("name", "program"):
            values = [getattr(part, what) for part in parts.PARTS]
            self.assertEqual(len(values), len(set(values)))

    @unittest.skipUnless("BUILD" in os.environ, "meson says where the build is")
    def test_what_a_part_wants_built_is_one_target_each(self):
        named = [
            str((Path(target["defined_in"]).parent / target["name"]).relative_to(root))
            for target in json.loads((Path(os.environ["BUILD"]) / "meson-info/intro-targets.json").read_text())
        ]
        for wanted in {target for part in parts.PARTS for target in part.targets.split()}:
            self.assertEqual(named.count(wanted), 1, wanted)

    def test_the_time_is_divided_by_shares(self):
        wanted = [parts.program("a", "", "a"), parts.program("b", "", "b", share=3)]
        self.assertEqual(parts.minutes_of(wanted, 20), {"a": 5, "b": 15})
        self.assertEqual(parts.minutes_of([], 20), {})

    def test_a_part_that_can_not_run_says_why(self):
        self.assertIn("not built: build/nowhere", parts.program("a", "", "nowhere").why_not(root))
        script = parts.script("a", "", "tools/siege")
        with mock.patch("os.geteuid", return_value=1000):
            self.assertIn("root", script.why_not(root))
        with mock.patch("os.geteuid", return_value=0):
            self.assertEqual(script.why_not(root), "")


class Rows(unittest.TestCase):
    def read(self, text: str) -> list[Row]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "part.json"
            file.write_text(text)
            return rows.read(file)

    def test_a_file_of_a_part_is_read(self):
        (found,) = self.read(json.dumps({"part": "a", "rows": [ROW]}))
        self.assertEqual((found.tried, found.unit, found.seconds, found.held), (10_000_000, "packets", 61.2, True))

    def test_what_is_not_of_its_form_is_refused(self):
        for text in ("", "[]", "{}", '{"rows": 1}', '{"rows": [{}]}', '{"rows": [{"what": "a", "tried": "many"}]}'):
            with self.assertRaises(ValueError, msg=text):
                self.read(text)

    def test_a_row_with_something_lost_or_failed_does_not_hold(self):
        self.assertFalse(Row("a", 1, "packets", 1, lost=1).held)
        self.assertTrue(Row("a", 100, "packets", 1, lost=5, bearable=5).held)
        self.assertFalse(Row("a", 100, "packets", 1, lost=6, bearable=5).held)
        self.assertFalse(Row("a", 1, "packets", 1, failures=["it fell"]).held)
        self.assertFalse(Outcome("part", [Row("a", 1, "packets", 1), Row("a", 1, "packets", 1, lost=1)]).held)
        self.assertFalse(Outcome("part", failed="status 3").held)
        self.assertTrue(Outcome("part", skipped="no root").held)


class Runs(unittest.TestCase):
    def run_script(self, text: str) -> Outcome:
        """A part that is called as `script --minutes M --seed N --json FILE`: $6 is the file."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "script"
            script.write_text("#!/bin/sh\n" + text)
            script.chmod(0o700)
            return runner.run(parts.Part("part", "", "script"), Path(folder), 0.5, 7, Path(folder), Screen())

    def results(self, *given: dict) -> str:
        return f"echo '{json.dumps({'part': 'part', 'rows': given})}' >\"$6\"; "

    def test_a_part_is_told_its_time_and_seed(self):
        outcome = self.run_script(self.results(ROW) + '[ "$1 $2 $3 $4 $5" = "--minutes 0.5 --seed 7 --json" ]')
        self.assertTrue(outcome.held, outcome.failed)
        self.assertEqual(outcome.command, "script --minutes 0.5 --seed 7 --json part.json")

    def test_a_part_with_failures_fails(self):
        outcome = self.run_script(self.results(ROW | {"failures": ["seed 7 fell"]}) + "exit 1")
        self.assertEqual((outcome.held, outcome.failed), (False, ""))

    def test_a_part_that_says_it_failed_is_believed_although_its_rows_are_good(self):
        self.assertIn("status 1", self.run_script(self.results(ROW) + "exit 1").failed)

    def test_a_part_that_died_fails_with_its_last_words(self):
        self.assertRegex(self.run_script(self.results(ROW) + "echo no memory; exit 3").failed, "(?s)status 3.*no memory")

    def test_a_part_that_tried_nothing_fails(self):
        self.assertIn("tried nothing", self.run_script(self.results()).failed)
        self.assertIn("can't be read", self.run_script("exit 0").failed)

    def test_a_part_that_hangs_is_ended(self):
        with mock.patch.object(runner, "GRACE_SECONDS", -59):
            self.assertIn("still running after 1 s", self.run_script("sleep 60").failed)

    def test_a_part_that_is_not_there_is_skipped(self):
        outcome = runner.run(parts.program("a", "", "nowhere"), root, 1, 1, root, Screen())
        self.assertIn("not built", outcome.skipped)


class Tables(unittest.TestCase):
    def test_it_says_what_how_many_how_long_and_what_was_lost(self):
        lines = table.lines([Outcome("order", [Row("packets", 1234567, "packets", 61)], command="order --seed 1")])
        self.assertEqual(lines[1].split(), ["order", "packets", "1,234,567", "packets", "1:01", "0"])
        self.assertIn("  order: order --seed 1", lines)

    def test_skipped_parts_are_named_with_the_reason(self):
        self.assertEqual(table.lines([Outcome("faults", skipped="no root")]), ["  faults: skipped, no root"])

    def test_failures_come_last_and_whole(self):
        lines = table.lines([Outcome("a", [Row("x", 1, "packets", 1, lost=3)]),
                             Outcome("b", [Row("y", 1, "worlds", 1, failures=["seed 4: again: run 4"])]),
                             Outcome("c", failed="status 3")])
        self.assertIn("FAIL", lines[1])
        self.assertEqual(lines[-8:], ["FAIL a", "  x: 3 lost of 1 packets", "", "FAIL b", "  seed 4: again: run 4", "",
                                      "FAIL c", "  status 3"])


class Fuzzing(unittest.TestCase):
    def told(self, *lines: str) -> fuzzing.Progress:
        progress = fuzzing.Progress()
        for line in lines:
            progress.take(line)
        return progress

    def test_libfuzzers_status_is_read(self):
        found = self.told("#2048\tpulse  cov: 345 ft: 678 corp: 91/1234b lim: 21 exec/s: 1024 rss: 99Mb",
                          "stat::number_of_executed_units: 4321", "Done 4321 runs in 3 second(s)")
        self.assertEqual((found.executions, found.edges, found.features, found.inputs), (4321, 345, 678, 91))
        self.assertEqual(found.crash, "")

    def test_a_crash_is_read_with_its_first_reason(self):
        found = self.told("broken promise: a packet is delivered once", "==7== ERROR: libFuzzer: deadly signal",
                          "SUMMARY: libFuzzer: deadly signal",
                          "artifact_prefix='/a/'; Test unit written to /a/protocol-crash-12")
        self.assertEqual((found.crash, found.why), ("/a/protocol-crash-12", "broken promise: a packet is delivered once"))

    def test_what_took_long_once_is_no_crash(self):
        found = self.told("artifact_prefix='/a/'; Test unit written to /a/config-slow-unit-12")
        self.assertEqual(found.crash, "")

    def test_a_crash_is_kept_with_the_command(self):
        with tempfile.TemporaryDirectory() as folder:
            crash, log = Path(folder) / "rest-crash-1", Path(folder) / "log"
            log.write_text("the end\n")
            said = fuzzing.keep_crash(Path(folder), "rest", fuzzing.Progress(crash=str(crash), why="why"), log)
            self.assertIn("--target=rest rest-crash-1", said)
            self.assertRegex((Path(folder) / "rest-crash-1.txt").read_text(), "(?s)--target=rest rest-crash-1.*the end")

    def test_every_target_has_a_corpus(self):
        listed = (root / "tests/fuzz/targets.cpp").read_text()
        for folder in (root / fuzzing.CORPUS).iterdir():
            self.assertIn(f'"{folder.name}"', listed)
            self.assertTrue(any(folder.iterdir()), folder)


class Commands(unittest.TestCase):
    def wanted(self, *arguments: str) -> list[str]:
        return [part.name for part in command.wanted_parts(command.parse(list(arguments)))]

    def test_fuzz_alone_is_for_fuzzing_alone(self):
        every = [part.name for part in parts.PARTS]
        self.assertEqual(self.wanted(), every)
        self.assertEqual(self.wanted("--fuzz", "3"), [])
        self.assertEqual(self.wanted("--fuzz", "3", "--minutes", "5"), every)
        self.assertEqual(self.wanted("--fuzz", "3", "--parts", every[0]), every[:1])

    def test_times_that_can_not_be_are_refused(self):
        for text in ("0", "-1", "soon", "nan"):
            with self.assertRaises(SystemExit), mock.patch("sys.stderr"):
                command.parse(["--minutes", text])


if __name__ == "__main__":
    unittest.main()
