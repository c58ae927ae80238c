import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { filled, isProject, quotingAt, type Snippet } from './fill';

const files = Object.values(
  import.meta.glob<Snippet>('../../../docs/guide/snippets/*', {
    query: '?snippet',
    import: 'default',
    eager: true,
  }),
);
const plain = (snippet: Snippet) => snippet.pieces.map(([, text]) => text).join('');
const naming = files.filter((file) => plain(file).includes('my_project'));

function named(name: string): Snippet {
  const file = files.find((one) => one.name === name);
  if (!file) throw new Error(`no snippet ${name}`);
  return file;
}

function fill(snippet: Snippet, project: string, url = 'http://127.0.0.1:9001'): string {
  const pieces = filled(snippet, { url, project });
  return pieces.map(([, text]) => text).join('');
}

/** A snippet of one piece. */
const made = (language: string, text: string): Snippet => ({
  name: '',
  language,
  pieces: [['', text]],
});

const run = (file: string, args: string[]) => execFileSync(file, args, { encoding: 'utf8' });

/** Where a snippet of JavaScript names the project, alone or among the options of a client. */
const PLACE = /(?:^const PROJECT = |project: )('.*');?(?:, environment: .*)?$/m;

const HOSTILE = [
  'shop_web',
  'it\'s "quoted"',
  "'''; import os",
  'C:\\new \\u0041 \\',
  '</script><!-- -->',
  'line\u2028and\u2029paragraph',
  '$(touch /tmp/x) `id` $HOME ${HOME} !! %s',
  '#{1 + 1} {$x} ${x} }',
  '🐙 магазин 商店',
  'tab\tline\nEOF\n',
];

test('there are snippets, and those that name a server name the project too, once each', () => {
  expect(files.length).toBeGreaterThan(18);
  for (const file of files) {
    const counts = ['http://localhost:8002', 'my_project'].map(
      (word) => plain(file).split(word).length - 1,
    );
    const expected = naming.includes(file) ? [1, 1] : [0, 0];
    expect([file.name, ...counts]).toEqual([file.name, ...expected]);
  }
});

test('the address and the project stand in every snippet that names them', () => {
  for (const file of naming) {
    const text = fill(file, 'shop_web');
    expect(text).not.toMatch(/localhost:8002|my_project/);
    expect(text).toContain('http://127.0.0.1:9001');
    expect(text).toContain('shop_web');
  }
});

describe.each(HOSTILE)('a project named %j', (name) => {
  test('is data for a shell and for JSON', () => {
    const body = 'curl() { while [ "$1" != -d ]; do shift; done; printf %s "$2"; }\n';
    const sent = run('sh', ['-c', body + fill(named('curl.sh'), name)]);
    expect(JSON.parse(sent).project_id).toBe(name);
  });

  test('is data in the shell snippet', () => {
    const script = `${fill(named('report_error.sh'), name)}\ncurl() { cat; }\nreport_error T M`;
    expect(JSON.parse(run('sh', ['-c', script])).project_id).toBe(name);
  });

  test('is a string of JavaScript and TypeScript', () => {
    for (const file of naming.filter(({ language }) => /^(m?js|tsx?)$/.test(language))) {
      const literal = PLACE.exec(fill(file, name))?.[1];
      expect(literal).not.toMatch(/<[/!]|[\u2028\u2029]/);
      expect([file.name, new Function(`return ${literal}`)()]).toEqual([file.name, name]);
    }
  });

  test('is a string of Python', () => {
    const literal = /^PROJECT = (.*)$/m.exec(fill(named('report_error.py'), name))?.[1] ?? '';
    const read = 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.argv[1])))';
    expect(JSON.parse(run('python3', ['-c', read, literal]))).toBe(name);
  });

  test('is one word of a printed command', () => {
    const shell = made('sh', "printf '%s' 'my_projectValueError' my_project \"my_project\"");
    expect(run('sh', ['-c', fill(shell, name)])).toBe(`${name}ValueError${name}${name}`);
  });

  test('is one part of an address', () => {
    const shell = made('sh', 'printf %s http://localhost:8002/projects/my_project/deploys');
    const [, part] = /projects\/(.*)\/deploys/.exec(run('sh', ['-c', fill(shell, name)])) ?? [];
    expect(decodeURIComponent(part ?? '')).toBe(name);
    expect(part).not.toMatch(/[/?#'"\s]/);
  });
});

test('where a report needs a key there is a place for one, and the command still runs', () => {
  const closed = { url: 'http://localhost', project: 'shop', withKey: true };
  const text = (name: string) => filled(named(name), closed).map(([, part]) => part).join('');
  const body = 'curl() { for word do printf "<%s>" "$word"; done; }\n';
  expect(run('sh', ['-c', body + text('curl.sh')])).toContain(
    '<-H><X-Log-Center-Key: YOUR_KEY><-H><Content-Type: application/json><-d><{',
  );
  expect(text('client-page.html')).toContain('data-key="YOUR_KEY" data-project="shop"');
  expect(text('report_error.py')).toBe(fill(named('report_error.py'), 'shop', 'http://localhost'));
  expect(fill(named('curl.sh'), 'shop')).not.toContain('YOUR_KEY');
});

test('literals of languages that are not everywhere to be run', () => {
  const name = '\'"\\$x #{y} `\u2028\n';
  const table = [
    ['go', '"my_project"', `"'\\"\\\\$x #{y} \`\\u2028\\u000a"`],
    ['java', '"my_project"', `"'\\"\\\\$x #{y} \`\\u2028\\012"`],
    ['php', '"my_project"', `"'\\"\\\\\\$x #{y} \`\\u{2028}\\u{a}"`],
    ['php', "'my_project'", `'\\'"\\\\$x #{y} \`\u2028\n'`],
    ['rb', '"my_project"', `"'\\"\\\\$x \\#{y} \`\\u{2028}\\u{a}"`],
    ['rb', "'my_project'", `'\\'"\\\\$x #{y} \`\u2028\n'`],
    ['html', '"my_project"', `"&#39;&#34;\\$x #{y} \`&#8232;&#10;"`],
    ['ts', '`my_project`', '`\'"\\\\\\$x #{y} \\`\\u2028\\u000a`'],
  ] as const;
  for (const [language, text, expected] of table) {
    expect(fill(made(language, text), name)).toBe(expected);
  }
});

test('an address that a shell would read as a pattern is quoted', () => {
  const shell = made('sh', 'curl http://localhost:8002/api');
  expect(fill(shell, 'x', 'http://[::1]:8002')).toBe("curl 'http://[::1]:8002'/api");
  expect(fill(shell, 'x', 'http://127.0.0.1:9')).toBe('curl http://127.0.0.1:9/api');
});

test('the quoting of a place is that of the shell', () => {
  const table = [
    ['echo @', 'bare'],
    ["echo 'a' @", 'bare'],
    ["echo 'a @'", 'single'],
    ['echo "it\'s @"', 'double'],
    ['echo "\\" @"', 'double'],
    ["# it's\necho @", 'bare'],
    ["echo a#b' @'", 'single'],
    ['# see @', 'comment'],
    ['cat <<EOF || :\n"@"\nEOF\n', 'document'],
    ["cat <<'EOF'\n@\nEOF\n", 'raw document'],
    ["cat <<EOF\nit's\nEOF\necho @", 'bare'],
    ['a << 2; echo "@"', 'double'],
  ] as const;
  for (const [script, expected] of table) {
    expect([script, quotingAt(script, script.indexOf('@'))]).toEqual([script, expected]);
  }
});

test('a half of a character cannot become a part of code', () => {
  expect(fill(made('go', '"my_project"'), 'a\ud800b')).toBe('"a\ufffdb"');
});

test('names are those that the server takes', () => {
  for (const name of ['a', 'rtc_backend', '商店', 'a b', 'x'.repeat(64), "it's"]) {
    expect([name, isProject(name)]).toEqual([name, true]);
  }
  for (const name of ['', 'a/b', 'a\\b', 'a?', 'a#', '50%', '..', 'v1', 'x'.repeat(65), 'a\nb']) {
    expect([name, isProject(name)]).toEqual([name, false]);
  }
});
