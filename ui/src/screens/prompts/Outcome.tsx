// What came back for one input: parsed, as it came, and what was sent; with its price, its time and its verdicts.
import { Check, TriangleAlert, X } from "lucide-react";
import type { Assertion } from "../../api/promptTypes";
import type { Json } from "../../api/types";
import { CodeBlock } from "../../shared/CodeBlock";
import { count, duration } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Notice } from "../../shared/Panel";
import { Tabs } from "../../shared/Tabs";
import { assertionTitle } from "./assertionTitle";
import styles from "./Try.module.css";

/** The parts that a step run and a trial share. */
export interface Came {
  interpolated_prompt: string | null;
  raw_output: string | null;
  parsed_output: Json;
  model: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_micro_usd: number;
  duration_ms: number | null;
  attempts: number;
  is_simulated: boolean;
  error: { code?: string | null; message: string } | null;
  verdicts?: { kind: string; is_passed: boolean; reason: string }[];
}

export function Outcome({ came, assertions, maxHeight = 420 }: { came: Came; assertions?: Assertion[]; maxHeight?: number }) {
  const isParsed = came.parsed_output !== null && came.parsed_output !== undefined;
  const tabs = [
    ...(isParsed ? [{ value: "parsed", label: "Parsed", content: <CodeBlock value={came.parsed_output} maxHeight={maxHeight} /> }] : []),
    { value: "raw", label: "As it came", content: <CodeBlock value={came.raw_output} maxHeight={maxHeight} empty="Nothing came back." /> },
    { value: "sent", label: "Sent", content: <CodeBlock value={came.interpolated_prompt} maxHeight={maxHeight} empty="Nothing was sent." /> },
  ];
  return (
    <div className={styles.outcome}>
      {came.error && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {came.error.message}
          {came.raw_output !== null && " What was said instead is below, as it came."}
        </Notice>
      )}
      <Tabs size="small" tabs={tabs} />
      <p className={styles.figures}>
        {came.model && <span>{came.model}</span>}
        {came.duration_ms !== null && <span>{duration(came.duration_ms)}</span>}
        {(came.input_tokens ?? 0) + (came.output_tokens ?? 0) > 0 && (
          <span>
            {count(came.input_tokens ?? 0)} + {count(came.output_tokens ?? 0)} tokens
          </span>
        )}
        <span>
          <Money microUsd={came.cost_micro_usd} />
        </span>
        {came.attempts > 1 && <span>{came.attempts} attempts</span>}
        {came.is_simulated && <SimulatedMark />}
      </p>
      {came.verdicts && came.verdicts.length > 0 && <Verdicts verdicts={came.verdicts} assertions={assertions} />}
    </div>
  );
}

export function Verdicts({ verdicts, assertions }: { verdicts: NonNullable<Came["verdicts"]>; assertions?: Assertion[] }) {
  return (
    <ul className={styles.verdicts} aria-label="Assertions">
      {verdicts.map((verdict, index) => {
        const assertion = assertions?.[index];
        return (
          <li key={index} data-passed={verdict.is_passed || undefined}>
            {verdict.is_passed ? <Check size={14} strokeWidth={2.4} aria-label="Holds" /> : <X size={14} strokeWidth={2.4} aria-label="Fails" />}
            <span>
              {assertion ? assertionTitle(assertion) : verdict.kind}
              {!verdict.is_passed && verdict.reason && <small>{verdict.reason}</small>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
