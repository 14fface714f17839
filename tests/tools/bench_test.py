#!/usr/bin/env python3
"""The parts of tools/bench that only compute: medians, pairs, names, comparisons, tables, the chart."""

import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

root = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(root / "tools/benchmarks"))

from driver import chart, compare, parts, results, runner, table, views  # noqa: E402
from driver.results import Result  # noqa: E402
from driver.screen import Screen  # noqa: E402


def result(name: str, value: float, unit: str = "Mpps", ratio: float | None = None, to: str = "other") -> Result:
    return Result(name, unit, [value], to, [] if ratio is None else [ratio])


class Runs(unittest.TestCase):
    def test_value_is_the_median_of_the_runs(self):
        (found,) = results.from_runs(["a\tMpps\t9", "a\tMpps\t1", "a\tMpps\t2"])
        self.assertEqual((found.value, found.runs, found.ratio), (2, [9, 1, 2], None))

    def test_ratio_is_taken_run_by_run_not_of_medians(self):
        (found,) = results.from_runs(["a\tMpps\t1\t1\tb", "a\tMpps\t10\t2\tb", "a\tMpps\t4\t8\tb"])
        self.assertEqual((found.value, found.ratio, found.ratio_to), (4, 1, "b"))

    def test_runs_of_several_results_may_be_mixed(self):
        found = results.from_runs(["a\ts\t1", "b\ts\t5", "a\ts\t3"])
        self.assertEqual([(r.name, r.runs) for r in found], [("a", [1, 3]), ("b", [5])])

    def test_a_line_that_is_no_run_is_refused(self):
        for line in ("a\tMpps", "a\tMpps\tfast", "a\tMpps\t1\t2", "a Mpps 1"):
            with self.assertRaises(ValueError, msg=line):
                results.from_runs([line])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "results.json"

    def test_what_was_written_is_read_again(self):
        written = [Result("a/b", "Mpps", [1, 2, 4], "c", [0.5, 1, 2]), Result("d", "s", [3])]
        results.write_json(self.file, {"cpus": 2}, "abc", written)
        self.assertEqual(results.read_json(self.file), written)

    def test_a_result_has_what_interfaces_say(self):
        entry = Result("a/b", "Mpps", [1, 2, 4], "c", [0.5, 1, 2]).to_json()
        wanted = {"name": "a/b", "value": 2, "unit": "Mpps", "ratio": 1, "ratio_to": "c", "runs": [1, 2, 4]}
        self.assertEqual({key: entry[key] for key in wanted}, wanted)

    def test_packets_are_counted_in_millions_whatever_the_program_counts(self):
        for unit in ("pps", "packets/s"):
            found = Result.from_json({"name": "a", "value": 2e6, "unit": unit, "runs": [1e6, 2e6, 3e6]})
            self.assertEqual((found.value, found.unit), (2, "Mpps"))

    def test_another_file_is_refused(self):
        for text in ("{}", "[]", '{"results": [{"name": "a"}]}', '{"results": 3}', "not JSON"):
            self.file.write_text(text)
            with self.assertRaises(ValueError, msg=text):
                results.read_json(self.file)


class Comparing(unittest.TestCase):
    def test_ratios_to_the_same_thing_are_compared_before_values(self):
        (change,) = compare.compare([result("a", 10, ratio=2)], [result("a", 5, ratio=3)]).changes
        self.assertEqual((change.what, change.factor), ("ratio", 1.5))

    def test_ratios_to_different_things_are_not(self):
        (change,) = compare.compare([result("a", 10, ratio=2)], [result("a", 5, ratio=3, to="new")]).changes
        self.assertEqual((change.what, change.factor), ("value", 0.5))

    def test_less_is_better_for_times_memory_and_cycles(self):
        for unit, factor in (("us", 2), ("MiB", 2), ("s", 2), ("cycles/packet", 2), ("Mpps", 0.5)):
            (change,) = compare.compare([result("a", 8, unit)], [result("a", 4, unit)]).changes
            self.assertEqual(change.factor, factor, unit)

    def test_what_only_one_file_has_is_named_if_its_part_was_run(self):
        found = compare.compare([result("a/1", 1), result("b/1", 1)], [result("a/2", 1)])
        self.assertEqual((found.gone, found.added, found.changes), (["a/1"], ["a/2"], []))

    def test_only_results_below_the_limit_fail(self):
        found = compare.compare([result("a", 10), result("b", 10)], [result("a", 8.9), result("b", 9.1)])
        self.assertEqual([change.name for change in found.below(0.9)], ["a"])

    def test_changes_within_noise_have_no_line(self):
        found = compare.compare([result("a/x", 100), result("a/y", 100)], [result("a/x", 101), result("a/y", 120)])
        text = "\n".join(compare.lines(found))
        self.assertNotIn("a/x", text)
        self.assertIn("a/y", text)
        self.assertIn("x1.200 better", text)


class Tables(unittest.TestCase):
    def test_a_view_leaves_out_rows_and_columns_that_are_empty(self):
        found = table.lines([result("split/64", 3, ratio=1.5), result("split/imix", 2, ratio=1.25)])
        self.assertEqual([line.split() for line in found[1:4]],
                         [["bytes", "two", "CPUs", "ratio"], ["64", "3.00", "1.50"], ["imix", "2.00", "1.25"]])

    def test_cells_of_a_column_end_in_one_place(self):
        found = table.lines([result("split/64", 12345), result("split/1420", 0.5)])
        self.assertEqual(len({len(line) for line in found[1:4]}), 1)

    def test_what_no_view_has_is_shown_all_the_same(self):
        self.assertIn("new/thing", "\n".join(table.lines([result("new/thing", 1), result("split/64", 1)])))


class Charts(unittest.TestCase):
    def panels(self, given: list[Result]) -> list[str]:
        tree = xml.fromstring(chart.svg(given, "a <machine> & more"))
        return [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "title"]

    def test_it_is_xml_with_a_panel_for_each_view_that_has_values(self):
        found = self.panels([result("split/64", 3), result("split/1420", 1), result("latency/p50/10", 5, "us")])
        self.assertEqual(len(found), 2)

    def test_a_panel_has_one_unit(self):
        view = views.View("", "bytes", ["64"], [views.Column("a", "a/{row}"), views.Column("b", "b/{row}")])
        given = {"a/64": result("a/64", 6), "b/64": result("b/64", 300, "packets")}
        self.assertEqual(chart.values_of(view, given), {"a": {"64": 6}})

    def test_ratios_without_a_view_have_a_panel(self):
        self.assertEqual(self.panels([result("x25519/batch", 1, ratio=6)]), ["Ratios"])

    def test_nothing_gives_no_panel(self):
        self.assertEqual(self.panels([]), [])

    def test_values_far_apart_get_a_logarithmic_axis(self):
        self.assertEqual(chart.Axis([2, 5000]).marks, [1, 10, 100, 1000, 10000])
        self.assertAlmostEqual(chart.Axis([2, 5000]).at(100), 0.5)
        self.assertEqual(chart.Axis([1, 4]).at(2), 0.5)

    def test_what_ratios_are_to_is_drawn_too_unless_it_is_there(self):
        view = views.View("", "bytes", ["64"], [views.Column("a", "a/{row}"), views.Column("ratio", "a/{row}", "ratio")])
        given = {"a/64": result("a/64", 6, ratio=2, to="b")}
        self.assertEqual(chart.references_of(view, given), {"b": {"64": 3}})
        with_b = views.View("", "bytes", ["64"], [*view.columns, views.Column("b", "b/{row}")])
        self.assertEqual(chart.references_of(with_b, given), {})

    def test_ticks_are_few_and_reach_the_top(self):
        for top in (0.013, 1, 4.9, 5, 18.2, 100, 12345):
            marks = chart.ticks(top)
            self.assertTrue(3 <= len(marks) <= 7 and marks[0] == 0 and marks[-1] >= top, (top, marks))


class Parts(unittest.TestCase):
    def test_only_names_that_there_are(self):
        self.assertEqual([part.name for part in parts.chosen("memory,aead")], ["aead", "memory"])
        with self.assertRaisesRegex(ValueError, "no part is called 'speed'"):
            parts.chosen("aead,speed")

    def test_all_of_it_fits_in_ten_minutes_and_quick_in_four(self):
        self.assertLessEqual(sum(part.seconds for part in parts.PARTS), 600)
        self.assertLessEqual(sum(part.quick_seconds for part in parts.PARTS), 240)

    def run_script(self, text: str) -> list[Result]:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "script"
            script.write_text("#!/bin/sh\n" + text)
            script.chmod(0o700)
            part = parts.Part("part", "", "script", 1, 1, writes_json=False)
            return runner.run(part, Path(folder), False, Path(folder), Screen())

    def test_a_part_that_is_not_built_fails(self):
        with self.assertRaisesRegex(runner.PartFailed, "not built: nowhere"):
            runner.run(parts.Part("part", "", "nowhere", 1, 1), root, False, root, Screen())

    def test_a_part_that_fails_says_its_last_words(self):
        with self.assertRaisesRegex(runner.PartFailed, "(?s)status 3.*no memory"):
            self.run_script("echo no memory; exit 3")

    def test_a_part_without_results_fails(self):
        with self.assertRaisesRegex(runner.PartFailed, "can't be read"):
            self.run_script("exit 0")
        with self.assertRaisesRegex(runner.PartFailed, "no results"):
            self.run_script(': >"$2"')

    def test_a_part_brings_its_runs(self):
        (found,) = self.run_script("printf 'a\\tMpps\\t2\\n' >\"$2\"")
        self.assertEqual((found.name, found.value), ("a", 2))


if __name__ == "__main__":
    unittest.main()
