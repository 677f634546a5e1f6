// Saving a file that the server makes; a refusal fails the download and leaves the page as it is.

export function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}
