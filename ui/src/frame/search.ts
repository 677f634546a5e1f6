// How the part of an address after "?" is written: texts as they are, everything else as JSON.

const LOOKS_LIKE_JSON = /^[[{"]/;

export function parseSearch(text: string): Record<string, unknown> {
  return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, fromText(value)]));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "") continue;
    parts.set(name, typeof value === "string" && !LOOKS_LIKE_JSON.test(value) ? value : JSON.stringify(value));
  }
  const text = parts.toString();
  return text ? `?${text}` : "";
}

function fromText(value: string): unknown {
  if (!LOOKS_LIKE_JSON.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
