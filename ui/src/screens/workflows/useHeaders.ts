// Which columns the chosen files have, read in this browser from the beginning of each.
import { useEffect, useState } from "react";
import { extract } from "../../python/door";
import type { Files } from "./inputs";

// A header is in the first lines; the rest of a text file is left alone.
const HEAD_BYTES = 256 * 1024;
// Sheets cannot be cut, so a large one is not read twice just to look at its header.
const WHOLE_AT_MOST = 20_000_000;

export interface Headers {
  /** Empty where the file has none, or could not be read: the script will say so itself. */
  columns: string[];
  isReading: boolean;
}

export function useHeaders(files: Files): (file: File) => Headers {
  const [known, setKnown] = useState<ReadonlyMap<File, Headers>>(new Map());
  useEffect(() => {
    const fresh = Object.values(files).flat().filter((file) => !known.has(file) && isTable(file));
    if (fresh.length === 0) return;
    const keep = (file: File, headers: Headers) => setKnown((before) => new Map(before).set(file, headers));
    for (const file of fresh) {
      keep(file, { columns: [], isReading: true });
      extract(beginning(file), { seed: 1 }).result.then(
        (extracts) => keep(file, { columns: [...new Set(extracts.flatMap((each) => each.columns))], isReading: false }),
        () => keep(file, { columns: [], isReading: false }),
      );
    }
  }, [files, known]);
  return (file) => known.get(file) ?? { columns: [], isReading: false };
}

function isText(file: File): boolean {
  return /\.(csv|tsv|tab|txt)$/i.test(file.name);
}

function isTable(file: File): boolean {
  return isText(file) || (/\.(xlsx|xls|xlsm|ods)$/i.test(file.name) && file.size <= WHOLE_AT_MOST);
}

function beginning(file: File): File {
  return isText(file) && file.size > HEAD_BYTES ? new File([file.slice(0, HEAD_BYTES)], file.name, { type: file.type }) : file;
}
