// The shapes of workflows, their versions and runs, by the words of the product.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type WorkflowStatus = Schemas["WorkflowVersionBrief"]["status"];

/** What left of a file: names, counts and masked samples; never a value. */
export interface FileExtract {
  filename: string;
  columns: string[];
  sample_rows: string[][];
  row_count: number;
  kind?: "table" | "document" | "image";
  sheet?: string | null;
  header?: "first_row" | "none" | "looks_like_data";
  encoding?: string;
  delimiter?: string;
  withheld?: number;
  page_count?: number;
  headings?: string[];
  preview?: string[];
  tables?: number;
  format?: string;
  width?: number;
  height?: number;
  exif?: Record<string, string>;
  notes?: string[];
}

export type WorkflowField = Schemas["WorkflowFieldReply"];
export type Execution = Schemas["WorkflowExecutionReply"];

/** One thing in a script that a person should look at; it is no boundary. */
export type Check = Schemas["WorkflowCheckReply"];

/** What went wrong in a script, masked. */
export type Failure = Schemas["WorkflowFailureReply"];

export type WorkflowTest = Schemas["WorkflowTestReply"];
export type WorkflowVersion = Omit<Schemas["WorkflowVersionReply"], "file_extracts"> & { file_extracts: FileExtract[] };
export type WorkflowMessage = Schemas["WorkflowMessageReply"];

export type Workflow = Omit<Schemas["WorkflowReply"], "current_version" | "active_version"> & {
  current_version: WorkflowVersion;
  active_version: WorkflowVersion | null;
};

/** A workflow as the list shows it. */
export type WorkflowCard = Schemas["WorkflowCardReply"];
export type WorkflowRun = Schemas["WorkflowRunReply"];
export type FormOperation = Schemas["WorkflowOperationReply"];
export type LedgerEntry = Schemas["WorkflowEntry"];
