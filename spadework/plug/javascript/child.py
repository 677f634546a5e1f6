"""The process in which formulas run: V8 with limits, one request per line on standard input, one reply per line.

It is started by path, imports nothing of ours, holds no secret, and ends itself when V8 does not stop:
a runaway regular expression or array cannot be interrupted from within.
"""

import json
import os
import resource
import sys
from collections import OrderedDict
from typing import Any, TextIO

from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException, MiniRacer

# V8 reserves far more address space than it uses, so the limit is on written memory, as a last resort
# behind V8's own: strings and large arrays can outgrow V8's limit in one step.
_DATA_BYTES = 768 * 1024 * 1024
_CONTEXTS = 8

_DRIVER = r"""
(() => {
  "use strict";
  const progress = new Uint32Array(1);
  const now = Date.now, stringify = JSON.stringify, parse = JSON.parse, isFinite_ = Number.isFinite;
  const text = String, number = Number, date = Date, make = Function;
  const clean = (value) =>
    value === null || value === undefined ? undefined : text(value).normalize("NFC").replace(/\s+/g, " ").trim();
  const domainOf = (value) => {
    const bare = (clean(value) ?? "").toLowerCase();
    const address = bare.replace(/^(?:[a-z][a-z0-9+.-]*:\/\/|mailto:|\/\/)?(?:[^@\/?#\s]*@)?/, "");
    const found = /^(?:www\.)?([^\/?#:\s]+\.[^\/?#:\s.]+)\.?(?::\d+)?(?:[\/?#]|$)/.exec(address);
    return found ? found[1] : undefined;
  };
  // Half a surrogate pair and the character NUL are text to JavaScript and to no database.
  const storable = (name, value) => typeof value === "string" ? value.toWellFormed().replaceAll("\0", "") : value;
  const asText = (value) => typeof value === "object" ? stringify(value) : text(value);
  const asNumber = (value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    const given = typeof value === "string" || typeof value === "bigint" ? number(value) : value;
    if (typeof given === "number" && (given === given || typeof value === "number")) return given;
    throw new TypeError("The result is no number: " + asText(value).slice(0, 80));
  };
  const asTimestamp = (value) => {
    const when = value instanceof date ? value : new date(value);
    if (!isFinite_(when.getTime())) throw new TypeError("The result is no date: " + asText(value).slice(0, 80));
    return when.toISOString();
  };
  const convert = {text: asText, number: asNumber, timestamp: asTimestamp, json: (value) => value};
  const one = (formula, row, result, longest) => {
    const given = formula(...row, domainOf, clean);
    if (given === null || given === undefined || given === "") return "null";
    if (typeof given === "function" || typeof given === "symbol")
      throw new TypeError("The result is a function. Call it, or name what you want.");
    if (typeof given?.then === "function") throw new TypeError("A formula cannot wait for a promise.");
    if (typeof given === "number" && !isFinite_(given)) return '{"nan":true}';
    const value = convert[result](given);
    const json = stringify({value}, storable);
    if (json.length > longest) throw new RangeError("The result is longer than " + longest + " characters.");
    return json;
  };
  const compile = (code, names) => {
    new make("return [" + code + "\n];");  // only parsed: "1); more(" would close the bracket below
    return new make(...names, "domainOf", "clean", '"use strict"; return (' + code + "\n);");
  };
  const run = (request) => {
    const {code, names, rows, result, seconds, longest, most} = parse(request);
    const formula = compile(code, names);
    const started = now(), done = [];
    let size = 0;
    for (let index = 0; index < rows.length; index++) {
      progress[0] = index;
      try {
        done.push(one(formula, rows[index].map((each) => each ?? undefined), result, longest));
      } catch (error) {
        let said = "An error";
        try {
          said = error instanceof Error ? error.name + ": " + error.message : "It threw " + asText(error);
        } catch {}
        done.push(stringify({error: said.slice(0, 500)}, storable));
      }
      size += done[index].length;
      if (now() - started > seconds * 1000 || size > most) break;
    }
    return "[" + done.join(",") + "]";
  };
  const check = (request) => {
    const {code, names} = parse(request);
    try { compile(code, names); return ""; } catch (error) { return text(error.message); }
  };
  const kept = {progress, run, check};
  for (const name of [
    "ArrayBuffer", "SharedArrayBuffer", "Atomics", "WebAssembly", "DataView", "Int8Array", "Uint8Array",
    "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float16Array", "Float32Array",
    "Float64Array", "BigInt64Array", "BigUint64Array", "FinalizationRegistry", "WeakRef", "console", "setTimeout",
    "clearTimeout", "__timer_manager",
  ]) if (name in globalThis && !Reflect.deleteProperty(globalThis, name)) globalThis[name] = undefined;
  return kept;
})
"""

_FREEZE = r"""
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const thing = globalThis[name];
  if (thing === globalThis || (typeof thing !== "object" && typeof thing !== "function") || !thing) continue;
  Object.freeze(thing);
  if (thing.prototype) Object.freeze(thing.prototype);
}
Object.freeze(globalThis);
0
"""


class Context:
    """One V8 isolate for one formula: another formula, and so another account, never shares its state."""

    def __init__(self, megabytes: int) -> None:
        self._racer = MiniRacer()
        made: Any = self._racer.eval(f"({_DRIVER})()")
        self._run, self._check = made["run"], made["check"]
        self._progress: Any = made["progress"]
        # With every built-in frozen, one row cannot leave anything behind for the next.
        self._racer.eval(_FREEZE)
        self._racer.set_hard_memory_limit(megabytes * 1024 * 1024)

    @property
    def progress(self) -> int:
        """The row being computed; readable while V8 is stuck, because it is plain shared memory."""
        return int.from_bytes(bytes(self._progress[:4]), sys.byteorder)

    @property
    def is_out_of_memory(self) -> bool:
        """Whether V8 stopped because of its limit, which it does not always say."""
        return bool(self._racer.was_hard_memory_limit_reached())

    def run(self, request: str, seconds: float) -> str:
        """The JSON list of results of the rows that were reached."""
        return str(self._run(request, timeout_sec=seconds))

    def check(self, request: str) -> str:
        """Why the code does not parse, empty when it does."""
        return str(self._check(request, timeout_sec=5))


def serve(source: TextIO, sink: TextIO) -> None:
    """Answer requests until the other side closes, or until V8 had to be given up."""
    contexts: OrderedDict[str, Context] = OrderedDict()
    for line in source:
        request = json.loads(line)
        code = request["code"]
        if code not in contexts:
            contexts[code] = Context(request["megabytes"])
        contexts.move_to_end(code)
        if len(contexts) > _CONTEXTS:
            contexts.popitem(last=False)
        kind, reply, is_broken = _answer(contexts[code], request, line)
        sink.write(kind + reply + "\n")
        sink.flush()
        if is_broken:
            # Not sys.exit: closing the isolate would wait for the very code that does not stop.
            os._exit(0)


def _answer(context: Context, request: dict[str, Any], line: str) -> tuple[str, str, bool]:
    """The reply's letter (R results, E error, T time, M memory), its text, and whether to give up on V8."""
    try:
        if request["kind"] == "check":
            return "E", json.dumps(context.check(line)), False
        return "R", context.run(line, request["give_up_seconds"]), False
    except JSTimeoutException:
        return "T", str(context.progress), True
    except JSOOMException:
        return "M", str(context.progress), True
    except JSEvalException as error:
        if context.is_out_of_memory:
            return "M", str(context.progress), True
        return "E", json.dumps(str(error).splitlines()[0][:500]), False


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (_DATA_BYTES, _DATA_BYTES))
    serve(sys.stdin, sys.stdout)
