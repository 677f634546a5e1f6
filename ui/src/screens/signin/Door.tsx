// The page outside: the mark, one form, nothing else.
import type { ReactNode } from "react";
import styles from "./Door.module.css";

export function Door({ title, subtitle, children, foot }: { title: string; subtitle?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  return (
    <main className={styles.door}>
      <div className={styles.card}>
        <img src="/mark.svg" width={36} height={36} alt="Spadework" />
        <h1>{title}</h1>
        {subtitle && <p className="muted">{subtitle}</p>}
        {children}
      </div>
      {foot && <p className={styles.foot}>{foot}</p>}
    </main>
  );
}
