/** The types of answers, held to the document of the API. */
import { expect, test } from 'vitest';
import openapi from '../../../docs/openapi.json?raw';
import told from './happening.ts?raw';
import types from './types.ts?raw';

const source = types + told;

const { schemas } = JSON.parse(openapi).components;

/** The members that an interface names itself, without those of the one it extends. */
function membersOf(name: string): string[] {
  const whole = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`);
  const body = whole.exec(source)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map((found) => found[1] as string);
}

/** The members that a schema names itself. */
function propertiesOf(name: string): string[] {
  const own = [schemas[name], ...(schemas[name].allOf ?? [])];
  return own.flatMap((part: { properties?: object }) => Object.keys(part.properties ?? {}));
}

test.each([
  ['Issue', 'Issue', []],
  ['IssueDetail', 'IssueDetail', []],
  ['HistoryEntry', 'HistoryEntry', []],
  ['Project', 'Project', []],
  ['Change', 'Change', []],
  ['EventSummary', 'Event', ['context', 'trimmed', 'adjusted']],
  ['LogEvent', 'Event', []],
  ['Happening', 'Happening', []],
  ['Backup', 'Backup', []],
  ['Deploy', 'Deploy', []],
  ['System', 'System', []],
])('%s has the members of the document', (type, schema, elsewhere) => {
  const inherited = type === 'LogEvent' ? membersOf('EventSummary') : [];
  const members = [...membersOf(type), ...inherited, ...elsewhere].sort();
  expect(members).toEqual(propertiesOf(schema).sort());
});
