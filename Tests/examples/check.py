#!/usr/bin/env python3
"""check.py OUTBOX [NAME…]: judges the examples' results in an outbox directory without trusting the examples.

Everything is computed again from the bundles' inputs by another way than the example takes: pairwise comparison
instead of disjoint sets, integer cents instead of decimals, regular expressions instead of awk, Gauss-Newton instead
of R's nls. OUTBOX/NAME may be a result directory or a link to one. Without names every example is checked. Exit 1 on a mismatch.
"""

import csv
import gzip
import html
import json
import math
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Mismatch(Exception):
    pass


def equal(what, found, wanted):
    if found != wanted:
        raise Mismatch(f"{what}: found {found!r}, wanted {wanted!r}")


def close(what, found, wanted, tolerance):
    if not math.isclose(found, wanted, rel_tol=0, abs_tol=tolerance):
        raise Mismatch(f"{what}: found {found}, wanted {wanted} within {tolerance}")


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ended(result, state, code):
    equal("state", (result / "state").read_bytes(), f"{state}\n".encode())
    path = result / "exit_code"
    equal("exit_code", path.read_text() if path.exists() else None, None if code is None else f"{code}\n")
    status = result / "status.json"
    if status.exists():
        said = json.loads(status.read_text(encoding="utf-8"))
        equal("status.json state", said["state"], state)
        equal("status.json exit_code", said.get("exit_code"), code)


def hello(result):
    ended(result, "succeeded", 0)
    equal("stdout", (result / "stdout").read_text(), "Hello from hello.\n")
    equal("greeting.txt", (result / "files/greeting.txt").read_text(), "hello was here.\n")


def fails(result):
    ended(result, "failed", 3)
    equal("stderr", (result / "stderr").read_text(), "fails.sh: the third file is missing\n")
    equal("progress.txt", (result / "files/progress.txt").read_bytes(), (result / "stdout").read_bytes())


def slow(result):
    ended(result, "timed_out", None)
    parts = table(result / "files/parts.csv")
    equal("parts", [(row["part"], row["result"]) for row in parts], [("1", "1"), ("2", "4"), ("3", "9")])
    equal("lines of stdout", len((result / "stdout").read_text().splitlines()), 4)


def find_duplicates(result):
    ended(result, "succeeded", 0)
    rows = table(EXAMPLES / "find-duplicates/contacts.csv")

    def mail(row):
        return row["email"].strip().lower()

    def phone(row):
        only = re.sub(r"[^0-9+]", "", row["phone"])
        return re.sub(r"^00", "+", only)

    def same(one, other):
        return any(key(one) and key(one) == key(other) for key in (mail, phone))

    # The closure of "same", a breadth-first walk from every row that no earlier walk has reached.
    group = {}
    for start in range(len(rows)):
        edge = [] if start in group else [start]
        while edge:
            group.update((row, start) for row in edge)
            edge = [
                row for row in range(len(rows))
                if row not in group and any(same(rows[row], rows[member]) for member in edge)
            ]
    groups = {}
    for row, first in sorted(group.items()):
        groups.setdefault(first, []).append(row + 1)

    tagged = table(result / "files/tagged.csv")
    equal("rows of tagged.csv", len(tagged), len(rows))
    for number, (found, row) in enumerate(zip(tagged, rows)):
        equal(f"row {number + 1}", {column: found[column] for column in row}, row)
        equal(f"number of row {number + 1}", found["row"], str(number + 1))
        first = group[number]
        equal(f"duplicate_of in row {number + 1}", found["duplicate_of"], "" if first == number else str(first + 1))
    summary = json.loads((result / "files/summary.json").read_text(encoding="utf-8"))
    equal("groups", summary["groups"], [members for members in groups.values() if len(members) > 1])
    equal("distinct", summary["distinct"], len(groups))
    equal("duplicates", summary["duplicates"], len(rows) - len(groups))
    equal("input stays out", (result / "files/contacts.csv").exists() and (result / "status.json").exists(), False)


def monthly_report(result):
    ended(result, "succeeded", 0)
    cents = Counter()
    for line in (EXAMPLES / "monthly-report/sales.csv").read_text().splitlines()[1:]:
        date, region, _, quantity, price = line.split(",")
        whole, part = price.split(".")
        amount = int(quantity) * (int(whole) * 100 + int(part))
        for month in (date[:7], "total"):
            cents[month, region] += amount
            cents[month, "total"] += amount

    totals = table(result / "files/totals.csv")
    equal("months", [row["month"] for row in totals], sorted({month for month, _ in cents}))
    for row in totals:
        for column in row.keys() - {"month"}:
            found = round(float(row[column]) * 100)
            equal(f"{row['month']} {column}", found, cents[row["month"], column])

    chart = ElementTree.parse(result / "files/chart.svg").getroot()
    bars = [bar for bar in chart.iter("{http://www.w3.org/2000/svg}rect") if bar.get("class") == "month"]
    sums = [cents[row["month"], "total"] for row in totals if row["month"] != "total"]
    equal("bars", len(bars), len(sums))
    tallest = max(float(bar.get("height")) for bar in bars)
    for bar, value in zip(bars, sums):
        close("a bar's height", float(bar.get("height")) / tallest, value / max(sums), 0.001)


def log_digest(result):
    ended(result, "succeeded", 0)
    entry = re.compile(r'(\S+) \S+ \S+ \[([^ ]+) [^]]*\] "(\S+) ([^ ?]+)\S* [^"]*" (\d+) (\d+|-) ')
    requests = []
    for name in sorted((EXAMPLES / "log-digest").glob("access.log*.gz")):
        with gzip.open(name, "rt", encoding="utf-8") as file:
            requests += [entry.match(line).groups() for line in file]

    sent, status, clients, hours = Counter(), Counter(), Counter(), Counter()
    for client, time, _, path, code, size in requests:
        sent[path] += 0 if size == "-" else int(size)
        status[code] += 1
        clients[client] += 1
        if code.startswith("5"):
            hours[time[:14]] += 1

    digest = (result / "files/digest.txt").read_text()
    equal("first line", digest.splitlines()[0], f"requests: {len(requests)}")
    sections = {
        part.splitlines()[0]: [line.split() for line in part.splitlines()[1:]] for part in digest.split("\n\n")[1:]
    }

    def ranked(counter):
        return [[str(count), key] for key, count in sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:10]]

    equal("by status", sections["by status"], [[str(count), code] for code, count in sorted(status.items())])
    found = [[row[0], row[2]] for row in sections["by bytes sent, the first 10 paths"]]
    equal("by bytes", found, ranked(sent))
    equal("by requests", sections["by requests, the first 10 clients"], ranked(clients))
    equal("errors by hour", sections["server errors by hour"], [[str(n), hour] for hour, n in sorted(hours.items())])

    with gzip.open(result / "files/requests.tsv.gz", "rt", encoding="utf-8") as file:
        lines = Counter(tuple(line.rstrip("\n").split("\t")) for line in file)
    wanted = Counter(
        (time, client, method, path, code, "0" if size == "-" else size)
        for client, time, method, path, code, size in requests
    )
    equal("requests.tsv.gz", lines, wanted)


def solve(matrix, right):
    """Gaussian elimination with pivoting; small systems."""
    size = len(right)
    rows = [[*matrix[i], right[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(size):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def fit(points):
    """Gauss-Newton for K / (1 + exp((t - x) / s)): estimates and standard errors."""
    top, middle, scale = max(y for _, y in points), points[len(points) // 2][0], 1.0
    for _ in range(200):
        gradients, rest = [], []
        for x, y in points:
            power = math.exp((middle - x) / scale)
            share = 1 / (1 + power)
            slope = top * power * share * share / scale
            gradients.append((share, -slope, slope * (middle - x) / scale))
            rest.append(y - top * share)
        normal = [[sum(g[i] * g[j] for g in gradients) for j in range(3)] for i in range(3)]
        step = solve(normal, [sum(g[i] * r for g, r in zip(gradients, rest)) for i in range(3)])
        top, middle, scale = top + step[0], middle + step[1], scale + step[2]
        if max(map(abs, step)) < 1e-12:
            break
    variance = sum(r * r for r in rest) / (len(points) - 3)
    unit = [[float(i == j) for j in range(3)] for i in range(3)]
    errors = [math.sqrt(variance * solve(normal, unit[i])[i]) for i in range(3)]
    return (top, middle, scale), errors


def growth_curve(result):
    ended(result, "succeeded", 0)
    points = [(float(row["hours"]), float(row["od600"])) for row in table(EXAMPLES / "growth-curve/growth.csv")]
    (top, middle, scale), errors = fit(points)
    found = {row["parameter"]: row for row in table(result / "files/parameters.csv")}
    wanted = {"K": top, "t_mid": middle, "scale": scale, "rate": 1 / scale, "doubling_time": math.log(2) * scale}
    equal("parameters", list(found), list(wanted))
    for name, value in wanted.items():
        close(name, float(found[name]["estimate"]), value, 0.00051)
    for name, value in zip(("K", "t_mid", "scale"), errors):
        close(f"std_error of {name}", float(found[name]["std_error"]), value, 0.00051)
    fitted = table(result / "files/fitted.csv")
    equal("rows of fitted.csv", len(fitted), len(points))
    for row, (x, _) in zip(fitted, points):
        close(f"fitted at {x}", float(row["fitted"]), top / (1 + math.exp((middle - x) / scale)), 0.00051)
    picture = (result / "files/growth.pdf").read_bytes()
    equal("growth.pdf", (picture[:5], picture.rstrip()[-5:]), (b"%PDF-", b"%%EOF"))


def loan_plan(result):
    ended(result, "succeeded", 0)
    plan = json.loads((result / "result.json").read_text(encoding="utf-8"))
    # In whole cents; the annuity by bisection instead of its formula.
    amount, rate, months = 1200000, 0.045 / 12, 6

    def rest(payment):
        left = float(amount)
        for _ in range(months):
            left += left * rate - payment
        return left

    low, high = 0.0, float(amount)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rest(middle) > 0 else (low, middle)
    payment = math.floor(high + 0.5)
    equal("payment", plan["payment"], f"{payment // 100}.{payment % 100:02}")
    left, paid = amount, 0
    for month, row in enumerate(plan["plan"], 1):
        interest = (left * 45 * 2 + 12000) // 24000
        part = payment if month < months else left + interest
        left, paid = left + interest - part, paid + part
        wanted = {"month": month} | {
            key: f"{value // 100}.{value % 100:02}"
            for key, value in (("payment", part), ("interest", interest), ("left", left))
        }
        equal(f"month {month}", row, wanted)
    equal("total", plan["total"], f"{paid // 100}.{paid % 100:02}")


def new_orders(result):
    ended(result, "succeeded", 0)
    orders = json.loads((EXAMPLES / "new-orders/orders.json").read_text(encoding="utf-8"))
    wanted = []
    for order in orders:
        cents = sum(int(line["price"].replace(".", "")) * line["pieces"] for line in order["lines"])
        total = f"{cents // 100}.{cents % 100:02}"
        wanted.append({"id": order["id"], "customer": order["customer"], "total": total})
    equal("orders", json.loads((result / "result.json").read_text(encoding="utf-8")), wanted)
    equal("checkpoint", json.loads((result / "status.json").read_text(encoding="utf-8"))["checkpoint"], orders[-1]["id"])


def station_rows(result):
    ended(result, "succeeded", 0)
    readings = table(EXAMPLES / "station-rows/readings.csv")
    rows = table(result / "result.csv")
    equal("rows", [(row["station"], row["taken"]) for row in rows], [(row["station"], row["taken"]) for row in readings])

    def pressure(celsius):
        return 6.112 * math.exp(17.62 * celsius / (243.12 + celsius))

    for row, reading in zip(rows, readings):
        close("celsius", float(row["celsius"]) * 9 / 5 + 32, float(reading["fahrenheit"]), 0.1)
        # At the dew point the air holds what it holds now.
        celsius = (float(reading["fahrenheit"]) - 32) * 5 / 9
        held = pressure(celsius) * int(reading["humidity"]) / 100
        close("dew point", pressure(float(row["dew_point"])), held, held * 0.01)


def dose_summary(result):
    ended(result, "succeeded", 0)
    doses = {}
    for row in table(EXAMPLES / "dose-summary/doses.csv"):
        doses.setdefault(row["group"], []).append(float(row["dose"]))
    rows = table(result / "result.csv")
    equal("groups", [row["group"] for row in rows], list(doses))
    for row in rows:
        values = doses[row["group"]]
        equal("n", int(row["n"]), len(values))
        close("mean", float(row["mean"]), sum(values) / len(values), 0.00051)
        pairs = sum((a - b) ** 2 for a in values for b in values)
        close("sd", float(row["sd"]), math.sqrt(pairs / (2 * len(values) * (len(values) - 1))), 0.00051)


def word_counts(result):
    ended(result, "succeeded", 0)
    text = "The quick brown fox. The lazy dog! The end?"
    counts = Counter(re.sub(r"[^a-z ]", "", text.lower()).split())
    wanted = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
    found = json.loads((result / "result.json").read_text(encoding="utf-8"))
    equal("words", [(row["word"], row["count"]) for row in found], wanted)


def primes(result):
    ended(result, "succeeded", 0)
    wanted = [n for n in range(2, 50) if all(n % d for d in range(2, n))]
    equal("primes", json.loads((result / "result.json").read_text(encoding="utf-8")), wanted)


def json_to_table(result):
    ended(result, "succeeded", 0)
    orders = json.loads((EXAMPLES / "json-to-table/orders.json").read_text(encoding="utf-8"))

    def lookup(order, column):
        value = order
        for key in column.split("."):
            value = value.get(key, "")
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, bool):
            return str(value).lower()
        return format(value, "g") if isinstance(value, float) else str(value)

    wanted = {"id", "placed", "customer.name", "customer.country", "customer.vat_id", "total", "paid", "note", "tags"}
    markdown = (result / "files/table.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.replace("\\|", "|") for cell in re.split(r"(?<!\\) \| ", line[2:-2])] for line in markdown]
    web = (result / "files/table.html").read_text(encoding="utf-8")
    lines = [
        [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)]
        for line in re.findall(r"<tr>(.*?)</tr>", web)
    ]
    for name, header, body in (("table.md", cells[0], cells[2:]), ("table.html", lines[0], lines[1:])):
        equal(f"columns of {name}", set(header), wanted)
        equal(f"rows of {name}", body, [[lookup(order, column) for column in header] for order in orders])


CHECKS = {
    "hello": hello,
    "fails": fails,
    "slow": slow,
    "find-duplicates": find_duplicates,
    "monthly-report": monthly_report,
    "log-digest": log_digest,
    "growth-curve": growth_curve,
    "json-to-table": json_to_table,
    "loan-plan": loan_plan,
    "new-orders": new_orders,
    "station-rows": station_rows,
    "dose-summary": dose_summary,
    "word-counts": word_counts,
    "primes": primes,
}


def main():
    if len(sys.argv) < 2 or any(name not in CHECKS for name in sys.argv[2:]):
        sys.exit(f"usage: check.py OUTBOX [{' '.join(CHECKS)}]")
    outbox, wrong = Path(sys.argv[1]), 0
    for name in sys.argv[2:] or CHECKS:
        try:
            CHECKS[name](outbox / name)
            print(f"ok: {name}, computed another way")
        except (Mismatch, OSError, ValueError, LookupError, AttributeError, ElementTree.ParseError) as error:
            wrong += 1
            print(f"MISMATCH: {name}: {error}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
