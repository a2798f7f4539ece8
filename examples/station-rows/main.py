"""A reading in other units, with the dew point by the Magnus formula."""

from math import log


def main(row):
    celsius = (float(row["fahrenheit"]) - 32) / 1.8
    share = log(int(row["humidity"]) / 100) + 17.62 * celsius / (243.12 + celsius)
    return {
        "station": row["station"],
        "taken": row["taken"],
        "celsius": round(celsius, 1),
        "dew_point": round(243.12 * share / (17.62 - share), 1),
    }
