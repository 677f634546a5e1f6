// Buttons; one that spends carries its price.
import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { classes, money } from "./format";
import styles from "./Button.module.css";

export interface ButtonProps extends Omit<ComponentProps<"button">, "children"> {
  look?: "primary" | "plain" | "quiet" | "danger";
  size?: "normal" | "small";
  icon?: LucideIcon;
  /** Shown after the words as "· about $2.10"; 0 reads "free". */
  priceMicroUsd?: number | null;
  isExactPrice?: boolean;
  isBusy?: boolean;
  children?: ReactNode;
}

export function Button({
  look = "plain", size = "normal", icon: Icon, priceMicroUsd, isExactPrice, isBusy, children, className, disabled, type = "button", ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(styles.button, styles[look], size === "small" && styles.small, !children && styles.iconOnly, className)}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy ? <LoaderCircle size={14} className={styles.spins} aria-hidden /> : Icon && <Icon size={size === "small" ? 14 : 15} strokeWidth={1.9} aria-hidden />}
      {children && <span className={styles.words}>{children}</span>}
      {priceMicroUsd !== undefined && priceMicroUsd !== null && (
        <span className={styles.price}>· {priceMicroUsd === 0 ? "free" : `${isExactPrice ? "" : "about "}${money(priceMicroUsd)}`}</span>
      )}
    </button>
  );
}
