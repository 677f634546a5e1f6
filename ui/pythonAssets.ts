// The Python side of the build: the worker as one file, the frame with its script inside, our
// Python sources and the locked wheels; `virtual:python-assets` tells the page their addresses.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

const UI = fileURLToPath(new URL(".", import.meta.url));
const PACKAGE = path.join(UI, "../spadework");
const HERE = path.join(UI, "src/python");
const WHEELS = path.join(UI, "python-wheels");
const PYODIDE = path.join(UI, "node_modules/pyodide");

// The sandbox's other modules start processes, which a browser cannot.
const FROM_SANDBOX = ["__init__.py", "harness.py", "table_files.py"];

const MODULE = "virtual:python-assets";
export const FRAME = "/python/frame.html";

type Files = Record<string, Uint8Array | string>;

/** Everything of Python's that the page hands to the frame, by the key the page knows it by. */
async function assets(): Promise<Files> {
  return {
    "python-worker.js": await bundled("worker.ts"),
    "pyodide.wasm": readFileSync(path.join(PYODIDE, "pyodide.asm.wasm")),
    "stdlib.zip": readFileSync(path.join(PYODIDE, "python_stdlib.zip")),
    "python-sources.json": JSON.stringify(sources()),
    ...wheels(),
  };
}

/** Our own modules that run in the browser: the reading of files, the harness of scripts, and what joins them to the worker. */
function sources(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(HERE).filter((each) => each.endsWith(".py")).sort()) found[name] = readFileSync(path.join(HERE, name), "utf8");
  for (const folder of ["extracts", "sandbox"]) {
    for (const name of readdirSync(path.join(PACKAGE, folder)).sort()) {
      const isOurs = name.endsWith(".py") && (folder === "extracts" || FROM_SANDBOX.includes(name));
      if (isOurs) found[`spadework/${folder}/${name}`] = readFileSync(path.join(PACKAGE, folder, name), "utf8");
    }
  }
  return { ...found, "spadework/__init__.py": "" };
}

function wheels(): Files {
  const locked = lockedDigests();
  const found: Files = {};
  for (const name of existsSync(WHEELS) ? readdirSync(WHEELS).filter((each) => each.endsWith(".whl")).sort() : []) {
    const bytes = readFileSync(path.join(WHEELS, name));
    if (locked.delete(createHash("sha256").update(bytes).digest("hex"))) found[name] = bytes;
  }
  if (locked.size) throw new Error(`${locked.size} of the wheels in ui/python-wheels.lock are not in ui/python-wheels. Run \`python ui_build.py wheels\`, then build again.`);
  return found;
}

function lockedDigests(): Set<string> {
  const text = readFileSync(path.join(UI, "python-wheels.lock"), "utf8");
  return new Set([...text.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map((each) => each[1]!));
}

/** One script without imports: under the frame's policy nothing could be loaded. */
async function bundled(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: UI,
    plugins: [withoutLookups],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: path.join(HERE, entry), output: { format: "iife", codeSplitting: false } },
    },
  });
  const output = (Array.isArray(result) ? result[0]! : (result as Rolldown.RolldownOutput)).output;
  const chunk = output.find((each) => each.type === "chunk");
  if (!chunk || chunk.type !== "chunk") throw new Error(`ui/src/python/${entry} gave no script.`);
  return chunk.code;
}

/** Pyodide looks for its files beside its own script; ours gets them handed over, and the bundler must not inline them. */
const withoutLookups: Plugin = {
  name: "python-without-lookups",
  transform(code, id) {
    return id.includes("/pyodide/") ? { code: code.replaceAll("import.meta.url", '"blob:python"'), map: null } : null;
  },
};

async function frame(): Promise<string> {
  const script = (await bundled("frame.ts")).trim();
  if (/<\/script|<!--/i.test(script)) throw new Error("The frame's script has words that would end it early.");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Python</title><script>${script}</script></html>\n`;
}

/** The policy that spadework/web/pages.py gives the frame, for the development server. */
function policy(html: string): string {
  const script = /<script>([\s\S]*)<\/script>/.exec(html)![1]!;
  const digest = createHash("sha256").update(script).digest("base64");
  return `sandbox allow-scripts; default-src 'none'; script-src 'sha256-${digest}' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
}

function moduleText(addresses: Record<string, string>): string {
  const wheelNames = Object.keys(addresses).filter((name) => name.endsWith(".whl"));
  const of = (name: string) => JSON.stringify(addresses[name]);
  return [
    `export const FRAME = ${JSON.stringify(FRAME)};`,
    `export const WORKER = ${of("python-worker.js")};`,
    `export const WASM = ${of("pyodide.wasm")};`,
    `export const STDLIB = ${of("stdlib.zip")};`,
    `export const SOURCES = ${of("python-sources.json")};`,
    `export const WHEELS = ${JSON.stringify(Object.fromEntries(wheelNames.map((name) => [name, addresses[name]])))};`,
  ].join("\n");
}

export function pythonAssets(): Plugin {
  let isServing = false;
  let isTesting = false;
  return {
    name: "python-assets",
    configResolved(config) {
      isServing = config.command === "serve";
      isTesting = config.mode === "test";
    },
    buildStart() {
      // A file of its own with its names kept, so that a test or a benchmark can open the same door as the screens.
      if (!isServing) this.emitFile({ type: "chunk", id: path.join(HERE, "door.ts"), fileName: "python/door.js", preserveSignature: "strict" });
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    async load(id) {
      if (id !== `\0${MODULE}`) return undefined;
      if (isTesting) return moduleText({});
      const files = await assets();
      if (isServing) return moduleText(Object.fromEntries(Object.keys(files).map((name) => [name, `/python/${name}`])));
      const written: Record<string, string> = {};
      for (const [name, source] of Object.entries(files)) {
        written[name] = `/${this.getFileName(this.emitFile({ type: "asset", name, source }))}`;
      }
      return moduleText(written);
    },
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: FRAME.slice(1), source: await frame() });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = /^\/python\/([^/?]+)$/.exec(request.url ?? "")?.[1];
        if (!name) return next();
        void (async () => {
          const html = name === "frame.html" ? await frame() : undefined;
          if (html) response.setHeader("Content-Security-Policy", policy(html));
          const body = html ?? (await assets())[decodeURIComponent(name)];
          response.statusCode = body === undefined ? 404 : 200;
          response.setHeader("Content-Type", html ? "text/html" : "application/octet-stream");
          response.end(body);
        })().catch(next);
      });
    },
  };
}
