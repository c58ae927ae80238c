/** Where an error was raised, as one text. Pure. */

interface Raised {
  culprit: string | null;
  file_path: string;
  line_number: number;
}

/** The server's reading of the stack goes before; a line of no file says nothing. */
export function placeOf({ culprit, file_path, line_number }: Raised): string {
  if (culprit) return culprit;
  return file_path && line_number ? `${file_path}:${line_number}` : file_path;
}
