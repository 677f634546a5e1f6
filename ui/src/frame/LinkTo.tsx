// Links and moves by address; opens in a new tab as any link does.
import { useRouter } from "@tanstack/react-router";
import { useCallback, type ComponentProps, type MouseEvent } from "react";

/** Goes to an address of `paths`. */
export function useGo(): (path: string, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return useCallback((path, options) => void router.navigate({ href: path, replace: options?.replace }), [router]);
}

interface Props extends ComponentProps<"a"> {
  to: string;
}

export function LinkTo({ to, onClick, ...rest }: Props) {
  const go = useGo();
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  }
  return <a href={to} onClick={follow} {...rest} />;
}
