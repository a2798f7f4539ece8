"""The R harness and helper, started as the sandbox starts them: `Rscript harness.R ENTRY ARGS...` in the bundle."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "Sources/Harnesses/Files"


class Run:
    """What a run left."""

    def __init__(self, code, stdout, stderr, result, events):
        self.code, self.stdout, self.stderr, self.result = code, stdout, stderr, result
        self.events = [json.loads(line) for line in events.splitlines()]

    @property
    def value(self):
        return json.loads(self.result)

    @property
    def reason(self):
        failures = [event["reason"] for event in self.events if event["type"] == "failure"]
        return failures[-1] if failures else None

    @property
    def rows(self):
        return [(event["total"], event["failed"]) for event in self.events if event["type"] == "rows"]

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]


@unittest.skipUnless(shutil.which("Rscript"), "R is not installed")
class Harness(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="bobbin-r-")
        self.bundle = Path(self.place.name) / "bundle"
        self.bundle.mkdir()
        self.addCleanup(self.place.cleanup)

    def write(self, name, text):
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_script(self, code, arguments=(), *, call="main", kind="json", given=None, env=None, entry="main.R", plain=False,
                   limit=None, fifo=False, **settings):
        """Runs `code` as the entry; `given` is the input, bytes or text as they are, anything else as JSON."""
        if code is not None:
            self.write(entry, code)
        outside = Path(self.place.name)
        result = outside / "result"
        result.write_bytes(b"")
        events = outside / "events"
        if events.exists():
            events.unlink()
        if given is not None:
            path = self.bundle / f"input.{kind}"
            if not isinstance(given, (str, bytes)):
                given = json.dumps(given)
            path.write_bytes(given if isinstance(given, bytes) else given.encode())
            settings["input"] = {"kind": kind, "path": str(path)}
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(outside), "TMPDIR": str(outside), "LANG": "C.UTF-8",
            "R_PROFILE_USER": str(FILES / "bobbin.R"), "BOBBIN_EVENTS": str(events), "BOBBIN_RESULT": str(result),
            "BOBBIN_HARNESS": json.dumps({"call": call, **settings}), **(env or {}),
        }
        environment = {name: value for name, value in environment.items() if value is not None}
        read = []
        if fifo:
            os.mkfifo(events)
            keep = os.open(events, os.O_RDWR)
            end = os.open(events, os.O_RDONLY)

            def drain():
                while data := os.read(end, 1 << 16):
                    read.append(data)

            reader = threading.Thread(target=drain)
            reader.start()
        else:
            events.write_bytes(b"")
        if plain:
            del environment["BOBBIN_HARNESS"]
        command = ["Rscript", *([] if plain else [FILES / "harness.R"]), entry, *arguments]
        done = subprocess.run(
            command, cwd=self.bundle, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=240,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None)
        if fifo:
            os.close(keep)
            reader.join()
            os.close(end)
            said = b"".join(read)
        else:
            said = events.read_bytes()
        return Run(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                   result.read_text(), said.decode())

    def good(self, code, *arguments, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.code, 0, run.stderr)
        self.assertIsNone(run.reason)
        return run

    def bad(self, reason, code, *arguments, exit_code=1, **more):
        run = self.run_script(code, *arguments, **more)
        self.assertEqual(run.code, exit_code, run.stderr)
        self.assertEqual(run.reason, reason)
        return run


class Main(Harness):
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
            "f <- function() warning('one')\nf()\nx <- 5\nx\ninvisible(3)\nw <- function() { warning('a'); warning('b'); message('m') }\n"
            "w()\ntry(log(-1))\nsetClass('P', representation(x = 'numeric')); new('P', x = 1)\noptions(warn = 1)\nf()\n"
            "suppressWarnings(f())\nprint(search())\n")
        plain = self.run_script(code, call="script", plain=True)
        run = self.good(code, call="script")
        self.assertEqual(run.stdout, plain.stdout)
        self.assertEqual(run.stderr, plain.stderr)

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

    def test_main_that_cannot_be_called(self):
        wanted = "; with 'call: main' the file defines main <- function(input)"
        self.bad("main.R: there is no 'main'" + wanted, "x <- 1")
        self.bad("main.R: there is no 'main'" + wanted, "")
        self.bad("main.R: 'main' is numeric, not a function" + wanted, "main <- 3")
        self.bad("main.R:2: 'main' takes no argument" + wanted, "x <- 1\nmain <- function() 1")
        self.bad("main.R:1: 'main' needs 2 arguments (a, b)" + wanted, "main <- function(a, b, c = 1) 1")

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
        run = self.bad("main.R:1: Error in main(input): x", "main <- function(input) { sink('out'); sink(file('m', 'w'), type = 'message'); stop('x') }")
        self.assertIn("Error in main(input) : x", run.stderr)

    def test_a_profile_of_the_bundles_own(self):
        self.write(".Rprofile", "from_profile <- 5\n")
        self.assertEqual(self.good("main <- function(input) from_profile").value, 5)

    def test_a_result_over_the_limit_ends_by_its_signal(self):
        run = self.run_script("main <- function(input) strrep('x', 1e6)", limit=100_000)
        self.assertEqual(run.code, -signal.SIGXFSZ)


class Input(Harness):
    ECHO = "main <- function(input) { str(input); input }"

    def seen(self, text, **more):
        """How R shows the input."""
        return self.good(self.ECHO, given=text, **more).stdout

    def test_simplification(self):
        cases = {
            '[{"a":1},{"a":2}]': "'data.frame':\t2 obs. of  1 variable:\n $ a: num  1 2\n",
            "[1,2.5,null]": " num [1:3] 1 2.5 NA\n",
            '["a",null]': ' chr [1:2] "a" NA\n',
            "[true,null]": " logi [1:2] TRUE NA\n",
            "[null,null]": " logi [1:2] NA NA\n",
            "[]": " list()\n",
            "{}": " Named list()\n",
            "null": " NULL\n",
            '[1,"a"]': 'List of 2\n $ : num 1\n $ : chr "a"\n',
            "[[1,2],[3]]": "List of 2\n $ : num [1:2] 1 2\n $ : num 3\n",
            '{"a":null,"b":[1]}': "List of 2\n $ a: NULL\n $ b: num 1\n",
            '[{"a":1,"b":"x"},{"b":null,"c":true}]':
                "'data.frame':\t2 obs. of  3 variables:\n $ a: num  1 NA\n $ b: chr  \"x\" NA\n $ c: logi  NA TRUE\n",
            '[{"a":[1]},{"a":2}]': "List of 2\n $ :List of 1\n  ..$ a: num 1\n $ :List of 1\n  ..$ a: num 2\n",
            "[{},{}]": "List of 2\n $ : Named list()\n $ : Named list()\n",
            '[{"a":1},{"a":"x"}]':
                "'data.frame':\t2 obs. of  1 variable:\n $ a:List of 2\n  ..$ : num 1\n  ..$ : chr \"x\"\n  ..- attr(*, \"class\")= chr \"AsIs\"\n",
            '{"a":1,"a":2}': "List of 1\n $ a: num 2\n",
            "12345678901234567890": " num 1.23e+19\n",
        }
        given = '{"boxed":[[]],' + ",".join(f'"k{i}":{text}' for i, text in enumerate(cases)) + "}"
        run = self.good("main <- function(input) for (x in unname(input[-1])) { str(x); cat('---\\n') }", given=given)
        for text, shown in zip(cases, run.stdout.split("---\n")):
            with self.subTest(text):
                self.assertEqual(shown, cases[text])
        # And as the whole input.
        self.assertEqual(self.seen('[{"a":1},{"a":2}]'), cases['[{"a":1},{"a":2}]'])
        self.assertEqual(self.seen("[1,2.5,null]"), cases["[1,2.5,null]"])

    def test_there_and_back(self):
        texts = (
            '{"a":{"b":[1,2,[3,[]]],"c":{}},"d":[{"x":1,"y":[{"z":"q"},{"z":null}]},{"x":2,"y":[]}]}',
            '["\\"\\\\/\\b\\f\\n\\r\\t","é😀","\\u00e9\\ud83d\\ude00","a\\\\u0041","\\\\\\"","\\u0041\\u0042x\\u0043"]',
            '{"a b":2,"ü\\n":3}', '[0,-1,1.5,1e-7,123456789012,0.1,1e300]', '[[true,false],[null,null]]',
            ' [ 1 ,\t2\n,\r3 ] ', '{"k" : [ { "a" : 1 , "b" : [ ] } , { "b":{"c":null} } ] }',
        )
        run = self.good("main <- function(input) input", given="[" + ",".join(texts) + "]")
        self.assertEqual(run.value, [json.loads(text) for text in texts])

    def test_random_values(self):
        import random

        random.seed(6)

        def value(depth):
            kind = random.randrange(8 if depth < 4 else 5)
            if kind == 0:
                return random.choice([True, False])
            if kind == 1:
                return random.choice([0, -5, 2.5, 1e10, 123456.789])
            if kind in (2, 3):
                return "".join(random.choice('ab"\\\n\u00e9\U0001f600{}[],: ') for _ in range(random.randrange(6)))
            if kind == 4:
                return None
            if kind in (5, 6):
                return {f"k{i}": value(depth + 1) for i in range(random.randrange(4))}
            # Vectors of one become scalars: that is R's way, and told in the document.
            return [value(depth + 1) for _ in range(random.choice([0, 2, 3, 5]))]

        def as_r(given):
            """What a data frame has filled in is null."""
            if isinstance(given, list):
                scalars = (str, int, float, bool, type(None))
                if given and all(isinstance(i, dict) and all(isinstance(v, scalars) for v in i.values()) for i in given):
                    keys = list(dict.fromkeys(key for i in given for key in i))
                    return [{key: i.get(key) for key in keys} for i in given]
                return [as_r(i) for i in given]
            return {key: as_r(i) for key, i in given.items()} if isinstance(given, dict) else given

        # 'boxed' keeps it from being simplified as a whole.
        values = [{"boxed": [], "v": value(0)} for _ in range(300)]
        run = self.good("main <- function(input) input", given=values)
        self.assertEqual(run.value, [as_r(i) for i in values])

    def test_bad_json(self):
        cases = {
            "": "empty, so it is not JSON", "[1,]": "not JSON: unexpected ]", '{"a":1,}': "not JSON: unexpected }",
            "[1 2]": "not JSON: unexpected 2", "[1": "not JSON: it ends too soon", "[NaN]": "not JSON near 'NaN]'",
            "[1]]": "not JSON: unexpected ]", '{"a" 1}': 'not JSON: unexpected "a"', "[01]": "not JSON: unexpected 1",
            "[1e400]": "the number 1e400 does not fit", '["\\u0000"]': "a text with \\u0000, which R cannot hold",
            '["\\x"]': "not JSON near '\"\\x\"]'", '{"a":1]': "not JSON: unexpected ]", "[1}": "not JSON: unexpected }",
            "1 2": "not JSON: unexpected 2", "{1:2}": "not JSON near ':2}'", "[[1],": "not JSON: it ends too soon",
        }
        # The reader alone, as the harness's second expression gives it.
        self.write("texts.json", json.dumps(list(cases)))
        run = self.good(
            f"json <- eval(parse('{FILES}/harness.R', n = 2)[[2]][[3]])\n"
            "for (text in json$decode(readLines('texts.json'))) cat(tryCatch({ json$decode(text); 'good' }, error = conditionMessage), '\\n', sep = '')",
            plain=True)
        self.assertEqual(run.stdout.splitlines(), list(cases.values()))
        self.bad("input.json:1: empty, so it is not JSON", self.ECHO, given="")
        self.bad("input.json:3: not JSON: unexpected ,", self.ECHO, given='{"a":\n1,\n,}')
        self.bad("input.json:2: not UTF-8", self.ECHO, given=b'["a",\n"\xff"]')
        self.bad("input.json:2: more than 512 levels", self.ECHO, given="\n" + "[" * 600 + "]" * 600)
        run = self.good("main <- function(input) nchar(input)", given=json.dumps("x" * 5_000_000 + "\n" * 1000))
        self.assertEqual(run.value, 5_001_000)

    def test_csv(self):
        text = '\ufeffid,name,"the price",ok,code\r\n1,Ann,2.5,TRUE,x\r\n2,"O""Neil, Zoë",,FALSE,\r\n\r\n3,"two\nlines"\r\n'
        self.assertEqual(
            self.good(self.ECHO, given=text, kind="csv").value,
            [{"id": 1, "name": "Ann", "the price": 2.5, "ok": True, "code": "x"},
             {"id": 2, "name": 'O"Neil, Zoë', "the price": None, "ok": False, "code": ""},
             {"id": 3, "name": "two\nlines", "the price": None, "ok": None, "code": None}])
        self.assertEqual(self.good("main <- function(input) list(names(input), nrow(input))", given="a,b\n", kind="csv").value, [["a", "b"], 0])
        self.assertEqual(self.good(self.ECHO, given="", kind="csv").value, [])
        self.assertIn("$ a: chr  \"x\" \"5\"", self.good(self.ECHO, given="a\nx\n5\n", kind="csv").stdout)

    def test_bad_csv(self):
        for text, reason in {
            "a,b\n1,2\n1,2,3\n": ":3: 3 fields, but the header has 2",
            'a,b\n1,"x\ny"\n"1"2,3\n': ":4: text behind a closing quote",
            'a\n1\n"x\n\n': ":3: a quote that is never closed",
            b"a\n1\n\xff\n": ":3: not UTF-8", b"a\n\0\n": ":2: a NUL byte", "a,a\n": ":1: the column 'a' comes twice",
        }.items():
            with self.subTest(text):
                self.bad("input.csv" + reason, self.ECHO, given=text, kind="csv")

    def test_json_lines(self):
        self.assertIn("'data.frame':\t2 obs.", self.seen('{"a":1}\n\n{"b":"x"}\n', kind="jsonl"))
        self.assertEqual(self.good(self.ECHO, given="\ufeff[1,2]\r\n\"é\"\n", kind="jsonl").value, [[1, 2], "é"])
        self.assertEqual(self.good(self.ECHO, given="", kind="jsonl").value, [])
        self.bad("input.jsonl:3: not JSON near 'x}'", self.ECHO, given='1\n\n{"a":x}\n', kind="jsonl")
        self.bad("input.jsonl:2: more than one value in a line", self.ECHO, given="1\n2 3\n", kind="jsonl")
        self.bad("input.jsonl:1: not JSON: it ends too soon", self.ECHO, given='{"a":\n1}\n', kind="jsonl")

    def test_no_such_file(self):
        run = self.run_script(self.ECHO, input={"kind": "json", "path": "/nowhere.json"})
        self.assertEqual(run.code, 1)
        self.assertIn("cannot be read", run.reason)


class Forms(Harness):
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
        run = self.run_script(f"main <- function(row) switch(row, {arms})", mode="rows", on_row_error="continue", given=list(range(1, len(cases) + 1)))
        told = re.findall(r"^Error: row \d+: (.*)$", run.stderr, re.M)
        self.assertEqual(told, list(cases.values()))
        self.assertEqual(run.reason, f"{len(cases)} of {len(cases)} rows failed; first: main.R: row 0: {told[0]}")
        run = self.bad("main.R: result[1]: cannot be JSON: -Inf", "main <- function(input) c(1, -Inf)")
        self.assertEqual(run.result, "")

    def test_numbers_keep_their_digits(self):
        run = self.good("set.seed(1)\nmain <- function(input) list(x = runif(2000) * 10^(-20:19), y = sprintf('%.17g', { set.seed(1); runif(2000) * 10^(-20:19) }))")
        value = run.value
        self.assertEqual(value["x"], [float(text) for text in value["y"]])

    def test_speed(self):
        code = ("main <- function(input) { n <- 1e5; df <- data.frame(id = seq_len(n), name = paste('name', seq_len(n)), price = 1.5, ok = TRUE)\n"
                "    bobbin$message(''); df }")
        started = time.monotonic()
        self.assertEqual(len(self.good(code).value), 100_000)
        self.assertLess(time.monotonic() - started, 20)


class Variable(Harness):
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
        self.bad("main.R: result: cannot be CSV: a result with 'format: csv' is a data frame, a list of named lists or a list of vectors",
                 "main <- function(input) 5", result={"format": "csv"})
        self.bad("main.R: result[1].a: cannot be JSON: Inf", "main <- function(input) data.frame(a = c(1, Inf))", result={"format": "csv"})


class Rows(Harness):
    def test_joined_in_order(self):
        run = self.good("main <- function(row) list(id = row$id, twice = row$n * 2)", mode="rows", given=[{"id": i, "n": i} for i in range(500)])
        self.assertEqual(run.value, [{"id": i, "twice": 2 * i} for i in range(500)])
        self.assertEqual(run.rows, [(500, 0)])

    def test_items_of_all_kinds(self):
        run = self.good("main <- function(row) if (is.list(row)) row$a else row", mode="rows", given=[{"a": 1}, 5, None, [1, 2], "x", {"b": 1}])
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
        run = self.bad("main.R:2: row 2: exit code 5", "main <- function(row) {\n    if (row == 2) quit(status = 5)\n    row\n}", mode="rows",
                       given=[0, 1, 2, 3], exit_code=5)
        self.assertEqual((run.value, run.rows), ([0, 1], [(3, 1)]))

    def test_as_csv(self):
        code = "main <- function(row) { r <- list(n = row, t = 'a\"b\nc'); if (row > 300) r$late <- 1; r }"
        run = self.good(code, mode="rows", given=list(range(500)), result={"format": "csv"})
        import csv
        import io

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
        self.bad("main.R: the last row of the result has no column 'id' for the checkpoint", "main <- function(input) list(list(a = 1))",
                 checkpoint={"column": "id"})
        self.bad("main.R: 'checkpoint: {column: id}' needs a data frame or a list of named lists as the result", "main <- function(input) 5",
                 checkpoint={"column": "id"})

    def test_connections_that_the_script_closes(self):
        text = "a\n" + "".join(f"{n}\n" for n in range(300_000))
        run = self.good("main <- function(row) { if (row$a == '5') closeAllConnections(); as.numeric(row$a) }", mode="rows", kind="csv", given=text)
        self.assertEqual(len(run.value), 300_000)

    @unittest.skipUnless(os.environ.get("BOBBIN_LONG"), "takes a minute; set BOBBIN_LONG=1")
    def test_a_million_rows_stay_small(self):
        text = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(1_000_000))
        code = "main <- function(row) {\n    if (row$id == '999999') cat(grep('VmHWM', readLines('/proc/self/status'), value = TRUE))\n    list(id = row$id)\n}"
        run = self.good(code, mode="rows", kind="csv", given=text)
        self.assertEqual(len(run.value), 1_000_000)
        self.assertLess(int(re.search(r"VmHWM:\s*(\d+) kB", run.stdout).group(1)), 150_000)


class Helper(Harness):
    def test_events(self):
        code = (
            "bobbin$log$trace('a'); bobbin$log$debug('n = ', 1:2); bobbin$log$info('é\\n\"'); bobbin$log$warn('w'); bobbin$log$warning('w2')\n"
            "bobbin$log$error(simpleError('e')); bobbin$progress(0.4, 'text'); bobbin$progress(2); bobbin$message('all ', 'done')\n"
            "bobbin$checkpoint(list(last = 17, d = as.Date('2024-01-01'))); bobbin$checkpoint(NULL)\n"
            "try(bobbin$progress(NaN), TRUE) -> failed; stopifnot(inherits(failed, 'try-error'))\n"
            "rm(list = ls()); str(bobbin$last_checkpoint())\n")
        for fifo in False, True:
            run = self.good(code, plain=True, fifo=fifo, env={"BOBBIN_CHECKPOINT": '{"last":[1,2],"t":"é"}'})
            self.assertEqual(run.events, [
                {"type": "log", "level": "trace", "message": "a"}, {"type": "log", "level": "debug", "message": "n = 12"},
                {"type": "log", "level": "info", "message": 'é\n"'}, {"type": "log", "level": "warn", "message": "w"},
                {"type": "log", "level": "warn", "message": "w2"}, {"type": "log", "level": "error", "message": "e"},
                {"type": "progress", "value": 0.4, "text": "text"}, {"type": "progress", "value": 1},
                {"type": "message", "text": "all done"}, {"type": "checkpoint", "value": {"last": 17, "d": "2024-01-01"}},
                {"type": "checkpoint", "value": None}])
            self.assertEqual(run.stdout, 'List of 2\n $ last: num [1:2] 1 2\n $ t   : chr "é"\n')
            self.assertEqual(run.stderr, "")

    def test_nothing_else_changes(self):
        code = "print(search()); print(ls(all.names = TRUE)); print(options()$keep.source); print(conflicts())"
        run = self.good(code, plain=True)
        bare = self.run_script(code, plain=True, env={"R_PROFILE_USER": None})
        words = re.compile(r'"[^"]*"|[A-Za-z]+')
        self.assertEqual([word for word in words.findall(run.stdout) if word != '"bobbin"'], words.findall(bare.stdout))

    def test_without_bobbin(self):
        for events in None, "/nowhere/at/all":
            run = self.good("bobbin$log$warn('w'); bobbin$progress(0.5); bobbin$message('m'); bobbin$checkpoint(1); print(bobbin$last_checkpoint())",
                            plain=True, env={"BOBBIN_EVENTS": events})
            self.assertEqual((run.stdout, run.stderr), ("NULL\n", "warn: w\n"))

    def test_a_fifo_that_nobody_reads(self):
        os.mkfifo(self.bundle / "f")
        run = self.good("bobbin$log$warn('w')", plain=True, env={"BOBBIN_EVENTS": str(self.bundle / "f")})
        self.assertEqual(run.stderr, "warn: w\n")

    def test_long_lines_are_cut(self):
        run = self.good("for (x in c('x', '\"', 'é', '\\n')) bobbin$log$info(strrep(x, 1e6)); bobbin$message(strrep('é', 1e5))", plain=True, fifo=True)
        self.assertEqual(len(run.events), 5)
        for event in run.events:
            text = event.get("message", event.get("text"))
            self.assertTrue(text.endswith(" [cut]"))
            self.assertGreater(len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()), 50_000)
        run = self.run_script("bobbin$checkpoint(strrep('x', 70000))", plain=True)
        self.assertIn("a checkpoint may have at most 65536 bytes as JSON", run.stderr)

    def test_each_line_is_one_write(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        trace = Path(self.place.name) / "trace"
        os.mkfifo(self.bundle / "f")
        keep = os.open(self.bundle / "f", os.O_RDWR)
        self.addCleanup(os.close, keep)
        self.write("main.R", "bobbin$log$info('one'); bobbin$log$info(strrep('y', 30000))\n")
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=write", "-s", "20", "Rscript", "main.R"], cwd=self.bundle, check=True,
                       env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "R_PROFILE_USER": str(FILES / "bobbin.R"), "BOBBIN_EVENTS": str(self.bundle / "f")})
        writes = [line for line in trace.read_text().splitlines() if '{\\"type\\"' in line or "yyyy" in line]
        self.assertEqual(len(writes), 2, writes)

    def test_closed_connections_and_children(self):
        run = self.good(
            "bobbin$log$info('1'); closeAllConnections(); f <- file('other', 'w'); bobbin$log$info('2'); close(f)\n"
            "invisible(parallel::mclapply(1:3, function(i) bobbin$log$info('child')))\nbobbin$log$info('3')", plain=True, fifo=True)
        self.assertEqual(sorted(event["message"] for event in run.events), ["1", "2", "3", "child", "child", "child"])
        self.assertEqual((self.bundle / "other").read_text(), "")

    def test_bytes_that_are_not_utf_8(self):
        run = self.good("bobbin$log$info('a\\xffb')", plain=True)
        self.assertEqual(run.events[0]["message"], "a\ufffdb")


if __name__ == "__main__":
    unittest.main()
