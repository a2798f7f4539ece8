# /// script
# [tool.bobbin]
# title = "Primes below a number"
# call = "main"
# input = 50
# timeout = "1m"
# ///
"""A single script with its manifest in its own comments (PEP 723)."""


def main(limit):
    sieve = bytearray([1]) * limit
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return [number for number in range(2, limit) if sieve[number]]
