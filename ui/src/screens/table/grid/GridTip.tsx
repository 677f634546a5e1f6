// One hover note for the whole grid: thousands of cells share it instead of carrying one each.
import { useEffect, useState, type RefObject } from "react";
import styles from "./Grid.module.css";

interface Tip {
  text: string;
  left: number;
  top: number;
  isAbove: boolean;
}

const DELAY_MS = 400;
const WIDTH = 300;

/** Shows the `data-tip` of what the mouse rests on; for cut-off text (`data-text`) the whole of it. */
export function GridTip({ scroller }: { scroller: RefObject<HTMLDivElement | null> }) {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout>;
    let over: Element | null = null;
    const hide = () => {
      clearTimeout(timer);
      over = null;
      setTip(null);
    };
    const hover = (event: PointerEvent) => {
      const target = (event.target as Element).closest("[data-tip], [data-text]");
      if (target === over) return;
      hide();
      over = target;
      if (!target || event.buttons !== 0) return;
      timer = setTimeout(() => {
        const text = wordsOf(target as HTMLElement);
        if (text) setTip({ text, ...placeAt(target) });
      }, DELAY_MS);
    };
    element.addEventListener("pointerover", hover);
    element.addEventListener("pointerdown", hide);
    element.addEventListener("pointerleave", hide);
    element.addEventListener("scroll", hide, { passive: true });
    return () => {
      hide();
      element.removeEventListener("pointerover", hover);
      element.removeEventListener("pointerdown", hide);
      element.removeEventListener("pointerleave", hide);
      element.removeEventListener("scroll", hide);
    };
  }, [scroller]);
  if (!tip) return null;
  return (
    <div className={styles.tip} role="tooltip" data-above={tip.isAbove || undefined} style={{ left: tip.left, top: tip.top, maxWidth: WIDTH }}>
      {tip.text}
    </div>
  );
}

function wordsOf(element: HTMLElement): string {
  if (element.dataset.tip) return element.dataset.tip;
  const text = element.textContent ?? "";
  if (element.scrollWidth <= element.clientWidth) return "";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function placeAt(element: Element): Omit<Tip, "text"> {
  const box = element.getBoundingClientRect();
  const isAbove = box.bottom + 120 > window.innerHeight;
  return {
    left: Math.max(8, Math.min(box.left, window.innerWidth - WIDTH - 8)),
    top: isAbove ? box.top - 8 : box.bottom + 8,
    isAbove,
  };
}
