"""More of the product than what runs scripts is imported."""

# expect: held
for name in ("spadework.core.secrets", "spadework.core.config", "spadework.app", "spadework.core.db", "asyncpg"):
    try:
        __import__(name)
    except ImportError as error:
        print(name, type(error).__name__)
    else:
        print("ESCAPED", name)

open("/output/ended.txt", "w").write("ended")
