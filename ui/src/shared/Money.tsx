// An amount of money.
import { classes, money } from "./format";

interface Props {
  microUsd: number | null | undefined;
  /** Estimates say "about". */
  isEstimate?: boolean;
  className?: string;
}

export function Money({ microUsd, isEstimate, className }: Props) {
  if (microUsd === null || microUsd === undefined) return <span className="faint">–</span>;
  return (
    <span className={classes("tabular", className)} title={`${(microUsd / 1_000_000).toFixed(6)} US dollars`}>
      {isEstimate ? "about " : ""}
      {money(microUsd)}
    </span>
  );
}
