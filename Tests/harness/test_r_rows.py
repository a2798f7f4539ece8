"""An R script that is called once for each row: what it reads, what it writes, and rows that fail."""

import csv
import io
import os
import re
import unittest

from r_bundle import HarnessTest


class RowTests(HarnessTest):
    def test_joined_in_order(self):
        run = self.good("main <- function(row) list(id = row$id, twice = row$n * 2)", mode="rows",
                        given=[{"id": i, "n": i} for i in range(500)])
        self.assertEqual(run.value, [{"id": i, "twice": 2 * i} for i in range(500)])
        self.assertEqual(run.rows, [(500, 0)])

    def test_items_of_all_kinds(self):
        run = self.good("main <- function(row) if (is.list(row)) row$a else row", mode="rows",
                        given=[{"a": 1}, 5, None, [1, 2], "x", {"b": 1}])
        self.assertEqual(run.value, [1, 5, None, [1, 2], "x", None])
        self.assertEqual(self.good("main <- function(row) row", mode="rows", given=[]).result, "[]\n")

    def test_a_failing_row_stops(self):
        code = "main <- function(row) {\n    if (row$n == 3) stop('three')\n    row$n\n}"
        run = self.bad("main.R:2: row 3: Error in main(row): three", code, mode="rows", given=[{"n": n} for n in range(10)])
        self.assertEqual((run.value, run.rows), ([0, 1, 2], [(4, 1)]))
        self.assertIn("Error in main(row) : three", run.stderr)

    def test_or_others_go_on(self):
        code = "main <- function(row) {\n    if (row$n %% 10 == 3) stop('three')\n    row$n\n}"
        run = self.bad("30 of 300 rows failed; first: main.R:2: row 3: Error in main(row): three", code, mode="rows",
                       on_row_error="continue", given=[{"n": n} for n in range(300)])
        self.assertEqual(run.value, [n for n in range(300) if n % 10 != 3])
        self.assertEqual(run.rows, [(300, 30)])
        self.assertEqual(run.stderr.count("Error in main(row) : three"), 20)
        self.assertIn("more are not shown", run.stderr)

    def test_a_value_that_cannot_be_json_is_its_rows(self):
        code = "main <- function(row) list(x = if (row$n == 3) Inf else row$n)"
        given = [{"n": n} for n in range(6)]
        run = self.bad("main.R: row 3: result.x: cannot be JSON: Inf", code, mode="rows", given=given)
        self.assertEqual(run.value, [{"x": 0}, {"x": 1}, {"x": 2}])
        run = self.bad("1 of 6 rows failed; first: main.R: row 3: result.x: cannot be JSON: Inf", code, mode="rows", given=given,
                       on_row_error="continue")
        self.assertEqual(run.value, [{"x": n} for n in (0, 1, 2, 4, 5)])

    def test_csv_rows_are_texts(self):
        run = self.good("main <- function(row) row", mode="rows", kind="csv", given='id,name\n007,"a\nb"\n2\n')
        self.assertEqual(run.value, [{"id": "007", "name": "a\nb"}, {"id": "2", "name": None}])
        run = self.bad("input.csv:4: 3 fields, but the header has 2", "main <- function(row) row$a", mode="rows", kind="csv",
                       given="a,b\n1,2\n3,4\n5,6,7\n")
        self.assertEqual((run.value, run.rows), (["1", "3"], [(2, 0)]))

    def test_json_lines(self):
        run = self.good("main <- function(row) row$a", mode="rows", kind="jsonl", given='{"a":1}\n\n{"a":[1,2]}\n')
        self.assertEqual(run.value, [1, [1, 2]])
        run = self.bad("input.jsonl:3: not JSON: it ends too soon", "main <- function(row) row$a", mode="rows", kind="jsonl",
                       given='{"a":1}\n{"a":2}\n{"a":\n{"a":4}')
        self.assertEqual(run.value, [1, 2])

    def test_what_is_no_list(self):
        told = "main.R: 'mode: rows' needs an input that is a list"
        for given, what in ({"a": 1}, "an object"), ("5", "a number"), ("null", "null"), ('"x"', "a text"):
            self.bad(f"{told}, and this one is {what}", "main <- function(row) 1", mode="rows", given=given)
        self.bad(f"{told}; there is no input", "main <- function(row) 1", mode="rows")

    def test_quit_in_a_row(self):
        run = self.bad("main.R:2: row 2: exit code 5",
                       "main <- function(row) {\n    if (row == 2) quit(status = 5)\n    row\n}", mode="rows",
                       given=[0, 1, 2, 3], exit_code=5)
        self.assertEqual((run.value, run.rows), ([0, 1], [(3, 1)]))

    def test_as_csv(self):
        code = "main <- function(row) { r <- list(n = row, t = 'a\"b\nc'); if (row > 300) r$late <- 1; r }"
        run = self.good(code, mode="rows", given=list(range(500)), result={"format": "csv"})
        found = list(csv.reader(io.StringIO(run.result, newline="")))
        self.assertEqual(found[0], ["n", "t", "late"])
        self.assertEqual(found[1:], [[str(n), 'a"b\nc', "1" if n > 300 else ""] for n in range(500)])

    def test_checkpoint_column(self):
        run = self.good("main <- function(row) list(id = row)", mode="rows", given=[5, 9], checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": 9}])
        run = self.good("main <- function(input) data.frame(id = c('a', 'b'))", checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": "b"}])
        run = self.good("main <- function(input) list()", checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [])
        self.bad("main.R: the last row of the result has no column 'id' for the checkpoint",
                 "main <- function(input) list(list(a = 1))",
                 checkpoint={"column": "id"})
        self.bad("main.R: 'checkpoint: {column: id}' needs a data frame or a list of named lists as the result",
                 "main <- function(input) 5",
                 checkpoint={"column": "id"})

    def test_connections_that_the_script_closes(self):
        text = "a\n" + "".join(f"{n}\n" for n in range(300_000))
        run = self.good("main <- function(row) { if (row$a == '5') closeAllConnections(); as.numeric(row$a) }", mode="rows",
                        kind="csv", given=text)
        self.assertEqual(len(run.value), 300_000)

    def test_many_rows_need_little_memory(self):
        for count in (200_000, 1_000_000) if os.environ.get("BOBBIN_LONG") else (200_000,):  # the long one takes a minute
            text = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(count))
            code = (f"main <- function(row) {{\n    if (row$id == '{count - 1}')\n"
                    "        cat(grep('VmHWM', readLines('/proc/self/status'), value = TRUE))\n    list(id = row$id)\n}")
            with self.subTest(count):
                run = self.good(code, mode="rows", kind="csv", given=text)
                self.assertEqual(len(run.value), count)
                # Some 106 MB for 200,000 rows and 110 for 1,000,000; with the rows or the results kept: 196 or 129, for 200,000.
                self.assertLess(int(re.search(r"VmHWM:\s*(\d+) kB", run.stdout).group(1)), 125_000)


if __name__ == "__main__":
    unittest.main()
