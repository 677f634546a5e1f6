"""A million small files."""

# expect: stopped
for number in range(1_000_000):
    with open(f"/output/{number}", "w") as file:
        file.write("x")
print("ESCAPED")
