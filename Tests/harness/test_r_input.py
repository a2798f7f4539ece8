"""The input of R scripts: what JSON, CSV and JSON lines become in R, and what is none of them."""

import json
import random
import unittest

from r_bundle import FILES, HarnessTest


class InputTests(HarnessTest):
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
                "'data.frame':\t2 obs. of  1 variable:\n $ a:List of 2\n  ..$ : num 1\n  ..$ : chr \"x\"\n"
                "  ..- attr(*, \"class\")= chr \"AsIs\"\n",
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
            "for (text in json$decode(readLines('texts.json')))"
            " cat(tryCatch({ json$decode(text); 'good' }, error = conditionMessage), '\\n', sep = '')",
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
        run = self.good("main <- function(input) list(names(input), nrow(input))", given="a,b\n", kind="csv")
        self.assertEqual(run.value, [["a", "b"], 0])
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


if __name__ == "__main__":
    unittest.main()
