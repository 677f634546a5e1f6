// What went in beside what came out.
import type { ReactNode } from "react";
import styles from "./SideBySide.module.css";

interface Props {
  left: ReactNode;
  right: ReactNode;
  leftTitle?: ReactNode;
  rightTitle?: ReactNode;
}

export function SideBySide({ left, right, leftTitle = "Input", rightTitle = "Output" }: Props) {
  return (
    <div className={styles.pair}>
      <section>
        {leftTitle && <h3>{leftTitle}</h3>}
        {left}
      </section>
      <section>
        {rightTitle && <h3>{rightTitle}</h3>}
        {right}
      </section>
    </div>
  );
}
