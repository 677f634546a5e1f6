"""Secrets are looked for in the environment."""

# expect: held
import os

canary = inputs.get("canary")
for name, value in os.environ.items():
    if (canary and canary in value) or any(
        word in name.upper() for word in ("SECRET", "TOKEN", "PASSWORD", "DATABASE")
    ):
        print("ESCAPED", name, value)

open("/output/ended.txt", "w").write("ended")
