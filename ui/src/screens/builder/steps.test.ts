// The steps of a version, as a person reads them.
import { expect, test } from "vitest";
import type { WorkflowTest, WorkflowVersion } from "../../api/workflowTypes";
import { hasBeenTested, stepsOf, testText } from "./steps";

const VERSION: WorkflowVersion = {
  id: "wv_1", version: 1, status: "pending_user_approval", is_active: false, file_extracts: [], fields: [],
  execution: { engine: "pyodide", dependencies: [], outputFilename: null, script: "print()" }, script_sha256: "new", checks: [], source: "chat", form: null,
  rejection_reason: null, failure: null, repairs_left: 3, test: { result: "not_run", kind: null }, tests: [], saved_minutes: null, questions_asked: 0, build_started_at: null, approved_at: null, created_at: "", updated_at: "",
};
const TEST = { id: "t_1", seconds: 0.2, rows_in: null, rows_out: null, files_out: null, failure: null };
const failed = (sha: string, at: string): WorkflowTest => ({ ...TEST, script_sha256: sha, kind: "synthetic", result: "failed", failure: { exception: "KeyError", line: 4, message: "'aaa'" }, created_at: at });
const passed = (sha: string, at: string): WorkflowTest => ({ ...TEST, script_sha256: sha, kind: "synthetic", result: "passed", rows_in: 60, rows_out: 58, seconds: 0.4, created_at: at });
const read = (version: WorkflowVersion) => stepsOf(version, null).map((each) => `${each.title}: ${each.state}`);

test("a script that is being written says so", () => {
  expect(read({ ...VERSION, status: "building", execution: null })).toEqual(["Understood the task: done", "Writing the script: running"]);
});

test("a failed test that is being repaired is followed by the repair under way", () => {
  expect(read({ ...VERSION, status: "building", script_sha256: "old", tests: [failed("old", "1")] }).slice(2)).toEqual(["Tested on invented files: failed", "Repair 1 of 3: running"]);
});

test("a repaired script shows its repair before it is tested again, and each repair once", () => {
  expect(read({ ...VERSION, tests: [failed("old", "1")] }).slice(2)).toEqual(["Tested on invented files: failed", "Repair 1 of 3: done"]);
  expect(read({ ...VERSION, tests: [passed("new", "3"), failed("older", "1"), failed("old", "2")] }).slice(2)).toEqual([
    "Tested on invented files: failed", "Repair 1 of 3: done", "Tested on invented files: failed", "Repair 2 of 3: done", "Tested on invented files: done",
  ]);
});

test("a failure that nothing has mended has no repair after it", () => {
  expect(read({ ...VERSION, tests: [failed("new", "1")] }).slice(2)).toEqual(["Tested on invented files: failed"]);
});

test("a failure of the script reads as its name, line and masked words, an end by the runner as a sentence", () => {
  expect(testText(failed("new", "1"))).toBe("KeyError in line 4: 'aaa'");
  expect(testText({ ...failed("new", "1"), failure: { exception: "NothingWritten", line: null, message: "" } })).toBe("The script ended and wrote no file.");
});

test("a test of an earlier script says nothing about the repaired one", () => {
  expect(hasBeenTested({ ...VERSION, tests: [failed("old", "1")] })).toBe(false);
  expect(hasBeenTested({ ...VERSION, tests: [failed("new", "1")] })).toBe(true);
});
