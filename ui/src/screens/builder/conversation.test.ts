// What may be said when, and why not.
import { expect, test } from "vitest";
import type { Workflow } from "../../api/workflowTypes";
import { ideas, openness } from "./conversation";
import { Desk, type Slot } from "./desk";
import { freshSheet } from "./extracts";

const READ = { filename: "a.csv", columns: ["a"], sample_rows: [["#"]], row_count: 1 };
const slot = (part: Partial<Slot>): Slot => ({
  id: "1", file: new File(["a"], "a.csv"), alias: "a.csv", status: "ready", share: 1, error: null,
  reading: { seed: 1, header: "auto", encoding: "", delimiter: "" }, sheets: [freshSheet(READ)], isApproved: false, ...part,
});
const FORMS = { operations: [], llm: { available: true, reason: null } };
const at = (slots: Slot[], more = {}) => openness({ workflow: null, slots, forms: FORMS, mayWrite: true, isSending: false, ...more });
const workflow = (status: string) => ({ id: "wf_1", is_mine: true, current_version: { status } }) as unknown as Workflow;

test("nothing can be said before every file is read and approved, and the box says which of the two", () => {
  expect(at([])).toEqual({ isOpen: false, placeholder: "Add a file first." });
  expect(at([slot({ isApproved: true }), slot({ id: "2", status: "extracting" })])).toEqual({ isOpen: false, placeholder: "Wait until every file is read." });
  expect(at([slot({ isApproved: true }), slot({ id: "2", status: "failed" })]).isOpen).toBe(false);
  expect(at([slot({ isApproved: true }), slot({ id: "2" })])).toEqual({ isOpen: false, placeholder: "Approve what leaves of each file first." });
  expect(at([slot({ isApproved: true })])).toEqual({ isOpen: true, placeholder: "Say what should happen with these files." });
});

test("nothing can be said while an answer or a build is under way, or after a version's end", () => {
  expect(at([slot({ isApproved: true })], { isSending: true }).placeholder).toBe("Waiting for the answer…");
  for (const status of ["building", "approved", "rejected", "failed", "archived"]) expect(at([], { workflow: workflow(status) }).isOpen).toBe(false);
  for (const status of ["validating", "validated", "clarifying", "pending_user_approval"]) expect(at([], { workflow: workflow(status) }).isOpen).toBe(true);
});

test("without a language model, or by somebody else, nothing can be said", () => {
  const forms = { operations: [], llm: { available: false, reason: "None is set up." } };
  expect(at([slot({ isApproved: true })], { forms }).isOpen).toBe(false);
  expect(at([], { workflow: { ...workflow("clarifying"), is_mine: false } }).isOpen).toBe(false);
});

test("merging is suggested only where there are two tables", () => {
  expect(ideas([slot({})])).not.toContain("Merge these files by the column they share");
  expect(ideas([slot({}), slot({ id: "2" })])[0]).toBe("Merge these files by the column they share");
});

test("a version after the first is told what should be different", () => {
  const second = { ...workflow("validated"), current_version: { status: "validated", version: 2 } } as unknown as Workflow;
  expect(at([], { workflow: second })).toEqual({ isOpen: true, placeholder: "Say what should be different in this version." });
});

test("files picked for a run stay on the table of the workflow, and one picked again stands for the older", () => {
  const desk = new Desk();
  let told = 0;
  desk.watch(() => (told += 1));
  const [older, other, newer] = [new File(["a"], "a.csv"), new File(["b"], "b.csv"), new File(["aa"], "a.csv")];
  desk.pick([older!, other!]);
  desk.pick([newer!]);
  expect(desk.picked).toEqual([other, newer]);
  expect(told).toBe(2);
});
