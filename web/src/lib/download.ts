/** Saves a text that the page has made as a file of the reader's. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then; it never needs the address again.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
