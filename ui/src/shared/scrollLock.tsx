// Stands in for react-remove-scroll: renders what it wraps and locks nothing, because only panes scroll here.
import type { ComponentProps, ElementType, ReactNode, Ref } from "react";

interface Props extends Omit<ComponentProps<"div">, "ref"> {
  as?: ElementType;
  ref?: Ref<HTMLElement>;
  allowPinchZoom?: boolean;
  shards?: unknown;
  enabled?: boolean;
  children?: ReactNode;
}

export function RemoveScroll({ as: As = "div", allowPinchZoom: _zoom, shards: _shards, enabled: _enabled, ...rest }: Props) {
  return <As {...rest} />;
}
