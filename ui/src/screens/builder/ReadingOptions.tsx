// How a file is read: its header, encoding and delimiter where they were guessed wrong, and other samples.
import { Shuffle, TriangleAlert } from "lucide-react";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { Notice } from "../../shared/Panel";
import type { Reading, Slot } from "./desk";
import { delimiterName, type Sheet } from "./extracts";
import styles from "./ExtractCard.module.css";

const ENCODINGS = ["utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp1251", "shift_jis", "gb18030", "big5", "euc-kr"];
const DELIMITERS = [
  { value: ",", label: "Comma" },
  { value: ";", label: "Semicolon" },
  { value: "\t", label: "Tab" },
  { value: "|", label: "Bar" },
];

interface Props {
  slot: Slot;
  sheet: Sheet;
  onChange: (reading: Partial<Reading>) => void;
}

export function ReadingOptions({ slot, sheet, onChange }: Props) {
  const { read } = sheet;
  const { reading } = slot;
  const isTable = read.kind !== "document" && read.kind !== "image";
  if (!isTable) return null;
  const isText = read.encoding !== undefined;
  return (
    <>
      {read.header === "looks_like_data" && (
        <Notice
          tone="attention"
          icon={<TriangleAlert size={16} aria-hidden />}
          action={
            <span className={styles.ways}>
              <Button size="small" look="primary" onClick={() => onChange({ header: "none" })}>
                It is data: mask it
              </Button>
              <Button size="small" onClick={() => onChange({ header: "first_row" })}>
                These are names
              </Button>
            </span>
          }
        >
          The first row looks like data, and column names leave as they are. Say which it is before you approve.
        </Notice>
      )}
      <div className={styles.options}>
        <SelectField
          name="First row"
          size="small"
          value={reading.header === "auto" ? (read.header === "none" ? "none" : "first_row") : reading.header}
          onChange={(header) => onChange({ header: header as Reading["header"] })}
          options={[{ value: "first_row", label: "First row: column names" }, { value: "none", label: "First row: data, masked" }]}
        />
        {isText && (
          <>
            <SelectField name="Encoding" size="small" value={reading.encoding} onChange={(encoding) => onChange({ encoding })} options={[{ value: "", label: reading.encoding ? "Encoding: find out" : `Encoding: ${read.encoding}` }, ...ENCODINGS.map((each) => ({ value: each, label: each }))]} />
            <SelectField name="Delimiter" size="small" value={reading.delimiter} onChange={(delimiter) => onChange({ delimiter })} options={[{ value: "", label: reading.delimiter || !read.delimiter ? "Delimiter: find out" : `Delimiter: ${delimiterName(read.delimiter)}` }, ...DELIMITERS]} />
          </>
        )}
        {read.row_count > read.sample_rows.length && (
          <Button size="small" look="quiet" icon={Shuffle} onClick={() => onChange({ seed: reading.seed + 1 })}>
            Other samples
          </Button>
        )}
      </div>
    </>
  );
}
