// What stands where content is not (yet): loading, nothing there, something went wrong, not allowed.
import type { UseQueryResult } from "@tanstack/react-query";
import { CloudOff, Lock, RotateCw, SearchX, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, messageOf } from "../api/client";
import { Button } from "./Button";
import { CopyId } from "./Copy";
import { classes } from "./format";
import styles from "./Placeholder.module.css";

interface EmptyProps {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  size?: "page" | "panel";
}

/** Says what belongs here and offers the one next action. */
export function EmptyState({ icon: Icon, title, children, action, size = "page" }: EmptyProps) {
  return (
    <div className={classes(styles.empty, size === "panel" && styles.panel)}>
      {Icon && (
        <span className={styles.glyph}>
          <Icon size={20} strokeWidth={1.6} aria-hidden />
        </span>
      )}
      <h2>{title}</h2>
      {children && <p className="muted">{children}</p>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}

interface ErrorProps {
  error: unknown;
  /** What was being done, as in "load the runs". */
  doing?: string;
  onRetry?: () => void;
  size?: "page" | "panel";
}

/** Says what happened and the next move, with the id to copy. */
export function ErrorState({ error, doing, onRetry, size = "page" }: ErrorProps) {
  const known = error instanceof ApiError ? error : null;
  if (known?.status === 403) return <NoPermission what={known.message} size={size} />;
  if (known?.status === 404) {
    return (
      <EmptyState icon={SearchX} title="Not found" size={size} action={<Button onClick={() => history.back()}>Go back</Button>}>
        {known.message}
      </EmptyState>
    );
  }
  const Icon = known?.status === 0 ? CloudOff : TriangleAlert;
  return (
    <div className={classes(styles.empty, size === "panel" && styles.panel)} role="alert">
      <span className={classes(styles.glyph, styles.bad)}>
        <Icon size={20} strokeWidth={1.6} aria-hidden />
      </span>
      <h2>{doing ? `Could not ${doing}` : "Something went wrong"}</h2>
      <p className="muted">{messageOf(error)}</p>
      {known?.requestId && <CopyId label="Request" id={known.requestId} />}
      {onRetry && (
        <div className={styles.action}>
          <Button icon={RotateCw} onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

export function NoPermission({ what, size }: { what?: string; size?: "page" | "panel" }) {
  return (
    <EmptyState icon={Lock} title="You may not see this" size={size}>
      {what ?? "Your role does not include this. Ask an administrator of your account to change it."}
    </EmptyState>
  );
}

/** An error beside a form or button, with its request id. */
export function InlineError({ error }: { error: unknown }) {
  if (!error) return null;
  const id = error instanceof ApiError ? error.requestId : null;
  return (
    <div className={styles.inline} role="alert">
      <TriangleAlert size={15} aria-hidden />
      <span>
        {messageOf(error)} {id && <CopyId label="Request" id={id} />}
      </span>
    </div>
  );
}

export function Skeleton({ width = "100%", height = 14 }: { width?: number | string; height?: number | string }) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden />;
}

/** Rows of skeleton for a list that is loading for the first time. */
export function SkeletonRows({ rows = 6, height = 40 }: { rows?: number; height?: number }) {
  return (
    <div className={styles.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height }}>
          <Skeleton width={`${34 - ((index * 7) % 16)}%`} />
          <Skeleton width={72} />
          <Skeleton width={56} />
        </div>
      ))}
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  doing: string;
  skeleton?: ReactNode;
  size?: "page" | "panel";
  children: (value: T) => ReactNode;
}

/** Shows a query's value, its first load or its failure; an update never flickers. */
export function Loaded<T>({ query, doing, skeleton, size, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} doing={doing} onRetry={() => void query.refetch()} size={size} />;
  return skeleton ?? <SkeletonRows />;
}
