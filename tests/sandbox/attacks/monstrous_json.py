"""The result is JSON of enormous depth and with numbers that are none."""

# expect: held
with open("/output/result.json", "w") as file:
    file.write("[" * 500_000 + "NaN, Infinity, 1e999999" + "]" * 500_000)
