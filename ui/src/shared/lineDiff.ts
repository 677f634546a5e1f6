// Two texts line by line: which lines stayed, which are only in the one or the other; changed lines stand beside each other.

export interface DiffRow {
  left: string | null;
  right: string | null;
  kind: "same" | "changed";
}

// Beyond this many pairs of lines the middle is shown as changed as a whole, rather than make the page wait.
const PAIRS_AT_MOST = 4_000_000;

export function lineDiff(left: string, right: string): DiffRow[] {
  const a = linesOf(left);
  const b = linesOf(right);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  return [...a.slice(0, start).map(same), ...compared(middleA, middleB), ...a.slice(a.length - end).map(same)];
}

/** An empty text has no lines, rather than one that is empty. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function same(line: string): DiffRow {
  return { left: line, right: line, kind: "same" };
}

function compared(a: string[], b: string[]): DiffRow[] {
  if (a.length * b.length > PAIRS_AT_MOST) return beside(a, b);
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const rows: DiffRow[] = [];
  let [gone, come]: [string[], string[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      rows.push(...beside(gone, come), same(a[i] ?? ""));
      [gone, come] = [[], []];
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) gone.push(a[i++] ?? "");
    else come.push(b[j++] ?? "");
  }
  return [...rows, ...beside(gone, come)];
}

function beside(gone: string[], come: string[]): DiffRow[] {
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({ left: gone[index] ?? null, right: come[index] ?? null, kind: "changed" as const }));
}
