"""Tags the rows of a table that mean the same contact.

Two rows are the same contact if one of the columns in `match` is equal in both after normalising, or if a third row
connects them. `tagged.csv` is the table with two more columns: `row`, the row's number from 1, and `duplicate_of`, the
number of the first row of its group (empty for that first row). `summary.json` counts and lists the groups.
"""

import csv
import json
import re
import sys


def text(value):
    return " ".join(value.split()).casefold()


def phone(value):
    """Digits only; `+` and a leading `00` both mean that a country code follows."""
    value = value.strip()
    digits = re.sub(r"\D", "", value)
    if value.startswith("+"):
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else digits


NORMALISE = {"text": text, "phone": phone}


class Groups:
    """Disjoint sets of row numbers; the smallest number stands for its set."""

    def __init__(self, count):
        self.parent = list(range(count))

    def first(self, row):
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row

    def join(self, one, other):
        one, other = self.first(one), self.first(other)
        self.parent[max(one, other)] = min(one, other)


def main():
    job = json.load(sys.stdin)
    with open(job["table"], newline="", encoding="utf-8") as table:
        reader = csv.DictReader(table)
        columns = reader.fieldnames or []
        rows = list(reader)
    missing = [column for column in job["match"] if column not in columns]
    if missing:
        sys.exit(f"{job['table']} has no column {', '.join(missing)}; it has {', '.join(columns)}")

    groups = Groups(len(rows))
    seen = {}
    for number, row in enumerate(rows):
        for column, kind in job["match"].items():
            key = NORMALISE[kind](row[column] or "")
            if key:
                groups.join(seen.setdefault((column, key), number), number)

    members = {}
    for number in range(len(rows)):
        members.setdefault(groups.first(number), []).append(number + 1)
    duplicates = [group for group in members.values() if len(group) > 1]

    with open("tagged.csv", "w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["row", *columns, "duplicate_of"])
        for number, row in enumerate(rows):
            first = groups.first(number)
            writer.writerow([number + 1, *(row[column] for column in columns), "" if first == number else first + 1])

    summary = {
        "table": job["table"],
        "rows": len(rows),
        "distinct": len(members),
        "duplicates": len(rows) - len(members),
        "groups": duplicates,
    }
    with open("summary.json", "w", encoding="utf-8") as file:
        json.dump(summary, file, indent=2)
        file.write("\n")
    print(f"{summary['rows']} rows, {summary['distinct']} distinct, {summary['duplicates']} duplicates")


main()
