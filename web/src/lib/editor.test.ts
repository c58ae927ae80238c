import { expect, test } from 'vitest';
import { editorLink, localPath } from './editor';

const at = (file: string) => ({ file, line: 12, column: 5 });

test.each([
  ['/srv/app/views.py', '', '', '/srv/app/views.py'],
  ['/srv/app/views.py', '/srv/app', '/home/me/code', '/home/me/code/views.py'],
  ['/srv/app/views.py', '/srv/app/', '/home/me/code/', '/home/me/code/views.py'],
  ['https://shop.example/src/a.ts', 'https://shop.example/', '/code/shop', '/code/shop/src/a.ts'],
  ['src/main.rs', '', '/code/tool', '/code/tool/src/main.rs'],
  ['./src/main.rs', '', '/code/tool', '/code/tool/src/main.rs'],
  ['C:\\work\\App.cs', '', '', 'C:/work/App.cs'],
  ['file:///srv/a.js', '', '', '/srv/a.js'],
])('%s from %j to %j is %s', (file, from, to, expected) => {
  expect(localPath(file, { from, to })).toBe(expected);
});

test.each([
  'src/relative.py',
  'https://shop.example/a.js',
  'webpack:///src/a.ts',
  '/srv/../etc/passwd',
  '//host/share/a.js',
  '\\\\host\\share\\a.js',
  'javascript:alert(1)',
  '/srv/a\nb.py',
  '',
])('%j is opened nowhere', (file) => {
  expect(localPath(file, { from: '', to: '' })).toBeNull();
});

test('a path that walks upwards out of the folder is not opened either', () => {
  expect(localPath('app/../../x', { from: 'app/', to: '/code' })).toBeNull();
});

test('each editor has its own address', () => {
  const choice = { from: '', to: '' };
  const link = (editor: 'vscode' | 'idea' | 'zed' | '', file: string) =>
    editorLink({ ...choice, editor }, at(file));
  expect(link('', '/a.py')).toBeNull();
  expect(link('vscode', '/a b/c#.py')).toBe('vscode://file/a%20b/c%23.py:12:5');
  expect(link('zed', 'C:/a.cs')).toBe('zed://file/C:/a.cs:12:5');
  expect(link('idea', '/a&b.py')).toBe('idea://open?file=%2Fa%26b.py&line=12');
  const nowhere = { file: '/a', line: null, column: null };
  expect(editorLink({ ...choice, editor: 'vscode' }, nowhere)).toBe('vscode://file/a:1:1');
});
