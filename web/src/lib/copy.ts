/** Copies text; true when it is in the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Does not exist on plain http with a name other than localhost: a team server's usual address.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused (no focus, no permission): the older way may still work.
  }
  const active = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'offscreen';
  // Inside an open dialog, since everything outside of one cannot be focused.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand('copy');
  } finally {
    area.remove();
    if (active instanceof HTMLElement) active.focus();
  }
  return copied;
}
