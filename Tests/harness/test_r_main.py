"""The main of R scripts: how it is found and called, what the script sees, and what is printed."""

import unittest

from r_bundle import HarnessTest


class MainTests(HarnessTest):
    def test_returns_its_value(self):
        run = self.good("main <- function(input) list(twice = input$n * 2, who = input$who)", given={"n": 21, "who": "Zoë"})
        self.assertEqual(run.result, '{"twice":42,"who":"Zoë"}\n')

    def test_without_input_it_is_null(self):
        self.assertEqual(self.good("main <- function(input) is.null(input)").value, True)

    def test_null_is_a_result(self):
        self.assertEqual(self.good("main <- function(input) NULL").result, "null\n")
        self.assertEqual(self.good("main <- function(input) invisible(7)").result, "7\n")

    def test_the_name_of_its_parameter_is_free(self):
        self.assertEqual(self.good("main <- function(x, more = 1, ...) x + more", given=1).value, 2)
        self.assertEqual(self.good("main <- function(...) ..1", given=3).value, 3)

    def test_what_the_script_sees(self):
        run = self.good(
            "main <- function(input) list(commandArgs(TRUE), base::commandArgs(TRUE), interactive(), ls(globalenv()),\n"
            "    Sys.getenv('BOBBIN_HARNESS', 'none'), grep('^--file', commandArgs(), value = TRUE), basename(getwd()))",
            ["a b", "-x"])
        self.assertEqual(run.value, [["a b", "-x"], ["a b", "-x"], False, "main", "none", "--file=main.R", "bundle"])
        self.assertEqual(self.good("main <- function(input) commandArgs(TRUE)").value, [])
        odd = ["", "-e", "1", "--version", "--args", "ü", "-g", "x y'\""]
        self.assertEqual(self.good("main <- function(input) commandArgs(TRUE)", odd, entry="a b ü.R").value, odd)

    def test_top_level_is_printed_as_by_rscript(self):
        code = (
            "f <- function() warning('one')\nf()\nx <- 5\nx\ninvisible(3)\n"
            "w <- function() { warning('a'); warning('b'); message('m') }\n"
            "w()\ntry(log(-1))\nsetClass('P', representation(x = 'numeric')); new('P', x = 1)\noptions(warn = 1)\nf()\n"
            "suppressWarnings(f())\nprint(search())\n")
        plain = self.run_script(code, call="script", plain=True)
        run = self.good(code, call="script")
        self.assertEqual(run.stdout, plain.stdout)
        self.assertEqual(run.stderr, plain.stderr)

    def test_main_that_cannot_be_called(self):
        wanted = "; with 'call: main' the file defines main <- function(input)"
        self.bad("main.R: there is no 'main'" + wanted, "x <- 1")
        self.bad("main.R: there is no 'main'" + wanted, "")
        self.bad("main.R: 'main' is numeric, not a function" + wanted, "main <- 3")
        self.bad("main.R:2: 'main' takes no argument" + wanted, "x <- 1\nmain <- function() 1")
        self.bad("main.R:1: 'main' needs 2 arguments (a, b)" + wanted, "main <- function(a, b, c = 1) 1")

    def test_a_profile_of_the_bundles_own(self):
        self.write(".Rprofile", "from_profile <- 5\n")
        self.assertEqual(self.good("main <- function(input) from_profile").value, 5)


if __name__ == "__main__":
    unittest.main()
