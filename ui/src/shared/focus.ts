// Where the keyboard goes when something opens over the page, and back to when it closes.
import { useRef, type KeyboardEvent } from "react";

let last: HTMLElement | null = null;

if (typeof document !== "undefined") {
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    // What is in a menu is gone when the menu is; the button it hangs from stays.
    const menu = target.closest("[role=menu]");
    if (menu) last = document.getElementById(menu.getAttribute("aria-labelledby") ?? "") ?? last;
    else if (!target.closest("[data-radix-popper-content-wrapper]")) last = target;
  });
}

// After a click the browser rings whatever a script focuses, such as the button of a closed menu; only keys ask for that.
if (typeof document !== "undefined") {
  const { dataset } = document.documentElement;
  document.addEventListener("pointerdown", () => void (dataset.byPointer = ""), true);
  document.addEventListener("keydown", () => void delete dataset.byPointer, true);
}

/** For a closing menu: what it opened has the keyboard already, and keeps it. */
export function keepIfTaken(event: Event): void {
  if (document.activeElement?.closest("[role=dialog]")) event.preventDefault();
}

/** Gives the keyboard back to what opened a dialog or drawer, unless somebody has it by then. */
export function useReturn(isOpen: boolean): (event: Event) => void {
  const opener = useRef<HTMLElement | null>(null);
  const wasOpen = useRef(false);
  // While rendering: a field of the dialog may take the keyboard before any effect runs.
  if (isOpen && !wasOpen.current) opener.current = last;
  wasOpen.current = isOpen;
  return (event) => {
    event.preventDefault();
    if (document.activeElement === document.body && opener.current?.isConnected) opener.current.focus();
  };
}

const FIELDS = "input:not([type=hidden]):not([hidden]), textarea, select, button, a[href], [tabindex='0']";

/** Puts the keyboard on the first thing of the content rather than on the button that closes it. */
export function startInside(event: Event): void {
  const drawer = event.currentTarget as HTMLElement;
  const fields = [...(drawer.querySelector("[data-content]")?.querySelectorAll<HTMLElement>(FIELDS) ?? [])];
  event.preventDefault();
  (fields.find((each) => !each.matches(":disabled") && each.offsetParent !== null) ?? drawer).focus();
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** For a radio group: the arrow keys go to the next choice, round the end, and make it. */
export function chooseByArrow(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const choices = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]:not(:disabled)")];
  const at = choices.findIndex((each) => each === document.activeElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  const next = choices[(at + step + choices.length) % choices.length];
  next?.focus();
  next?.click();
}
