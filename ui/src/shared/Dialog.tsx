// Dialogs, only to confirm what costs money, leaves the house or destroys; everything else uses a Drawer.
import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button, type ButtonProps } from "./Button";
import { startInside, useReturn } from "./focus";
import { InlineError } from "./Placeholder";
import styles from "./Dialog.module.css";

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  children?: ReactNode;
  footer?: ReactNode;
  width?: number;
}

export function Dialog({ isOpen, onClose, title, children, footer, width = 460 }: DialogProps) {
  const giveBack = useReturn(isOpen);
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content className={styles.dialog} style={{ maxWidth: width }} aria-describedby={undefined} onCloseAutoFocus={giveBack}>
          <Radix.Title asChild>
            <h2 className={styles.title}>{title}</h2>
          </Radix.Title>
          <div className={styles.body}>{children}</div>
          {footer && <div className={styles.footer}>{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps extends Omit<DialogProps, "footer"> {
  confirm: string;
  look?: ButtonProps["look"];
  priceMicroUsd?: number;
  /** Closes the dialog when it succeeds; its failure is shown inside. */
  onConfirm: () => Promise<unknown> | unknown;
}

/** Asks once; the button says what will happen and what it costs. */
export function ConfirmDialog({ confirm, look = "primary", priceMicroUsd, onConfirm, children, ...rest }: ConfirmProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function act() {
    setIsBusy(true);
    setError(null);
    try {
      await onConfirm();
      rest.onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setIsBusy(false);
    }
  }
  const footer = (
    <>
      <Button onClick={rest.onClose}>Cancel</Button>
      <Button look={look} isBusy={isBusy} onClick={() => void act()} priceMicroUsd={priceMicroUsd} autoFocus>
        {confirm}
      </Button>
    </>
  );
  return (
    <Dialog {...rest} footer={footer}>
      {children}
      <InlineError error={error} />
    </Dialog>
  );
}

interface DrawerProps {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  footer?: ReactNode;
  /** In pixels, or as a token. */
  width?: number | string;
  /** Leaves the keyboard in the list, whose keys go on working while the drawer follows. */
  keepsFocus?: boolean;
  children: ReactNode;
}

/** Detail at the right that leaves the list usable; Esc closes it. */
export function Drawer({ isOpen, onClose, title, subtitle, actions, footer, width = 520, keepsFocus, children }: DrawerProps) {
  const giveBack = useReturn(isOpen);
  return (
    <Radix.Root open={isOpen} modal={false} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Content
          className={styles.drawer}
          data-drawer=""
          style={{ width: `min(${typeof width === "number" ? `${width}px` : width}, calc(100vw - 72px))` }}
          aria-describedby={undefined}
          onInteractOutside={(event) => event.preventDefault()}
          onOpenAutoFocus={keepsFocus ? (event) => event.preventDefault() : startInside}
          onCloseAutoFocus={keepsFocus ? (event) => event.preventDefault() : giveBack}
        >
          <header className={styles.head}>
            <div className={styles.heading}>
              <Radix.Title asChild>
                <h2 className="clip">{title}</h2>
              </Radix.Title>
              {subtitle && <div className={styles.subtitle}>{subtitle}</div>}
            </div>
            {actions}
            <Radix.Close asChild>
              <Button look="quiet" size="small" icon={X} aria-label="Close" />
            </Radix.Close>
          </header>
          <div className={styles.content} data-content="">{children}</div>
          {footer && <footer className={styles.foot}>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
