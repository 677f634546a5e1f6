// The places content sits in: a page with its heading, and panels on it.
import type { ReactNode } from "react";
import { classes } from "./format";
import styles from "./Panel.module.css";

interface PageProps {
  title?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  width?: "full" | "wide" | "narrow";
  children: ReactNode;
}

export function Page({ title, subtitle, actions, width = "wide", children }: PageProps) {
  return (
    <div className={styles.scroll}>
      <div className={classes(styles.page, styles[width])}>
        {(title || actions) && (
          <header className={styles.head}>
            <div className={styles.titles}>
              <h1>{title}</h1>
              {subtitle && <div className={styles.subtitle}>{subtitle}</div>}
            </div>
            {actions && <div className={styles.actions}>{actions}</div>}
          </header>
        )}
        {children}
      </div>
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  hint?: ReactNode;
  actions?: ReactNode;
  isFlush?: boolean;
  className?: string;
  children?: ReactNode;
}

export function Panel({ title, hint, actions, isFlush, className, children }: PanelProps) {
  return (
    <section className={classes(styles.panel, className)}>
      {(title || actions) && (
        <header className={styles.panelHead}>
          <div>
            <h2>{title}</h2>
            {hint && <p>{hint}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      {children && <div className={isFlush ? styles.flush : styles.inside}>{children}</div>}
    </section>
  );
}

/** A figure with its name. */
export function Figure({ name, value, note }: { name: ReactNode; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={styles.figure}>
      <span className={styles.figureName}>{name}</span>
      <span className={styles.figureValue}>{value}</span>
      {note && <span className={styles.figureNote}>{note}</span>}
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <div className={styles.figures}>{children}</div>;
}

/** Names beside values. */
export function Facts({ facts }: { facts: [ReactNode, ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Tone = "plain" | "training" | "attention" | "failed" | "done" | "working";

export function Notice({ tone = "plain", icon, children, action }: { tone?: Tone; icon?: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice} data-tone={tone}>
      {icon}
      <div>{children}</div>
      {action}
    </div>
  );
}
