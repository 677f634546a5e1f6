// The worker's files: the person's, mounted to be read in place, and a limit on what a script may write.
import type { PyodideInterface } from "pyodide";
import type { Mounted } from "./protocol";

// Emscripten's numbers of the usual errors.
const INPUT_OUTPUT = 29;
const NO_SPACE = 51;
const TRY_AGAIN = 6;

const READ_AHEAD = 1024 * 1024;
const MOST_ENTRIES = 100_000;
const PIPE_BYTES = 1024 * 1024;

interface Node {
  id: number;
  name: string;
  contents: Blob;
  size: number;
}
interface MemoryNode {
  contents: Uint8Array | Record<string, MemoryNode> | null;
  usedBytes: number;
}
interface Stream {
  node?: { pipe?: { buckets: { offset: number; roffset: number }[] } };
  stream_ops: { write(stream: Stream, ...given: unknown[]): number };
}
type Write = (stream: { node: MemoryNode }, buffer: Uint8Array, offset: number, length: number, position: number, canOwn?: boolean) => number;
interface FileSystem {
  ErrnoError: new (number: number) => Error;
  root: MemoryNode;
  createStream(stream: Stream, ...given: unknown[]): Stream;
  mkdirTree(path: string): void;
  mount(kind: unknown, options: object, path: string): void;
  unmount(path: string): void;
  readFile(path: string): Uint8Array<ArrayBuffer>;
  filesystems: {
    WORKERFS: { stream_ops: { read(stream: { node: Node }, buffer: Uint8Array, offset: number, length: number, position: number): number } };
    MEMFS: {
      createNode(...given: unknown[]): MemoryNode;
      resizeFileStorage(node: MemoryNode, size: number): void;
      ops_table: { file: { stream: { write: Write } } };
    };
  };
}

const of = (python: PyodideInterface) => python.FS as unknown as FileSystem;

let changed = "";
const mounted = new Set<string>();

/** The name of a file that could no longer be read as it was chosen, or "". */
export const changedFile = () => changed;

/** Reads in place, a megabyte at a time; a file that changed on disk is an error of reading, not the interpreter's end. */
export function readInPlace(python: PyodideInterface): void {
  const files = of(python);
  const reader = new FileReaderSync();
  let window: { id: number; from: number; bytes: Uint8Array } | undefined;
  files.filesystems.WORKERFS.stream_ops.read = ({ node }, buffer, offset, length, position) => {
    if (position >= node.size) return 0;
    if (window?.id !== node.id || position < window.from || position >= window.from + window.bytes.length) {
      try {
        const until = Math.min(node.size, position + Math.max(length, READ_AHEAD));
        window = { id: node.id, from: position, bytes: new Uint8Array(reader.readAsArrayBuffer(node.contents.slice(position, until))) };
      } catch {
        changed = node.name;
        throw new files.ErrnoError(INPUT_OUTPUT);
      }
    }
    const start = position - window.from;
    const part = window.bytes.subarray(start, start + length);
    buffer.set(part, offset);
    return part.length;
  };
}

/** Files written live outside Python's own memory, so they need a limit of their own; call what it returns to set it. */
export function capFiles(python: PyodideInterface): (bytes: number) => void {
  const files = of(python);
  const { MEMFS } = files.filesystems;
  const { createNode, resizeFileStorage } = MEMFS;
  const { stream: operations } = MEMFS.ops_table.file;
  const { write } = operations;
  let most = Infinity;
  let taken = 0;
  let entries = 0;
  const claim = (more: number) => {
    // What was deleted is found only by looking, which is done when the room seems used up.
    if (taken + more > most) taken = size(files.root);
    if (taken + more > most) throw new files.ErrnoError(NO_SPACE);
    taken += more;
  };
  MEMFS.createNode = (...given) => {
    if ((entries += 1) > MOST_ENTRIES) throw new files.ErrnoError(NO_SPACE);
    return createNode.apply(MEMFS, given);
  };
  operations.write = (stream, buffer, offset, length, position, canOwn) => {
    const room = capacityOf(stream.node);
    // A file that is outgrown gets an eighth more than it needs, a small one twice as much.
    if (position + length > room) claim(Math.max(position + length, room * (room < 1024 * 1024 ? 2 : 1.125)) - room);
    return write(stream, buffer, offset, length, position, canOwn);
  };
  MEMFS.resizeFileStorage = (node, bytes) => {
    claim(Math.max(0, bytes - capacityOf(node)));
    resizeFileStorage.call(MEMFS, node, bytes);
  };
  return (bytes) => {
    taken = size(files.root);
    most = taken + bytes;
    entries = 0;
  };
}

const capacityOf = ({ contents }: MemoryNode) => (ArrayBuffer.isView(contents) ? contents.length : 0);

/** A pipe that nobody reads is as good as a file. */
export function capPipes(python: PyodideInterface): void {
  const files = of(python);
  const { createStream } = files;
  let isCapped = false;
  files.createStream = (stream, ...given) => {
    if (stream.node?.pipe && !isCapped) {
      isCapped = true; // all pipes share their operations
      const { write } = stream.stream_ops;
      stream.stream_ops.write = (into, ...rest) => {
        const waiting = into.node!.pipe!.buckets.reduce((sum, each) => sum + each.offset - each.roffset, 0);
        if (waiting > PIPE_BYTES) throw new files.ErrnoError(TRY_AGAIN);
        return write.call(stream.stream_ops, into, ...rest);
      };
    }
    return createStream.call(files, stream, ...given);
  };
}

function size(node: MemoryNode): number {
  if (node.contents === null || node.contents === undefined) return 0;
  if (ArrayBuffer.isView(node.contents)) return node.contents.length;
  if (node.contents instanceof Blob || typeof node.contents !== "object") return 0;
  return Object.values(node.contents).reduce((sum, each) => sum + size(each), 0);
}

/** Make the files readable at their paths. */
export function mountFiles(python: PyodideInterface, wanted: readonly Mounted[]): void {
  const files = of(python);
  changed = "";
  const folders = new Map<string, { name: string; data: Blob }[]>();
  for (const { path, blob } of wanted) {
    const cut = path.lastIndexOf("/");
    const folder = path.slice(0, cut);
    folders.set(folder, [...(folders.get(folder) ?? []), { name: path.slice(cut + 1), data: blob }]);
  }
  for (const [folder, blobs] of folders) {
    files.mkdirTree(folder);
    files.mount((files.filesystems as Record<string, unknown>).WORKERFS, { blobs }, folder);
    mounted.add(folder);
  }
}

/** Forget the task's files. */
export function unmountFiles(python: PyodideInterface): void {
  for (const folder of mounted) of(python).unmount(folder);
  mounted.clear();
}

/** A written file as a blob, which leaves the worker without being copied again. */
export function takeFile(python: PyodideInterface, path: string): Blob {
  return new Blob([of(python).readFile(path)]);
}
