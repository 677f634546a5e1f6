// Whether Python has started in this browser; said only where it did not.
import { TriangleAlert } from "lucide-react";
import { useSyncExternalStore } from "react";
import { onPhase, phase, warm, type Phase } from "../../python/door";
import { Button } from "../../shared/Button";
import { Notice } from "../../shared/Panel";

export function usePhase(): Phase {
  return useSyncExternalStore(onPhase, phase);
}

export function PythonState() {
  if (usePhase() !== "failed") return null;
  return (
    <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />} action={<Button size="small" onClick={warm}>Try again</Button>}>
      Python did not start in this browser, so no file can be read here. Nothing was sent. Use a current browser with WebAssembly, or give it more memory by closing other tabs.
    </Notice>
  );
}
