"""One process takes memory until there is none."""

# expect: stopped
kept = []
while True:
    kept.append(bytearray(16_000_000))
