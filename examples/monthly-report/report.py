"""Sums a year's sales by month and region and draws them: sales.csv -> totals.csv and chart.svg.

Only the standard library. Money is decimal, never binary floating point. Returned goods have a negative quantity.
"""

import argparse
import csv
from collections import defaultdict
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 360, 70, 40, 30


def read(path):
    """Turnover by (month, region)."""
    totals = defaultdict(Decimal)
    with open(path, newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            amount = int(row["quantity"]) * Decimal(row["unit_price"])
            totals[row["date"][:7], row["region"]] += amount
    return totals


def write_totals(path, months, regions, totals):
    with open(path, "w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["month", *regions, "total"])
        for month in months:
            cells = [totals[month, region] for region in regions]
            writer.writerow([month, *(f"{cell:.2f}" for cell in cells), f"{sum(cells):.2f}"])
        sums = [sum(totals[month, region] for month in months) for region in regions]
        writer.writerow(["total", *(f"{cell:.2f}" for cell in sums), f"{sum(sums):.2f}"])


def chart(months, sums, title):
    """One bar a month; the height of a bar is its share of the greatest month."""
    top = max(sums)
    plot = HEIGHT - TOP - BOTTOM
    step = (WIDTH - LEFT) / len(months)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        ' font-family="sans-serif" font-size="11">',
        f'<text x="{WIDTH / 2:.0f}" y="18" text-anchor="middle" font-size="14">{escape(title)}</text>',
    ]
    for quarter in range(5):
        value = top * quarter / 4
        y = HEIGHT - BOTTOM - plot * quarter / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.0f}</text>')
    for index, (month, value) in enumerate(zip(months, sums)):
        height = float(max(value, Decimal(0)) / top) * plot
        x = LEFT + index * step + step * 0.15
        parts.append(
            f'<rect class="month" x="{x:.1f}" y="{HEIGHT - BOTTOM - height:.1f}" width="{step * 0.7:.1f}"'
            f' height="{height:.1f}" fill="#4477aa"><title>{month}: {value:.2f}</title></rect>'
        )
        parts.append(f'<text x="{x + step * 0.35:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{month}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table")
    parser.add_argument("--currency", default="EUR")
    options = parser.parse_args()

    totals = read(options.table)
    months = sorted({month for month, _ in totals})
    regions = sorted({region for _, region in totals})
    sums = [sum(totals[month, region] for region in regions) for month in months]

    write_totals("totals.csv", months, regions, totals)
    title = f"Sales by month, {months[0]} to {months[-1]}, {options.currency}"
    with open("chart.svg", "w", encoding="utf-8") as file:
        file.write(chart(months, sums, title))

    best = max(zip(sums, months))
    print(f"{len(months)} months, {len(regions)} regions, {sum(sums):.2f} {options.currency}")
    print(f"best month: {best[1]} with {best[0]:.2f} {options.currency}")


main()
