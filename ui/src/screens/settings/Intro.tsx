// The head of a settings section.
import type { ReactNode } from "react";
import styles from "./Settings.module.css";

export function Intro({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <header className={styles.intro}>
      <div>
        <h1>{title}</h1>
        {children && <p className="prose">{children}</p>}
      </div>
      {action}
    </header>
  );
}
