// What ui/pythonAssets.ts builds: addresses of files, hashed by their content.
declare module "virtual:python-assets" {
  export const FRAME: string;
  export const WORKER: string;
  export const WASM: string;
  export const STDLIB: string;
  export const SOURCES: string;
  export const WHEELS: Record<string, string>;
}
declare module "pyodide/pyodide.asm.mjs" {
  import type { PyodideConfig } from "pyodide";
  const createPyodideModule: NonNullable<PyodideConfig["createPyodideModule"]>;
  export default createPyodideModule;
}

/** Only in workers, which TypeScript's DOM library leaves out. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
