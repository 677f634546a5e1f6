// What kind of file it is, in one quiet line.
import type { FileExtract } from "../../api/workflowTypes";
import { count, counted } from "../../shared/format";
import { delimiterName } from "./extracts";
import styles from "./ExtractCard.module.css";

export function ExtractFacts({ extract, file }: { extract: FileExtract; file?: File }) {
  return <p className={styles.facts}>{factsOf(extract, file).join(" · ")}</p>;
}

export function factsOf(extract: FileExtract, file?: File): string[] {
  const facts: string[] = [];
  if (extract.kind !== "document" && extract.kind !== "image") facts.push(counted(extract.row_count, "row"), counted(extract.columns.length, "column"));
  if (extract.page_count !== undefined) facts.push(counted(extract.page_count, "page"));
  if (extract.tables !== undefined && extract.tables > 0) facts.push(counted(extract.tables, "table"));
  if (extract.width !== undefined && extract.height !== undefined) facts.push(`${count(extract.width)} × ${count(extract.height)} px`);
  if (extract.format && extract.kind === "image") facts.push(extract.format.toUpperCase());
  if (extract.encoding) facts.push(extract.encoding.toUpperCase());
  if (extract.delimiter) facts.push(`${delimiterName(extract.delimiter)} between columns`);
  if (extract.withheld) facts.push(`${counted(extract.withheld, "column")} withheld`);
  if (file) facts.push(bytes(file.size));
  return facts;
}

export function bytes(size: number): string {
  if (size < 1000) return counted(size, "byte");
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
