"""The ends of R scripts: what errors say, quitting, and what a script breaks in the process it shares."""

import signal
import unittest

from r_bundle import HarnessTest


class EndTests(HarnessTest):
    def test_an_error_is_told_as_by_rscript(self):
        body = (
            "f <- function(x) {\n    warning('careful')\n    if (x > 1)\n        stop('too big: ', x)\n    x\n}\n"
            "g <- function(x) f(x)\nmain <- function(input) {\n    g(input)\n}\n")
        plain = self.run_script(body + "main(2)\n", plain=True)
        run = self.bad("main.R:4: Error in f(x): too big: 2", body, given=2)
        self.assertEqual(run.stderr, plain.stderr.replace("main(2)", "main(input)"))
        self.assertIn("Calls: main -> g -> f", run.stderr)
        self.assertEqual(run.result, "")

    def test_where_an_error_is(self):
        for line, code in {
            "main.R:3: Error in 1 + \"a\": non-numeric argument to binary operator":
                "main <- function(input) {\n    x <- 1\n    1 + \"a\"\n}\n",
            "main.R:2: Error: by hand": "main <- function(input)\n    stop('by hand', call. = FALSE)\n",
            "main.R:1: Error in main(input): one line": "main <- function(input) stop('one line')\n",
            "main.R:5: Error in if (x) 1: argument is of length zero":
                "main <- function(input) {\n    x <- NULL\n    sapply(1:2, function(i) {\n        i\n        if (x) 1\n    })\n}\n",
            "main.R:2: Error: at the top": "x <- 1\nstop('at the top')\n",
            "main.R:2: Error in get(\"no\"): object 'no' not found": "x <- 1\ny <- get(\"no\")\n",
            "lib/more.R:2: Error in helper(): in there": "source('lib/more.R')\nmain <- function(input) helper()\n",
            "main.R:1: Error in lm.fit(matrix(1, 2, 1), 1:3): incompatible dimensions":
                "main <- function(input) lm.fit(matrix(1, 2, 1), 1:3)\n",
        }.items():
            with self.subTest(line):
                self.write("lib/more.R", "helper <- function() {\n    stop('in there')\n}\n")
                self.bad(line, code)

    def test_an_error_that_is_caught_is_none(self):
        run = self.good(
            "main <- function(input) { a <- tryCatch(stop('x'), error = function(e) 'caught'); b <- try(log('x'), TRUE);\n"
            "    c(a, class(b)) }")
        self.assertEqual(run.value, ["caught", "try-error"])

    def test_conditions_of_all_kinds(self):
        run = self.run_script("main <- function(input) stop(structure(class = c('odd', 'error', 'condition'),\n"
                              "    list(message = 'a\\nb', call = NULL)))")
        self.assertEqual(run.reason, "main.R:1: Error: a b")
        run = self.run_script("f <- function(n) f(n + 1)\nmain <- function(input) f(1)")
        self.assertEqual(run.code, 1)
        self.assertRegex(run.reason, r"^main\.R(:\d)?: Error.*(nested too deeply|C stack|recursi)")
        run = self.run_script("main <- function(input) rep(1, 1e15)")
        self.assertRegex(run.reason, r"^main\.R:1: Error.*(cannot allocate|invalid)")
        run = self.run_script("main <- function(input) stop(strrep('long ', 1000))")
        self.assertEqual(len(run.reason), 500)

    def test_the_scripts_own_error_option(self):
        run = self.run_script("options(error = quote({ cat('mine\\n'); quit(status = 7) }))\nmain <- function(input) stop('x')")
        self.assertEqual((run.code, run.stdout), (7, "mine\n"))

    def test_quit(self):
        self.bad("main.R:2: exit code 3", "main <- function(input) {\n    quit(status = 3)\n}", exit_code=3)
        self.bad("main.R:1: exit code 4", "q('no', 4)", exit_code=4, call="script")
        run = self.good("main <- function(input) quit(status = 0)")
        self.assertEqual(run.result, "")

    def test_a_forked_child_says_nothing_of_the_run(self):
        self.good("main <- function(input) { p <- parallel::mcparallel(quit(status = 3)); parallel::mccollect(p); 1 }")

    def test_syntax_errors(self):
        self.bad("main.R:2: syntax error: unexpected symbol", "x <- 1\ny <- a b\nmain <- function(input) 1\n")
        self.bad("main.R:1: syntax error: unexpected end of input", "main <- function(input) {")
        self.bad("main.R:2: not UTF-8", b"x <- 1\ny <- '\xff'\n")
        self.bad("main.R:2: a NUL byte", b"x <- 1\n\0\n")
        self.assertEqual(self.good("\ufeffmain <- function(input) {\r\n    'é'\r\n}\r\n").value, "é")

    def test_hostile_scripts(self):
        for code in (
            "c <- list <- paste0 <- vapply <- function(...) stop('mine')\nmain <- function(input) base::list(a = 1)",
            "T <- FALSE; F <- TRUE; rm(list = ls()); main <- function(input) list(a = 1)",
            "main <- function(input) { closeAllConnections(); list(a = 1) }",
            "main <- function(input) { sink('elsewhere'); list(a = 1) }",
            "main <- function(input) { setwd('/'); list(a = 1) }",
            "main <- function(input) { options(OutDec = ',', scipen = -10, digits = 3); list(a = 1) }",
            "main <- function(input) { Sys.unsetenv(c('BOBBIN_RESULT', 'BOBBIN_EVENTS')); list(a = 1) }",
            "length.odd <- function(x) stop('no'); names.odd <- length.odd; format.odd <- length.odd\n"
            "main <- function(input) structure(list(a = structure(1, class = 'odd')), class = 'odd')",
            "bobbin <- NULL\nmain <- function(input) { detach('bobbin'); list(a = 1) }",
        ):
            with self.subTest(code):
                self.assertEqual(self.good(code).value, {"a": 1})
        self.bad("main.R:1: Error in main(input): x", "main <- function(input) { closeAllConnections(); stop('x') }")
        run = self.bad("main.R:1: Error in main(input): x", "main <- function(input) { sink('out'); "
                       "sink(file('m', 'w'), type = 'message'); stop('x') }")
        self.assertIn("Error in main(input) : x", run.stderr)

    def test_a_result_over_the_limit_ends_by_its_signal(self):
        run = self.run_script("main <- function(input) strrep('x', 1e6)", limit=100_000)
        self.assertEqual(run.code, -signal.SIGXFSZ)


if __name__ == "__main__":
    unittest.main()
