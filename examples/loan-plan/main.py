"""A loan that is paid back in equal parts: what is interest and what is left, month by month, to the cent."""

from decimal import ROUND_HALF_UP, Decimal

import bobbin

CENT = Decimal("0.01")


def cents(value):
    return value.quantize(CENT, ROUND_HALF_UP)


def main(input):
    left = Decimal(input["amount"])
    months = input["months"]
    rate = Decimal(input["rate"]) / 1200
    growth = (1 + rate) ** months
    payment = cents(left * rate * growth / (growth - 1))
    plan = []
    for month in range(1, months + 1):
        interest = cents(left * rate)
        # The last payment is what is left.
        paid = payment if month < months else left + interest
        left += interest - paid
        plan.append({"month": month, "payment": paid, "interest": interest, "left": left})
        bobbin.progress(month / months, f"month {month}")
    total = sum(row["payment"] for row in plan)
    bobbin.message(f"{months} payments, {total} in all")
    return {"payment": payment, "total": total, "plan": plan}
