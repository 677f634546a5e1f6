import { describe, expect, it } from "vitest";
import { minutes } from "./saved";
import { failureText, size } from "./words";

describe("words", () => {
  it("says how much time and how many bytes", () => {
    expect([minutes(45), minutes(120), minutes(150)]).toEqual(["45 min", "2 h", "2 h 30 min"]);
    expect([size(512), size(1_400_000), size(200_000_000)]).toEqual(["512 bytes", "1.4 MB", "200 MB"]);
  });

  it("says a failure with its place, and what the runner stopped in a sentence", () => {
    expect(failureText({ exception: "KeyError", line: 7, message: "'Aaaa'" })).toBe("KeyError in line 7: 'Aaaa'");
    expect(failureText({ exception: "NothingWritten", line: null, message: "" })).toBe("The script ended and wrote no file.");
    expect(failureText(null)).toBeNull();
  });
});
