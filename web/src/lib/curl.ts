/** "Copy as cURL": a command that is safe to paste, whatever the report held. Pure. */
import { pairsOf, plain, type FailedRequest } from './request';

export interface CurlCommand {
  command: string;
  /** The address had no host; this one stands in for it. */
  placeholder: string | null;
  /** Where values were scrubbed, so that the command will not work unchanged. */
  scrubbed: string[];
}

const PLACEHOLDER = 'http://host.example';

/** Headers that belong to the connection and would contradict what curl sends itself. */
const DROPPED = /^(host|content-length|connection|accept-encoding|transfer-encoding|:.*)$/i;

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
/** A terminal acts on escape sequences even in pasted text; line breaks and tabs of a body stay. */
// eslint-disable-next-line no-control-regex
const CONTROLS_BUT_BREAKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** One word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

function fullAddress(request: FailedRequest): { url: string; placeholder: string | null } {
  let url = request.url.replace(CONTROLS, '');
  let placeholder: string | null = null;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    const host = request.headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
    const clean = host?.replace(CONTROLS, '').trim() ?? '';
    const base = /^[\w.:[\]-]+$/.test(clean) ? `http://${clean}` : PLACEHOLDER;
    if (base === PLACEHOLDER) placeholder = PLACEHOLDER;
    url = url.startsWith('//') ? `http:${url}` : base + (url.startsWith('/') ? url : `/${url}`);
  }
  const pairs = pairsOf(request.query);
  if (pairs.length > 0 && !url.includes('?')) {
    const [before, hash] = url.split('#', 2);
    const query = new URLSearchParams(pairs).toString();
    url = `${before}?${query}${hash ? `#${hash}` : ''}`;
  }
  return { url, placeholder };
}

export function curlCommand(request: FailedRequest): CurlCommand {
  const { url, placeholder } = fullAddress(request);
  const method = /^[A-Z]{1,20}$/.test(request.method) ? request.method : 'GET';
  const scrubbed: string[] = [];
  const words = [`curl --request ${method}`, `--url ${quoted(url)}`, '--globoff --compressed'];
  if (/\[scrubbed\]|%5Bscrubbed%5D/i.test(url)) scrubbed.push('url');
  let typed = false;
  for (const [name, value] of request.headers) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || DROPPED.test(name)) continue;
    const clean = value.replace(CONTROLS, '');
    if (name.toLowerCase() === 'content-type') typed = true;
    if (clean.includes('[scrubbed]')) scrubbed.push(name);
    words.push(`--header ${quoted(clean === '' ? `${name};` : `${name}: ${clean}`)}`);
  }
  const isText = typeof request.body === 'string';
  const body = plain(request.body).replace(CONTROLS_BUT_BREAKS, '');
  if (body !== '') {
    if (!typed && !isText) words.push(`--header ${quoted('content-type: application/json')}`);
    if (body.includes('[scrubbed]')) scrubbed.push('body');
    // --data would read a file after an @.
    words.push(`--data-raw ${quoted(body)}`);
  }
  return { command: words.join(' \\\n  '), placeholder, scrubbed };
}
