// Tabs over one place, and a small switch between few choices.
import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";
import { chooseByArrow } from "./focus";
import { count } from "./format";
import styles from "./Tabs.module.css";

export interface Tab {
  value: string;
  label: string;
  count?: number;
  content: ReactNode;
}

interface Props {
  tabs: Tab[];
  value?: string;
  initial?: string;
  onChange?: (value: string) => void;
  aside?: ReactNode;
  size?: "normal" | "small";
}

export function Tabs({ tabs, value, initial, onChange, aside, size = "normal" }: Props) {
  return (
    <Radix.Root className={styles.root} value={value} defaultValue={initial ?? tabs[0]?.value} onValueChange={onChange}>
      <div className={styles.bar} data-size={size}>
        <Radix.List className={styles.list}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.value} value={tab.value} className={styles.tab}>
              {tab.label}
              {tab.count !== undefined && <span className={styles.count}>{count(tab.count)}</span>}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside && <div className={styles.aside}>{aside}</div>}
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={styles.content} tabIndex={-1}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}

interface SegmentsProps<V extends string> {
  name: string;
  value: V;
  options: { value: V; label: ReactNode }[];
  onChange: (value: V) => void;
}

export function Segments<V extends string>({ name, value, options, onChange }: SegmentsProps<V>) {
  return (
    <div className={styles.segments} role="radiogroup" aria-label={name} onKeyDown={chooseByArrow}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          className={styles.segment}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
