"""A Node script that is called once for each row: what it reads, what it writes, and rows that fail."""

import csv
import io
import re
import unittest

from node_bundle import HarnessTest


class RowTests(HarnessTest):
    def test_joined_in_order(self):
        for code in ("export default (row) => ({ id: row.id, twice: row.id * 2 });",
                     "export default async (row) => { await null; return { id: row.id, twice: row.id * 2 }; }"):
            run = self.good(code, mode="rows", given=[{"id": i} for i in range(5000)])
            self.assertEqual(run.value, [{"id": i, "twice": 2 * i} for i in range(5000)])
            self.assertEqual(run.rows, [(5000, 0)])
        self.assertEqual(self.good(code, mode="rows", given=[]).result, "[]\n")

    def test_a_failing_row_stops(self):
        code = "export default (row) => {\n  if (row === 3) throw new Error('three');\n  return row;\n};"
        run = self.bad("main.mjs:2: row 3: Error: three", code, mode="rows", given=list(range(10)))
        self.assertEqual((run.value, run.rows), ([0, 1, 2], [(4, 1)]))
        self.assertIn("Error: three\n    at ", run.stderr)

    def test_or_others_go_on(self):
        code = "export default async (row) => {\n  if (row % 10 === 3) throw new Error('three');\n  return row;\n};"
        run = self.bad("30 of 300 rows failed; first: main.mjs:2: row 3: Error: three", code, mode="rows",
                       on_row_error="continue", given=list(range(300)))
        self.assertEqual(run.value, [n for n in range(300) if n % 10 != 3])
        self.assertEqual(run.rows, [(300, 30)])
        self.assertEqual(run.stderr.count("Error: three"), 20)
        self.assertIn("more are not shown", run.stderr)

    def test_bad_input_in_the_middle(self):
        run = self.bad("input.csv:4: 3 fields, but the header has 2", "export default (row) => row.a", mode="rows", kind="csv",
                       given="a,b\n1,2\n3,4\n5,6,7\n")
        self.assertEqual((run.value, run.rows), (["1", "3"], [(2, 0)]))
        run = self.run_script("export default (row) => row.a", mode="rows", kind="jsonl", on_row_error="continue",
                              given='{"a":1}\n{"a":2}\n{"a":\n{"a":4}')
        self.assertRegex(run.reason, r"^input\.jsonl:3: not JSON")
        self.assertEqual(run.value, [1, 2])

    def test_what_is_no_list(self):
        told = "main.mjs: 'mode: rows' needs an input that is a list"
        for given, what in ({"a": 1}, "an object"), ("5", "a number"), ("null", "null"), ('"x"', "a string"):
            self.bad(f"{told}, and this one is {what}", "export default () => 1", mode="rows", given=given)
        self.bad(f"{told}; there is no input", "export default () => 1", mode="rows")

    def test_ends_in_a_row(self):
        run = self.bad("main.mjs:2: row 2: exit code 5",
                       "export default (row) => {\n  if (row === 2) process.exit(5);\n  return row;\n}", mode="rows",
                       given=[0, 1, 2, 3], exit_code=5)
        self.assertEqual((run.value, run.rows), ([0, 1], [(3, 1)]))
        run = self.bad("main.mjs: row 1: main never settled: nothing is left that could end its waiting",
                       "export default (row) => row ? new Promise(() => {}) : 5", mode="rows", given=[0, 1])
        self.assertEqual((run.value, run.rows), ([5], [(2, 1)]))
        run = self.bad("main.mjs:1: row 1: Error: late", "export default async (row) => { if (row) { "
                       "setTimeout(() => { throw new Error('late'); }); await new Promise((d) => setTimeout(d, 50)); } return 5; }",
                       mode="rows", given=[0, 1])
        self.assertEqual((run.value, run.rows), ([5], [(2, 1)]))

    def test_as_csv(self):
        code = ("export default (row) => { const r = { n: row, t: 'a\"b\\nc' }; if (row > 3000) r.late = 1; "
                "if (row === 4000) r.last = 'é'; return r; }")
        run = self.good(code, mode="rows", given=list(range(5000)), result={"format": "csv"})
        found = list(csv.reader(io.StringIO(run.result, newline="")))
        self.assertEqual(found[0], ["n", "t", "late", "last"])
        self.assertEqual(found[1:], [[str(n), 'a"b\nc', "1" if n > 3000 else "", "é" if n == 4000 else ""] for n in range(5000)])

    def test_checkpoint_column(self):
        run = self.good("export default (row) => ({ id: row })", mode="rows", given=[5, 9], checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": 9}])
        run = self.good("export default () => [{ id: new Date(0) }]", checkpoint={"column": "id"})
        self.assertEqual(run.of("checkpoint"), [{"type": "checkpoint", "value": "1970-01-01T00:00:00.000Z"}])
        self.assertEqual(self.good("export default () => []", checkpoint={"column": "id"}).of("checkpoint"), [])
        self.bad("main.mjs: the last row of the result has no column 'id' for the checkpoint",
                 "export default () => [{ a: 1 }]", checkpoint={"column": "id"})
        self.bad("main.mjs: 'checkpoint: {column: id}' needs an array of objects as the result", "export default () => 5",
                 checkpoint={"column": "id"})

    def test_a_million_rows_stay_small(self):
        text = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(1_000_000))
        code = ("import fs from 'node:fs';\nexport default (row) => {\n"
                "  if (row.id === '999999') console.log(/VmHWM.*/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[0]);\n"
                "  return { id: row.id };\n}")
        run = self.good(code, mode="rows", kind="csv", given=text)
        self.assertEqual(len(run.value), 1_000_000)
        self.assertLess(int(re.search(r"VmHWM:\s*(\d+) kB", run.stdout).group(1)), 200_000)


if __name__ == "__main__":
    unittest.main()
