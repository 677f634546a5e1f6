// Spend by day as bars; the chart's code loads when the first chart is shown.
import { useEffect, useRef, useState } from "react";
import { useIsDark } from "../../frame/appearance";
import { compactUsd, day as showDay, money } from "../../shared/format";
import { Skeleton } from "../../shared/Placeholder";
import styles from "./SpendChart.module.css";

interface Day {
  day: string;
  settled_micro_usd: number;
}

export function SpendChart({ days, height = 220 }: { days: Day[]; height?: number }) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  const [isDrawn, setIsDrawn] = useState(false);
  const [over, setOver] = useState<number | null>(null);
  const key = JSON.stringify(days);

  useEffect(() => {
    let isGone = false;
    let clean = () => {};
    void import("./drawBars").then(({ drawBars }) => {
      if (isGone || !place.current) return;
      clean = drawBars(place.current, JSON.parse(key) as Day[], height, setOver);
      setIsDrawn(true);
    });
    return () => {
      isGone = true;
      clean();
    };
  }, [key, height, isDark]);

  const total = days.reduce((sum, each) => sum + each.settled_micro_usd, 0);
  const hovered = over === null ? undefined : days[over];
  return (
    <figure className={styles.chart}>
      <figcaption>
        {hovered ? (
          <>
            {showDay(`${hovered.day}T12:00:00Z`)} · <b>{money(hovered.settled_micro_usd)}</b>
          </>
        ) : (
          <>
            {days.length} days · <b>{money(total)}</b>
          </>
        )}
      </figcaption>
      <div style={{ height }}>
        {!isDrawn && <Skeleton height={height} />}
        <div ref={place} role="img" aria-label={`Spend by day, ${compactUsd(total / 1_000_000)} in ${days.length} days`} />
      </div>
    </figure>
  );
}
