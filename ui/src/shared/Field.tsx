// Inputs with their label, hint and error.
import * as RadixCheckbox from "@radix-ui/react-checkbox";
import * as RadixSwitch from "@radix-ui/react-switch";
import { Check, ChevronDown, Search, X } from "lucide-react";
import { useId, useState, type ComponentProps, type ReactNode, type Ref } from "react";
import { classes, moneyInput, parseMoney } from "./format";
import styles from "./Field.module.css";

interface Shell {
  label?: ReactNode;
  /** Names the input for readers when no label is shown. */
  name?: string;
  hint?: ReactNode;
  error?: string | null;
  aside?: ReactNode;
  className?: string;
}

interface ShellProps extends Shell {
  id: string;
  children: ReactNode;
}

function Shell({ id, label, hint, error, aside, className, children }: ShellProps) {
  return (
    <div className={classes(styles.field, className)}>
      {label && (
        <div className={styles.top}>
          <label htmlFor={id}>{label}</label>
          {aside && <span className={styles.aside}>{aside}</span>}
        </div>
      )}
      {children}
      {error ? (
        <p className={styles.error} id={`${id}-note`} role="alert">
          {error}
        </p>
      ) : (
        hint && (
          <p className={styles.hint} id={`${id}-note`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function described(id: string, { name, label, hint, error }: Shell) {
  return {
    id,
    "aria-label": label ? undefined : name,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": hint || error ? `${id}-note` : undefined,
  };
}

type InputProps = Omit<ComponentProps<"input">, "onChange" | "value" | "className" | "name">;

interface TextProps extends Shell, InputProps {
  value: string;
  onChange: (value: string) => void;
  isMono?: boolean;
  prefix?: string;
  suffix?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

export function TextField({ label, name, hint, error, aside, className, value, onChange, isMono, prefix, suffix, ...rest }: TextProps) {
  const made = useId();
  const id = rest.id ?? made;
  const shell = { label, name, hint, error, aside, className };
  return (
    <Shell id={id} {...shell}>
      <span className={styles.box} data-invalid={error ? true : undefined}>
        {prefix && <span className={styles.prefix}>{prefix}</span>}
        <input
          {...rest}
          {...described(id, shell)}
          className={classes(styles.input, isMono && "mono")}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        {suffix && <span className={styles.suffix}>{suffix}</span>}
      </span>
    </Shell>
  );
}

interface NumberProps extends Shell, Omit<InputProps, "min" | "max"> {
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number;
  max?: number;
  prefix?: string;
  suffix?: ReactNode;
}

/** A whole number; thousands separators are accepted, blank is null. */
export function NumberField({ value, onChange, min, max, ...rest }: NumberProps) {
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === null ? "" : String(value));
  function take(next: string) {
    const digits = next.replace(/[,\s]/g, "");
    if (!/^\d*$/.test(digits)) return;
    setText(next);
    onChange(digits === "" ? null : Number(digits));
  }
  function settle() {
    setText(null);
    if (value !== null) onChange(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value)));
  }
  return <TextField {...rest} inputMode="numeric" value={shown} onChange={take} onBlur={settle} />;
}

interface MoneyProps extends Shell, InputProps {
  microUsd: number | null;
  onChange: (microUsd: number | null) => void;
}

/** An amount in dollars, kept as micro-dollars. */
export function MoneyField({ microUsd, onChange, error, ...rest }: MoneyProps) {
  const [text, setText] = useState<string | null>(null);
  const isOdd = text !== null && text.trim() !== "" && parseMoney(text) === null;
  function take(next: string) {
    setText(next);
    if (next.trim() === "") onChange(null);
    else {
      const amount = parseMoney(next);
      if (amount !== null) onChange(amount);
    }
  }
  return (
    <TextField
      {...rest}
      prefix="$"
      inputMode="decimal"
      value={text ?? moneyInput(microUsd)}
      onChange={take}
      onBlur={() => !isOdd && setText(null)}
      error={isOdd ? "Write an amount in dollars, like 2.50." : error}
    />
  );
}

interface AreaProps extends Shell, Omit<ComponentProps<"textarea">, "onChange" | "value" | "className" | "name"> {
  value: string;
  onChange: (value: string) => void;
}

export function TextArea({ label, name, hint, error, aside, className, value, onChange, rows = 4, ...rest }: AreaProps) {
  const id = useId();
  const shell = { label, name, hint, error, aside, className };
  return (
    <Shell id={id} {...shell}>
      <textarea
        {...rest}
        {...described(id, shell)}
        rows={rows}
        className={styles.area}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Shell>
  );
}

export interface Option {
  value: string;
  label: string;
}

interface SelectProps extends Shell {
  value: string;
  onChange: (value: string) => void;
  options: (Option | { group: string; options: Option[] })[];
  placeholder?: string;
  isDisabled?: boolean;
  size?: "normal" | "small";
}

export function SelectField({ label, name, hint, error, aside, className, value, onChange, options, placeholder, isDisabled, size }: SelectProps) {
  const id = useId();
  const shell = { label, name, hint, error, aside, className };
  return (
    <Shell id={id} {...shell}>
      <span className={styles.box} data-invalid={error ? true : undefined} data-size={size}>
        <select
          {...described(id, shell)}
          className={styles.select}
          value={value}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.value)}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map((option) =>
            "group" in option ? (
              <optgroup key={option.group} label={option.group}>
                {option.options.map((each) => (
                  <option key={each.value} value={each.value}>
                    {each.label}
                  </option>
                ))}
              </optgroup>
            ) : (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ),
          )}
        </select>
        <ChevronDown size={14} className={styles.chevron} aria-hidden />
      </span>
    </Shell>
  );
}

interface SearchProps extends InputProps {
  value: string;
  onChange: (value: string) => void;
  name: string;
  width?: number;
}

export function SearchField({ value, onChange, name, width = 220, ...rest }: SearchProps) {
  return (
    <span className={styles.box} style={{ width }}>
      <Search size={14} className={styles.glass} aria-hidden />
      <input
        {...rest}
        type="search"
        className={styles.input}
        aria-label={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value) {
            event.stopPropagation();
            onChange("");
          }
        }}
      />
      {value && (
        <button type="button" className={styles.clear} aria-label="Clear the search" onClick={() => onChange("")}>
          <X size={13} aria-hidden />
        </button>
      )}
    </span>
  );
}

interface ToggleProps {
  label: ReactNode;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
}

export function SwitchField({ label, hint, isOn, onChange, isDisabled }: ToggleProps) {
  const id = useId();
  return (
    <div className={styles.toggle}>
      <RadixSwitch.Root id={id} className={styles.switch} checked={isOn} onCheckedChange={onChange} disabled={isDisabled}>
        <RadixSwitch.Thumb className={styles.thumb} />
      </RadixSwitch.Root>
      <label htmlFor={id}>
        {label}
        {hint && <small>{hint}</small>}
      </label>
    </div>
  );
}

export function CheckboxField({ label, hint, isOn, onChange, isDisabled }: ToggleProps) {
  const id = useId();
  return (
    <div className={styles.toggle}>
      <RadixCheckbox.Root id={id} className={styles.check} checked={isOn} onCheckedChange={(on) => onChange(on === true)} disabled={isDisabled}>
        <RadixCheckbox.Indicator>
          <Check size={12} strokeWidth={3} aria-hidden />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id}>
        {label}
        {hint && <small>{hint}</small>}
      </label>
    </div>
  );
}

/** A labelled place for an input that is not one of ours. */
export function Labelled({ label, hint, error, aside, className, children }: Shell & { children: ReactNode }) {
  const id = useId();
  return (
    <Shell id={id} label={label} hint={hint} error={error} aside={aside} className={className}>
      {children}
    </Shell>
  );
}
