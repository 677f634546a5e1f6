import { describe, expect, it } from "vitest";
import { ago, counted, duration, money, parseMoney, unitPrice } from "./format";

describe("money", () => {
  it("shows two decimals from one cent up and more below, never a false zero", () => {
    expect([0, 7, 4200, 10_000, 2_100_000, 1_234_500_000].map(money)).toEqual(["$0.00", "$0.000007", "$0.0042", "$0.01", "$2.10", "$1,234.50"]);
  });

  it("keeps the fraction of a cent in a price per row", () => {
    expect([34_000, 20_000, 602, 12_345].map(unitPrice)).toEqual(["$0.034", "$0.02", "$0.0006", "$0.0123"]);
  });

  it("reads what a person types, rounding a fraction of a micro-dollar up", () => {
    expect(["2.50", "$1,000", ".5", "0.0000001", "25"].map(parseMoney)).toEqual([2_500_000, 1_000_000_000, 500_000, 1, 25_000_000]);
  });

  it("refuses what is no amount", () => {
    expect(["", "two", "-1", "1.2.3", "1e3"].map(parseMoney)).toEqual([null, null, null, null, null]);
  });
});

describe("counts and times", () => {
  it("says one thing in the singular", () => {
    expect([counted(1, "row"), counted(1200, "row"), counted(2, "company", "companies")]).toEqual(["1 row", "1,200 rows", "2 companies"]);
  });

  it("names a duration in the units a person would", () => {
    expect([420, 3200, 250_000, 7_500_000].map(duration)).toEqual(["420 ms", "3.2 s", "4 min 10 s", "2 h 5 min"]);
  });

  it("says how long ago, and calls seconds just now", () => {
    const now = Date.parse("2026-01-15T12:00:00Z");
    expect(ago("2026-01-15T11:59:55Z", now)).toBe("just now");
    expect(ago("2026-01-15T12:00:20Z", now)).toBe("just now");
    expect(ago("2026-01-15T11:30:00Z", now)).toBe("30 min. ago");
    expect(ago("2026-01-12T12:00:00Z", now)).toBe("3 days ago");
  });
});
