/** Lines of source around a frame, where the server runs beside the code. */
import { part, request } from './api';

export interface Lines {
  file: string;
  line: number;
  first_line: number;
  lines: string[];
}

export function sourceLines(project: string, file: string, line: number, signal: AbortSignal) {
  const query = { file, line };
  return request<Lines>('GET', `/projects/${part(project)}/source`, { query, signal });
}
