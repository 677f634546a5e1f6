// A small panel that drops from a toolbar button.
import * as Popover from "@radix-ui/react-popover";
import type { ReactNode } from "react";
import { keepIfTaken } from "../../../shared/focus";
import styles from "./Toolbar.module.css";

interface Props {
  trigger: ReactNode;
  label: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  width?: number;
  align?: "start" | "end";
  children: ReactNode;
}

export function Flyout({ trigger, label, isOpen, onOpenChange, width = 320, align = "start", children }: Props) {
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpenChange}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.flyout} style={{ width }} align={align} sideOffset={4} collisionPadding={8} aria-label={label} onCloseAutoFocus={keepIfTaken}>
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
