import { describe, expect, test } from 'vitest';
import { placeOf } from './address';
import { bodyOf, draftOf, faultsOfDraft } from './channeldraft';
import { choiceOf } from './deliveries.svelte';
import {
  fieldsOf,
  isWebhookSecret,
  KINDS,
  newSecret,
  plainRule,
  stateOf,
  TRIGGERS,
  wordsOf,
  type Channel,
  type Delivery,
  type Outcome,
} from './notifying';
import { phrase, type Entry, type Language, type Values } from './phrase';
import { faultsIn } from './refusal';
import { faultsOfRule, ruleDraftOf, ruleOf, zones } from './ruledraft';
import { ruleName, ruleWords, zoneName } from './rulewords';
import { saidSentence } from './said';
import { TEMPLATE_NAMES } from './templatenames';
import { en, type Key } from './words/en';
import { notifyingEn } from './words/notifying/en';
import { notifyingRu } from './words/notifying/ru';
import { notifyingZhCN } from './words/notifying/zh-CN';
import { ru } from './words/ru';
import { zhCN } from './words/zh-CN';

const WORDS: Record<Language, Record<string, Entry>> = {
  en: { ...en, ...notifyingEn },
  'zh-CN': { ...zhCN, ...notifyingZhCN },
  ru: { ...ru, ...notifyingRu },
};

function speaker(language: Language) {
  const t = (key: Key, values?: Values) => phrase(language, WORDS[language][key] ?? '', values);
  return { language, t };
}

const { t } = speaker('en');

function channel(changes: Partial<Channel> = {}): Channel {
  return {
    id: 1,
    name: 'Team',
    kind: 'slack',
    enabled: true,
    language: 'en',
    host: 'hooks.slack.com',
    ends: 'abcd',
    is_signed: false,
    chat_id: null,
    keyword: null,
    created_at: '2026-11-01T00:00:00Z',
    rests_until: null,
    trouble: null,
    waiting: 0,
    dead: 0,
    ...changes,
  };
}

function delivery(outcome: Outcome): Delivery {
  return {
    id: 1,
    notice_id: 1,
    channel_id: 1,
    issue_id: 1,
    trigger: 'created',
    at: '2026-11-01T00:00:00Z',
    took_ms: 3,
    outcome,
    code: '',
    reason: '',
    answer: '',
  };
}

test('each sub-page has an address', () => {
  expect(placeOf('/notifications')).toEqual({ page: 'notifications', tab: 'channels' });
  expect(placeOf('/notifications/rules')).toEqual({ page: 'notifications', tab: 'rules' });
  expect(placeOf('/notifications/deliveries')).toEqual({
    page: 'notifications',
    tab: 'deliveries',
  });
  expect(placeOf('/notifications/other')).toEqual({ page: 'unknown' });
});

describe('a rule in words', () => {
  const names = new Map([
    [1, 'Team chat'],
    [2, 'Pager'],
  ]);
  const rule = { ...plainRule(), environments: ['production'], channels: [1] };

  function said(language: Language, changes: Partial<typeof rule> = {}): string {
    const spoken = speaker(language);
    const words = ruleWords({ ...rule, ...changes }, names, spoken);
    const comma = spoken.t('say.comma');
    return `${[words.when, ...words.which].join(comma)} → ${words.to.join(comma)}`;
  }

  test('says when, which and where, in each language', () => {
    expect(said('en')).toBe('New or regressed, ERROR and above, in production → Team chat');
    expect(said('zh-CN')).toBe('新问题或再次出现，错误及以上，环境 production → Team chat');
    expect(said('ru')).toBe('Новая или вернулась, ОШИБКА и выше, окружение production → Team chat');
  });

  test('says numbers, statuses and lists', () => {
    expect(said('en', { triggers: ['frequent'], reports: 100, minutes: 5 })).toMatch(
      /^100 reports within 5 min, /,
    );
    expect(said('en', { triggers: ['moved'], moved_to: ['FIXED', 'VERIFIED'] })).toMatch(
      /^Moved to “Fixed, unverified” or “Verified”, /,
    );
    expect(said('en', { level: 'CRITICAL', projects: ['pay-*', 'shop'], codes: ['DB_*'] })).toBe(
      'New or regressed, CRITICAL only, in production, of pay-* or shop, code DB_* → Team chat',
    );
    expect(said('en', { environments: ['*'], level: 'DEBUG', channels: [] })).toBe(
      'New or regressed, every level, in every environment → every channel',
    );
  });

  test('says how often a digest comes, and when a deploy is judged', () => {
    const digest = { every: 'day' as const, at: '09:00', tz_offset_minutes: 480 };
    expect(said('en', { triggers: ['digest'], digest })).toMatch(
      /^A daily digest at 09:00 \(UTC\+8\), /,
    );
    expect(said('ru', { triggers: ['verdict'], hours: 3 })).toMatch(/^Итог выпуска через 3 часа, /);
  });

  test('a silent project has neither level nor environment', () => {
    expect(said('en', { triggers: ['silent'], minutes: 30, channels: [1, 2] })).toBe(
      'No report for 30 minutes → Team chat, Pager',
    );
  });

  test('says whom it mentions', () => {
    const mentions = ['slack:U1', 'wecom:all'];
    expect(ruleWords({ ...rule, mentions }, names, speaker('en')).mentions).toBe(
      'Mentions slack:U1, wecom:all.',
    );
    expect(ruleWords(rule, names, speaker('en')).mentions).toBe(null);
  });

  test.each([
    [{}, 'New or regressed, ERROR and above'],
    [
      { triggers: ['created', 'regressed', 'frequent', 'spike', 'spread'] },
      'New, regressed, 100 reports within 5 min',
    ],
    [
      { triggers: ['moved'], moved_to: ['FIXED', 'VERIFIED', 'CANNOT_REPRODUCE'] },
      'Moved to “Fixed, unverified”, “Verified”',
    ],
  ] as const)('suggests a short name of whole words: %#', (changes, expected) => {
    const words = ruleWords({ ...rule, ...changes } as typeof rule, names, speaker('en'));
    expect(ruleName(words, speaker('en'))).toBe(expected);
  });

  test('names no channel that was removed', () => {
    expect(ruleWords({ ...rule, channels: [9] }, names, speaker('en')).to).toEqual([]);
  });

  test('says quiet hours with their zone', () => {
    const quiet = {
      from: '22:00',
      to: '08:00',
      weekends: true,
      tz_offset_minutes: 480,
      below: 'CRITICAL',
    } as const;
    expect(ruleWords({ ...rule, quiet }, names, speaker('en')).quiet).toBe(
      'Quiet from 22:00 to 08:00 and at weekends (UTC+8): only CRITICAL at once.',
    );
  });
});

test.each([
  [0, 'UTC'],
  [480, 'UTC+8'],
  [-210, 'UTC−3:30'],
  [345, 'UTC+5:45'],
])('the offset %d is %s', (minutes, expected) => {
  expect(zoneName(minutes)).toBe(expected);
});

test('the reader’s own offset is among the zones, once', () => {
  expect(zones(480, 7).filter((one) => one === 480)).toEqual([480]);
  expect(zones(7)).toContain(7);
});

describe('the form of a rule', () => {
  const draft = () => ruleDraftOf('Night', plainRule(), new Set([1]), 60);

  test('gives back what it was made from', () => {
    const rule = {
      ...plainRule(),
      environments: ['eu-*', 'staging'],
      projects: ['shop'],
      channels: [1],
      quiet: {
        from: '20:00',
        to: '07:30',
        weekends: false,
        tz_offset_minutes: -60,
        below: 'ERROR' as const,
      },
      mentions: ['slack:U1', 'wecom:all'],
    };
    expect(ruleOf(ruleDraftOf('', rule, new Set([1]), 0), true)).toEqual(rule);
    expect(ruleOf(draft(), true)).toEqual(plainRule());
  });

  test('a digest has its time, and a verdict its hours', () => {
    const digest = { every: 'week' as const, at: '08:30', tz_offset_minutes: 480 };
    const rule = { ...plainRule(), triggers: ['digest' as const], digest, hours: 6 };
    const form = ruleDraftOf('', rule, new Set(), 0);
    expect(ruleOf(form, true)).toEqual(rule);
    expect(faultsOfRule({ ...form, digest: { ...digest, at: '' } }, t)).toEqual({
      digest: 'It is needed.',
    });
    const late = { ...form, triggers: ['verdict' as const], hours: 73 };
    expect(faultsOfRule(late, t)).toEqual({ hours: 'From 1 to 72.' });
  });

  test('a rule whose only channel is gone does not come to reach every one', () => {
    const orphan = ruleDraftOf('', { ...plainRule(), channels: [7] }, new Set([1]), 0);
    expect(orphan.everyChannel).toBe(false);
    expect(faultsOfRule(orphan, t).channels).toBe('Choose at least one, or every channel.');
  });

  test('tells what is missing or out of bounds where it stands', () => {
    expect(faultsOfRule(draft(), t)).toEqual({});
    const none = { ...draft(), triggers: [], where: 'these' as const };
    expect(Object.keys(faultsOfRule(none, t))).toEqual(['triggers', 'environments']);
    const many = { ...draft(), triggers: ['frequent' as const], reports: 0, minutes: 9_999 };
    expect(faultsOfRule(many, t)).toEqual({
      reports: 'From 1 to 1,000,000.',
      minutes: 'From 1 to 1,440.',
    });
  });
});

describe('the form of a channel', () => {
  const typed = (kind: string, changes: object, of?: Channel) => ({
    ...draftOf(of, kind, 'en', []),
    ...changes,
  });

  test('suggests a name that none has', () => {
    const others = [channel({ name: 'Slack' }), channel({ name: 'Slack 2' })];
    expect(draftOf(undefined, 'Slack', 'zh-CN', others)).toMatchObject({
      name: 'Slack 3',
      language: 'zh',
    });
  });

  test('asks for what its vendor needs', () => {
    for (const kind of KINDS) {
      const faults = faultsOfDraft(typed(kind, {}), kind, undefined, t);
      const needed = fieldsOf(kind).filter(({ required }) => required);
      expect(Object.keys(faults)).toEqual(needed.map(({ name }) => name));
    }
    const secret = typed('webhook', { url: 'https://a.example/', secret: 'whsec_short' });
    expect(Object.keys(faultsOfDraft(secret, 'webhook', undefined, t))).toEqual(['secret']);
    const url = typed('slack', { url: 'hooks.slack.com/x' });
    expect(faultsOfDraft(url, 'slack', undefined, t).url).toBe('It has to begin with https://');
  });

  test('leaves a stored secret alone unless it is typed or taken away', () => {
    const stored = channel({ kind: 'feishu', is_signed: true, keyword: 'Alarm' });
    const same = typed('feishu', {}, stored);
    expect(faultsOfDraft(same, 'feishu', stored, t)).toEqual({});
    expect(bodyOf(same, 'feishu', stored)).toEqual({
      name: 'Team',
      language: 'en',
      keyword: 'Alarm',
    });
    const cleared = typed('feishu', { keyword: '', unsign: true, url: ' https://b/ ' }, stored);
    expect(bodyOf(cleared, 'feishu', stored)).toEqual({
      name: 'Team',
      language: 'en',
      keyword: null,
      secret: null,
      url: 'https://b/',
    });
  });
});

test('the body of a webhook is JSON, or the usual one', () => {
  const stored = channel({ kind: 'webhook', template: { text: '{{title}}' } });
  const same = draftOf(stored, 'Webhook', 'en', []);
  expect(bodyOf(same, 'webhook', stored).template).toEqual({ text: '{{title}}' });
  expect(bodyOf({ ...same, template: ' ' }, 'webhook', stored).template).toBe(null);
  for (const template of ['{', '"{{title}}"', '7', 'null']) {
    const faults = faultsOfDraft({ ...same, template }, 'webhook', stored, t);
    expect(faults).toEqual({ template: 'It has to be JSON: an object or an array.' });
  }
});

test('a mail needs a server, a sender and recipients', () => {
  const draft = { ...draftOf(undefined, 'E-mail', 'en', []), url: 'https://mail.example.org' };
  const faults = faultsOfDraft(draft, 'email', undefined, t);
  expect(faults).toEqual({
    url: 'It has to begin with smtps:// or smtp://',
    from: 'It is needed.',
    to: 'It is needed.',
  });
  const whole = { ...draft, url: 'smtps://m', from: 'a@b.example', to: 'c@b.example, d@b.example' };
  expect(bodyOf(whole, 'email', undefined)).toMatchObject({
    from: 'a@b.example',
    to: ['c@b.example', 'd@b.example'],
  });
});

test('a new rule is whole, as the server has its default', () => {
  const sources = import.meta.glob<string>('../../../src/domain/notify/rule.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const [text = ''] = Object.values(sources);
  const [, fields = ''] = /pub struct Rule \{([^}]*)\}/.exec(text) ?? [];
  const names = [...fields.matchAll(/pub (\w+):/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(Object.keys(plainRule()).sort()).toEqual(names.sort());
});

test('the names that a template may use are those of the server', () => {
  const sources = import.meta.glob<string>('../../../src/domain/notify/template.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const [text = ''] = Object.values(sources);
  const [, list = ''] = /NAMES: [^=]*= \[([^\]]*)\]/.exec(text) ?? [];
  const names = [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(TEMPLATE_NAMES.flatMap(({ names }) => names).sort()).toEqual(names.sort());
});

test('a secret that is made up is one', () => {
  expect(isWebhookSecret(newSecret(new Uint8Array(32).fill(7)))).toBe(true);
  expect(isWebhookSecret(`whsec_${btoa('x'.repeat(23))}`)).toBe(false);
  expect(isWebhookSecret(`whsec_${btoa('x'.repeat(24))}`)).toBe(true);
  expect(isWebhookSecret(`whsec_${btoa('x'.repeat(65))}`)).toBe(false);
});

test.each([
  [channel({ enabled: false, trouble: 'x' }), delivery('retry'), 'paused'],
  [channel({ trouble: 'x' }), delivery('sent'), 'failing'],
  [channel({ rests_until: '2026-11-01T00:00:00Z' }), delivery('retry'), 'resting'],
  [channel(), undefined, 'untried'],
  [channel(), delivery('sent'), 'on'],
  [channel(), delivery('misconfigured'), 'failing'],
  [channel(), delivery('retry'), 'failing'],
  [channel({ waiting: 2 }), delivery('retry'), 'retrying'],
] as const)('how a channel is doing: %#', (one, last, expected) => {
  expect(stateOf(one, last)).toBe(expected);
});

test('words are parted by commas of both scripts, and each is there once', () => {
  expect(wordsOf(' a, b，c、a\n ,')).toEqual(['a', 'b', 'c']);
});

test('what the server says is said in the reader’s language', () => {
  const zh = speaker('zh-CN').t;
  expect(saidSentence('It did not answer in time.', zh)).toBe('对方没有及时应答。');
  const inside =
    'hook.lan is 10.0.0.7, which is not on the internet: --notify-allow would allow it.';
  expect(saidSentence(inside, t)).toBe(
    'hook.lan is 10.0.0.7, which is not on the internet. ' +
      'The operator of the server can allow it: --notify-allow hook.lan',
  );
  expect(saidSentence('A sentence of a later server.', t)).toBe('A sentence of a later server.');
});

test('the triggers are those of the server', () => {
  const sources = import.meta.glob<string>('../../../src/domain/notify/mod.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const [text = ''] = Object.values(sources);
  const [, list = ''] = /OF_RULES: [^=]*= \[([^\]]*)\]/.exec(text) ?? [];
  const names = [...list.matchAll(/Self::(\w+)/g)].map(([, name]) => name?.toLowerCase());
  expect(names.length).toBeGreaterThan(8);
  expect([...TRIGGERS].sort()).toEqual(names.sort());
});

test('every sentence of the server about an attempt has one here', () => {
  const sources = import.meta.glob<string>('../../../src/domain/notify/{verdict,smtp}.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const codes = Object.values(sources).map((text) => text.split('#[cfg(test)]')[0]);
  const code = codes.join('\n');
  const found = [...code.matchAll(/"([A-Z][^"]{9,}[.?])"/g)];
  const sentences = found.flatMap(([, sentence]) => sentence ?? []);
  expect(sentences.length).toBeGreaterThan(20);
  const zh = speaker('zh-CN').t;
  expect(sentences.filter((one) => saidSentence(one, zh) === one)).toEqual([]);
});

test('a refusal is shown at the field that it is about', () => {
  const errors = [
    { field: 'url', message: 'is missing' },
    { field: 'quiet.from', message: 'expected a time as 22:00, got "x"' },
  ];
  const shown = ['name', 'url', 'quiet'];
  expect(faultsIn({ status: 400, info: { errors } }, t, shown)).toEqual({
    url: 'It is needed.',
    quiet: 'expected a time as 22:00, got "x"',
  });
  expect(faultsIn({ status: 409, info: { field: 'name' } }, t, shown)).toEqual({
    name: 'Another one has this name.',
  });
  expect(faultsIn({ status: 409, info: { max: 100 } }, t, shown)).toEqual({});
  // A form that does not show one of the fields shows the refusal as a whole.
  expect(faultsIn({ status: 400, info: { errors } }, t, ['url'])).toEqual({});
});

test.each([
  ['', { show: 'all', channelId: null }],
  ['show=dead&channel=3', { show: 'dead', channelId: 3 }],
  ['show=x&channel=0', { show: 'all', channelId: null }],
])('the address %s chooses deliveries', (query, expected) => {
  expect(choiceOf(new URLSearchParams(query))).toEqual(expected);
});
