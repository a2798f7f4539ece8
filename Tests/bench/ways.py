"""What each way of calling a Python script costs, beside the interpreter alone."""

import statistics
import subprocess
import time

from spool import SHORT, Spool

ROUNDS = 8 if SHORT else 40
ITEMS = 100_000
PYTHON = "/usr/bin/python3"

HELLO = {
    "script": {"main.py": b"print('hello')\n"},
    "main": {"manifest.yaml": b"call: main\n", "main.py": b"def main(input):\n    return 'hello'\n"},
    "statement": {"manifest.yaml": b"call: statement\n", "main.py": b"return [{'hello': 1}]\n"},
}

CALLED = b"""def main(input):
    return %s
"""
ONE = "{'id': int(%s['id']), 'price': round(float(%s['price']) * 1.19, 2)}"
PLAIN = f"""import csv, json, sys
def main(row):
    return {ONE % ("row", "row")}
with open(sys.argv[1], newline="") as file, open("/dev/null", "w") as out:
    json.dump([main(row) for row in csv.DictReader(file)], out)
"""


def _seconds(command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def hello(rows):
    """Rename into the inbox → result visible, each way in turn with the bare interpreter."""
    took = {}
    with Spool(slots=1) as spool:
        spool.start()
        spool.drop_bundle_and_wait("warm-up", HELLO["main"])
        for number in range(ROUNDS):
            bare = _seconds([PYTHON, "-c", "print('hello')"])
            took.setdefault("bare", []).append(1000 * bare)
            for way, files in HELLO.items():
                seconds, _ = spool.drop_bundle_and_wait(f"{way}-{number}", files)
                took.setdefault(way, []).append(1000 * seconds)
    medians = {way: statistics.median(found) for way, found in took.items()}
    rows.title(f"hello in Python on an idle daemon, rename → result visible; medians of {ROUNDS}, in turn")
    rows.figure("python3 -c alone", f"{medians['bare']:.1f} ms")
    for way in HELLO:
        rows.figure(f"{way} : python3 -c", f"{medians[way]:.1f} ms, {medians[way] / medians['bare']:.2f} ×")


def rows_a_second(rows):
    """A CSV file through `main`, one call for each row and one for all, beside the same loop in a plain script."""
    table = b"id,price\n" + b"".join(b"%d,%d.5\n" % (number, number % 100) for number in range(ITEMS))
    files = {
        "rows": CALLED % (ONE % ("input", "input")).encode(),
        "bulk": CALLED % f"[{ONE % ('row', 'row')} for row in input]".encode(),
    }
    took = {}
    with Spool(slots=1) as spool:
        spool.start()
        path = spool.work / "table.csv"
        path.write_bytes(table)
        for number in range(1 if SHORT else 5):
            took.setdefault("plain", []).append(_seconds([PYTHON, "-c", PLAIN, str(path)]))
            for mode, script in files.items():
                manifest = f"call: main\nmode: {mode}\ninput: {{file: table.csv}}\n".encode()
                bundle = {"manifest.yaml": manifest, "main.py": script, "table.csv": table}
                _, status = spool.drop_bundle_and_wait(f"{mode}-{number}", bundle)
                took.setdefault(mode, []).append(status["wall_seconds"])
    rates = {name: ITEMS / statistics.median(found) for name, found in took.items()}
    rows.title(f"{ITEMS} rows of a CSV file through a function in Python; median of {len(took['plain'])}")
    rows.figure("a plain script's loop", f"{rates['plain']:.0f} rows/s")
    for mode in files:
        rows.figure(f"mode: {mode} : the plain loop", f"{rates[mode]:.0f} rows/s, {rates[mode] / rates['plain']:.2f} ×")
