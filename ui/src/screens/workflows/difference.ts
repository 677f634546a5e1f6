// What changed between two versions: the lines of their scripts, and what they ask for and make. Pure.
import type { DiffLine, Difference, SettingChange } from "../../api/promptTypes";
import type { Json } from "../../api/types";
import type { WorkflowVersion } from "../../api/workflowTypes";
import { lineDiff } from "../../shared/lineDiff";

export function differenceOf(left: WorkflowVersion, right: WorkflowVersion): Difference {
  const lines = numbered(left.execution?.script ?? "", right.execution?.script ?? "");
  return { changed: lines.filter((line) => line.kind !== "same").length, lines, settings: settings(left, right) };
}

function numbered(left: string, right: string): DiffLine[] {
  let [leftNo, rightNo] = [0, 0];
  return lineDiff(left.trimEnd(), right.trimEnd()).map((row) => ({
    kind: row.kind === "same" ? "same" : row.left === null ? "added" : row.right === null ? "removed" : "changed",
    left: row.left,
    left_no: row.left === null ? null : (leftNo += 1),
    right: row.right,
    right_no: row.right === null ? null : (rightNo += 1),
  }));
}

function settings(left: WorkflowVersion, right: WorkflowVersion): SettingChange[] {
  const [one, other] = [described(left), described(right)];
  return Object.keys(one)
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) => ({ name, left: one[name] ?? null, right: other[name] ?? null }));
}

function described({ execution, fields }: WorkflowVersion): Record<string, Json> {
  return {
    runs_where: execution?.engine === "local" ? "on your own machine only" : "in the browser or on your own machine",
    needs: execution?.dependencies.join(", ") ?? "",
    makes: execution?.outputFilename ?? "",
    asks_for: fields?.map((field) => `${field.label} (${field.id})`).join(", ") ?? "",
  };
}
