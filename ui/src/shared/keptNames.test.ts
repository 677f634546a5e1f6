// The names a script knows its files by, and the names the person's files have.
import { expect, test } from "vitest";
import { underAliases, type KeptFile } from "./keptNames";

const KEPT: KeptFile[] = [{ alias: "pay.csv", name: "Zwyxqvorb salaries.csv", size: 9, modifiedAt: 0, renames: {} }];
const file = (name: string) => new File(["pay\n1\n"], name, { type: "text/csv", lastModified: 7 });

test("a file comes to the script under the name its extract left with", async () => {
  const [given, other] = underAliases([file("Zwyxqvorb salaries.csv"), file("may.csv")], KEPT);
  expect([given?.name, given?.type, given?.lastModified, await given?.text()]).toEqual(["pay.csv", "text/csv", 7, "pay\n1\n"]);
  expect(other?.name).toBe("may.csv");
});

test("files keep their own names when two would be called the same", () => {
  expect(underAliases([file("Zwyxqvorb salaries.csv"), file("pay.csv")], KEPT).map((each) => each.name)).toEqual(["Zwyxqvorb salaries.csv", "pay.csv"]);
});
