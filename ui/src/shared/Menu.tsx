// Menus that drop from a button.
import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check, type LucideIcon } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { keepIfTaken } from "./focus";
import styles from "./Menu.module.css";

export interface MenuAction {
  label: string;
  icon?: LucideIcon;
  /** A second, quieter line. */
  detail?: string;
  /** At the right: a key, a price. */
  aside?: ReactNode;
  isChecked?: boolean;
  isDisabled?: boolean;
  isDanger?: boolean;
  onSelect: () => void;
}

export interface MenuGroup {
  heading?: string;
  actions: MenuAction[];
}

interface Props {
  trigger: ReactNode;
  groups: MenuGroup[];
  align?: "start" | "center" | "end";
  side?: "top" | "bottom" | "right" | "left";
  minWidth?: number;
  /** Given only where something besides the trigger opens it. */
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
}

export function Menu({ trigger, groups, align = "end", side = "bottom", minWidth = 184, isOpen, onOpenChange }: Props) {
  const shown = groups.filter((group) => group.actions.length > 0);
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} side={side} sideOffset={4} collisionPadding={8} style={{ minWidth }} onCloseAutoFocus={keepIfTaken}>
          {shown.map((group, index) => (
            <Fragment key={group.heading ?? index}>
              {index > 0 && <Radix.Separator className={styles.line} />}
              <Radix.Group>
                {group.heading && <Radix.Label className={styles.heading}>{group.heading}</Radix.Label>}
                {group.actions.map((action) => (
                  <Item key={action.label} action={action} />
                ))}
              </Radix.Group>
            </Fragment>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ action }: { action: MenuAction }) {
  const { icon: Icon } = action;
  return (
    <Radix.Item className={styles.item} disabled={action.isDisabled} data-danger={action.isDanger || undefined} onSelect={action.onSelect}>
      {Icon && <Icon size={15} strokeWidth={1.8} aria-hidden />}
      <span className={styles.label}>
        {action.label}
        {action.detail && <small>{action.detail}</small>}
      </span>
      {action.aside && <span className={styles.aside}>{action.aside}</span>}
      {action.isChecked && <Check size={14} aria-label="chosen" />}
    </Radix.Item>
  );
}
