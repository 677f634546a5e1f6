"""One huge array of NaN."""

# expect: stopped
import array

kept = array.array("d", [float("nan")]) * 1_000_000_000
kept[0] = 1.0
for index in range(0, len(kept), 512):
    kept[index] = 0.5
print("ESCAPED 8 GB")
