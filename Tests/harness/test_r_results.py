"""The results of R scripts: values as JSON, a variable as the result or as CSV."""

import re
import time
import unittest

from r_bundle import HarnessTest


class FormTests(HarnessTest):
    """What is JSON, and what is not."""

    def test_forms(self):
        cases = {
            "list(1, 1:2, 'a', TRUE, NULL, NA, NaN, NA_character_)": [1, [1, 2], "a", True, None, None, None, None],
            "c(1.5, NA)": [1.5, None], "I(1)": [1], "list(a = I('x'))": {"a": ["x"]}, "character()": [], "list()": [],
            "setNames(list(), character())": {}, "c(a = 1, b = 2)": [1, 2], "factor(c('x', NA, 'y'))": ["x", None, "y"],
            "as.Date(c('2024-02-29', NA))": ["2024-02-29", None],
            "as.POSIXct('2024-03-01 12:00:00.25', tz = 'Europe/Berlin')": "2024-03-01T11:00:00.25Z",
            "as.POSIXlt('2024-03-01 12:00:00', tz = 'UTC')": "2024-03-01T12:00:00Z",
            "as.difftime(2, units = 'mins')": 120, "as.raw(c(0, 255, 16, 3))": "AP8QAw==", "raw()": "",
            "matrix(1:6, 2)": [[1, 3, 5], [2, 4, 6]], "table(c('a', 'b', 'a'))": [2, 1], "R_system_version('4.2.1')": "4.2.1",
            "100000L": 100000, "123456789": 123456789, "0.1 + 0.2": 0.1 + 0.2, "1/3": 1 / 3, "1e-300": 1e-300, "2^53": 2**53,
            "data.frame(a = 1:2, b = c('x', NA))": [{"a": 1, "b": "x"}, {"a": 2, "b": None}],
            "data.frame(a = 1)": [{"a": 1}], "data.frame()": [], "data.frame(a = integer())": [],
            "data.frame(d = as.Date('2024-01-01'), f = factor('q'), l = I(list(1:2)))": [{"d": "2024-01-01", "f": "q", "l": [1, 2]}],
            "list(list(a = 1, b = 'x'), list(a = 2, b = 'y'), list(a = 3, b = 'z'), list(a = 4, b = 'ü'))":
                [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}, {"a": 4, "b": "ü"}],
            "list(list(a = 1), list(a = NULL), list(a = 'x'), list(a = 1:2))": [{"a": 1}, {"a": None}, {"a": "x"}, {"a": [1, 2]}],
            "'\\u00e9\\n\\t\\u0001\"\\\\'": 'é\n\t\x01"\\', "iconv('é', 'UTF-8', 'latin1')": "é",
        }
        for text, value in zip(cases, self.good(f"main <- function(input) list({', '.join(cases)})").value):
            with self.subTest(text):
                self.assertEqual(value, cases[text])
        for text in ("I(1)", "data.frame(a = 1)", "factor('x')", "raw()", "list(list(a = 1))"):
            value = {"I(1)": [1], "factor('x')": "x", "raw()": ""}.get(text, [{"a": 1}])
            self.assertEqual(self.good(f"main <- function(input) {text}").value, value)

    def test_what_cannot_be_json(self):
        cases = {
            "list(items = list(1, list(price = Inf)))": "result.items[1].price: cannot be JSON: Inf",
            "c(1, -Inf)": "result[1]: cannot be JSON: -Inf",
            "data.frame(x = c(1, Inf))": "result[1].x: cannot be JSON: Inf",
            "list(f = mean)": "result.f: cannot be JSON: a function",
            "list(`a b` = globalenv())": 'result["a b"]: cannot be JSON: an environment; use as.list()',
            "y ~ x": "result: cannot be JSON: a formula; use deparse()",
            "1i": "result: cannot be JSON: a complex number; use Re() and Im(), or as.character()",
            "list(a = 1, 2)": "result: cannot be JSON: element 2 of the list has no name, others have",
            "list(a = 1, a = 2)": "result: cannot be JSON: the name 'a' comes twice",
            "'\\xff'": "result: cannot be JSON: a text that is not UTF-8; use iconv()",
            "{ x <- list(); for (i in 1:70) x <- list(x); x }": "result" + "[0]" * 60 + ": cannot be JSON: more than 60 levels",
            "{ setClass('P', representation(x = 'numeric')); new('P', x = 1) }": "result: cannot be JSON: an S4 object of class P",
            "{ x <- lapply(1:10, function(i) list(i = i, x = 1)); x[[7]]$x <- Inf; x }": "result[6].x: cannot be JSON: Inf",
            "array(1:8, c(2, 2, 2))": "result: cannot be JSON: an array of more than two dimensions; make it a list of matrices",
        }
        arms = ", ".join(cases)
        run = self.run_script(f"main <- function(row) switch(row, {arms})", mode="rows", on_row_error="continue",
                              given=list(range(1, len(cases) + 1)))
        told = re.findall(r"^Error: row \d+: (.*)$", run.stderr, re.M)
        self.assertEqual(told, list(cases.values()))
        self.assertEqual(run.reason, f"{len(cases)} of {len(cases)} rows failed; first: main.R: row 0: {told[0]}")
        run = self.bad("main.R: result[1]: cannot be JSON: -Inf", "main <- function(input) c(1, -Inf)")
        self.assertEqual(run.result, "")

    def test_numbers_keep_their_digits(self):
        run = self.good("set.seed(1)\nmain <- function(input) list(x = runif(2000) * 10^(-20:19), "
                        "y = sprintf('%.17g', { set.seed(1); runif(2000) * 10^(-20:19) }))")
        value = run.value
        self.assertEqual(value["x"], [float(text) for text in value["y"]])

    def test_speed(self):
        code = ("main <- function(input) { n <- 1e5; df <- data.frame("
                "id = seq_len(n), name = paste('name', seq_len(n)), price = 1.5, ok = TRUE)\n"
                "    bobbin$message(''); df }")
        started = time.monotonic()
        self.assertEqual(len(self.good(code).value), 100_000)
        self.assertLess(time.monotonic() - started, 20)


class VariableTests(HarnessTest):
    """A variable as the result, and results as CSV."""

    def test_a_variable_is_the_result(self):
        run = self.good("df <- data.frame(a = 1:2, b = c('x', 'y'))\ndf\n", call="script", result={"variable": "df"})
        self.assertEqual(run.value, [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
        self.assertIn("  a b\n1 1 x", run.stdout)

    def test_a_missing_one(self):
        run = self.run_script("total <- 1\n", call="script", result={"variable": "totl"})
        self.assertEqual(run.reason, "main.R: there is no variable 'totl' at the end; did you mean 'total'?")
        run = self.run_script("a <- 1; b <- 2\n", call="script", result={"variable": "frame"})
        self.assertEqual(run.reason, "main.R: there is no variable 'frame' at the end; there are: a, b")
        run = self.run_script("1\n", call="script", result={"variable": "frame"})
        self.assertEqual(run.reason, "main.R: there is no variable 'frame' at the end; there is none at all")

    def test_csv(self):
        for expression, text in {
            "data.frame(a = c(1.5, NA), `b c` = c('x,\"y\"', '\\n'), d = as.Date('2024-01-01'), e = TRUE, check.names = FALSE)":
                'a,b c,d,e\n1.5,"x,""y""",2024-01-01,true\n,"\n",2024-01-01,true\n',
            "list(list(a = 1), list(b = 'x', a = NULL), list(c = 1:2))": 'a,b,c\n1,,\n,x,\n,,"[1,2]"\n',
            "list(c(1, 2), list('x', NULL))": "1,2\nx,\n", "list()": "", "data.frame(a = integer(), b = integer())": "a,b\n",
            "data.frame(a = c('x', NA))": 'a\nx\n""\n', "matrix(1:4, 2, dimnames = list(NULL, c('p', 'q')))": "p,q\n1,3\n2,4\n",
        }.items():
            with self.subTest(expression):
                run = self.good(f"v <- {expression}", call="script", result={"variable": "v", "format": "csv"})
                self.assertEqual(run.result, text)
        self.bad("main.R: result: cannot be CSV: a result with 'format: csv' is a data frame, a list of named lists or "
                 "a list of vectors",
                 "main <- function(input) 5", result={"format": "csv"})
        self.bad("main.R: result[1].a: cannot be JSON: Inf", "main <- function(input) data.frame(a = c(1, Inf))",
                 result={"format": "csv"})


if __name__ == "__main__":
    unittest.main()
