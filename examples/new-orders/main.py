from decimal import Decimal

items = []
for order in INPUT_DATA:
    if DATA_CHECKPOINT is not None and order["id"] <= DATA_CHECKPOINT:
        continue
    if not order["lines"]:
        log.warn("order %d has no lines", order["id"])
    total = sum((Decimal(line["price"]) * line["pieces"] for line in order["lines"]), Decimal("0.00"))
    items.append({"id": order["id"], "customer": order["customer"], "total": total})
log.info("%d new orders", len(items))
return items
