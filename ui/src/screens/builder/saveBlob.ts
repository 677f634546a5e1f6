// Saving a file that this page has made.

export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // A browser may begin to read the file only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
