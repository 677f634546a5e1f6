import { describe, expect, it } from "vitest";
import type { WorkflowStatus } from "../../api/workflowTypes";
import { hasDraft, mayEdit, nextOf } from "./standing";

const workflow = (status: WorkflowStatus, active: number | null, version = 2, isMine = true) => ({
  is_mine: isMine,
  current_version: { version, status },
  active_version: active === null ? null : { version: active },
});

describe("what comes next for a workflow", () => {
  it("is the review of a new script before another run of the old one", () => {
    expect(nextOf(workflow("pending_user_approval", 1))).toBe("review");
    expect(nextOf(workflow("approved", 2))).toBe("run");
  });

  it("is a run of the approved one while the next is still being made", () => {
    expect(nextOf(workflow("clarifying", 1))).toBe("run");
    expect(nextOf(workflow("clarifying", null))).toBe("continue");
    expect(nextOf(workflow("failed", null))).toBe("edit");
    expect(nextOf(workflow("archived", null))).toBe("edit");
  });

  it("is only running for somebody else's", () => {
    expect(nextOf(workflow("approved", 2, 2, false))).toBe("run");
    expect(nextOf(workflow("pending_user_approval", null, 2, false))).toBe("look");
    expect(mayEdit(workflow("approved", 2, 2, false))).toBe(false);
  });
});

describe("a draft", () => {
  it("is a newest version that is not the one in use", () => {
    expect(hasDraft(workflow("validated", 1))).toBe(true);
    expect(hasDraft(workflow("approved", 2))).toBe(false);
    expect(hasDraft(workflow("archived", null))).toBe(false);
  });

  it("keeps another from being begun", () => {
    expect(mayEdit(workflow("building", 1))).toBe(false);
    expect(mayEdit(workflow("approved", 2))).toBe(true);
    expect(mayEdit(workflow("rejected", null))).toBe(true);
  });
});
