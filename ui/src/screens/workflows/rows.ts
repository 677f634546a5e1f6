// How many rows a CSV result has, counted in this browser and without holding the file in memory.

/** Rows under the header; a line break inside quotes belongs to its cell, and blank lines are none. */
export async function countRows(blob: Blob): Promise<number> {
  const count = new RowCount();
  const reader = blob.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    count.add(value);
  }
  return Math.max(0, count.end() - 1);
}

class RowCount {
  private rows = 0;
  private isQuoted = false;
  private isBlank = true;

  add(text: string): void {
    for (const letter of text) {
      // A doubled quote inside quotes closes and opens again, which comes to the same.
      if (letter === '"') this.isQuoted = !this.isQuoted;
      if (letter === "\n" && !this.isQuoted) this.finish();
      else if (letter !== "\r" && letter !== "\uFEFF") this.isBlank = false;
    }
  }

  end(): number {
    this.finish();
    return this.rows;
  }

  private finish(): void {
    if (!this.isBlank) this.rows += 1;
    this.isBlank = true;
  }
}
