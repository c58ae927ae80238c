import { expect, test } from 'vitest';
import { addressOf, leavesDashboard, movedAddress, placeOf } from './address';
import { basisOf } from './basis';
import {
  isNarrowed,
  isSlice,
  issuesQuery,
  readFilters,
  toggledStatus,
  writeFilters,
} from './filters';
import { OPEN } from './status';

const read = (query: string) => readFilters(new URLSearchParams(query));

test.each([
  '',
  'q=TypeError%3A+x&project_id=web&environment=production&status=all&level=CRITICAL%2CERROR',
  'status=NEW%2CFIXING&version=1.4.2&since=2026-01-01&sort=count',
])('the address %j says the same after reading and writing', (query) => {
  expect(writeFilters(read(query))).toBe(query);
});

test('what is unknown is left out', () => {
  expect(writeFilters(read('status=NOPE&level=LOUD&sort=up&x=1'))).toBe('');
});

test('without a status the server is asked for the open ones', () => {
  const query = issuesQuery(read(''), null);
  expect(query.get('status')).toBe(OPEN.join(','));
  expect(query.get('limit')).toBe('50');
  expect(query.has('cursor')).toBe(false);
  expect(issuesQuery(read('status=all'), 'abc').toString()).toBe('limit=50&cursor=abc');
});

test('a query that names a status is not narrowed a second time', () => {
  expect(issuesQuery(read('q=status:DEPLOYED'), null).has('status')).toBe(false);
  expect(issuesQuery(read('q=x+!status:NEW'), null).has('status')).toBe(false);
  expect(issuesQuery(read('q=http_status:500'), null).has('status')).toBe(true);
  expect(issuesQuery(read('q=status:NEW&status=FIXED'), null).get('status')).toBe('FIXED');
});

test('a project alone does not narrow the list', () => {
  expect(isNarrowed(read('project_id=web&sort=count'))).toBe(false);
  expect(isNarrowed(read('level=ERROR'))).toBe(true);
  expect(isNarrowed(read('assignee=bob'))).toBe(true);
});

test.each([
  ['', false],
  ['project_id=web&status=FIXED&type=KeyError&sort=users', false],
  ['q=timeout+user:7', false],
  ['environment=production', true],
  ['level=ERROR', true],
  ['version=1.2', true],
  ['range=24h', true],
  ['until=2026-01-01', true],
  ['q=timeout+!env:staging', true],
  ['q="a+level:ERROR"', false],
])('counts of %j are of a part of the reports: %s', (query, expected) => {
  expect(isSlice(read(query))).toBe(expected);
});

test.each([
  ['', ['status']],
  ['status=all', []],
  ['status=FIXED', []],
  ['status=all&q=timeout', ['q']],
  ['q=status:FIXED', ['q']],
  ['version=1.2', ['status']],
  ['version=1.2&level=ERROR&status=all', ['level']],
  ['level=ERROR&status=FIXED&assignee=bob', ['assignee', 'status']],
])('the chart of %j says that it leaves out %j', (query, expected) => {
  expect(basisOf(read(query)).unheeded).toEqual(expected);
});

test('status chips are added and taken away; none is the open group', () => {
  expect(toggledStatus('open', 'NEW')).toEqual(['NEW']);
  expect(toggledStatus(['FIXING'], 'NEW')).toEqual(['NEW', 'FIXING']);
  expect(toggledStatus(['NEW'], 'NEW')).toBe('open');
  expect(toggledStatus('all', 'DEPLOYED')).toEqual(['DEPLOYED']);
});

test.each([
  ['/', { page: 'attention' }],
  ['/issues', { page: 'issues' }],
  ['/issues/12', { page: 'issue', id: 12 }],
  ['/issues/0', { page: 'unknown' }],
  ['/issues/1e3', { page: 'unknown' }],
  ['/board', { page: 'board' }],
  ['/live', { page: 'live' }],
  ['/statistics', { page: 'statistics' }],
  ['/events', { page: 'events' }],
  ['/projects/a%20b', { page: 'project', projectId: 'a b' }],
  ['/projects/%E0%A4%A', { page: 'unknown' }],
  ['/report', { page: 'report' }],
  ['/people', { page: 'people' }],
  ['/keys', { page: 'keys' }],
  ['/audit', { page: 'audit' }],
  ['/account', { page: 'account' }],
  ['/a/b/c', { page: 'unknown' }],
])('the path %s is the page %j', (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

test('a link to the list from when it was the first page still leads to it', () => {
  expect(movedAddress('/', '?q=x&status=all')).toBe('/issues?q=x&status=all');
  expect(movedAddress('/', '?until=2026-01-01')).toBe('/issues?until=2026-01-01');
  expect(movedAddress('/', '')).toBe(null);
  expect(movedAddress('/', '?look=24h')).toBe(null);
  expect(movedAddress('/events', '?q=x')).toBe(null);
});

test('addresses hold what is given and are quoted', () => {
  const address = addressOf('/events', { user_id: 'a&b=c', q: '', x: null });
  expect(address).toBe('/events?user_id=a%26b%3Dc');
  expect(addressOf('/events', {})).toBe('/events');
});

test('the server’s own pages leave the dashboard', () => {
  expect(leavesDashboard('/docs')).toBe(true);
  expect(leavesDashboard('/api/v1/issues')).toBe(true);
  expect(leavesDashboard('/documents')).toBe(false);
});
