/** Channels, rules and messages as the API has them, and what each vendor needs. Pure. */
import type { Level, Page, Status } from './types';

export const KINDS = [
  'slack',
  'feishu',
  'dingtalk',
  'wecom',
  'discord',
  'telegram',
  'teams',
  'pagerduty',
  'email',
  'elasticsearch',
  'webhook',
] as const;
export type Kind = (typeof KINDS)[number];

export const TRIGGERS = [
  'created',
  'regressed',
  'milestone',
  'frequent',
  'moved',
  'silent',
  'spike',
  'spread',
  'trouble',
  'digest',
  'verdict',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const MESSAGE_LANGUAGES = ['en', 'zh', 'ru'] as const;
export type MessageLanguage = (typeof MESSAGE_LANGUAGES)[number];

/** The body of a webhook, in whose texts `{{name}}` stands for a part of the message. */
export type Template = Record<string, unknown> | unknown[];

export interface Channel {
  id: number;
  name: string;
  /** A newer server may know more kinds. */
  kind: Kind | (string & {});
  enabled: boolean;
  /** In the list: whether it stands in the configuration file. */
  from_file?: boolean;
  language: MessageLanguage;
  host: string;
  ends: string;
  is_signed: boolean;
  chat_id: string | null;
  keyword: string | null;
  user?: string | null;
  from?: string | null;
  to?: string[];
  index?: string | null;
  template?: Template | null;
  created_at: string;
  rests_until: string | null;
  trouble: string | null;
  waiting: number;
  dead: number;
}

/** What is sent to add or change a channel; secrets only when they were typed. */
export interface ChannelBody {
  name?: string;
  kind?: string;
  enabled?: boolean;
  language?: MessageLanguage;
  url?: string;
  token?: string;
  secret?: string | null;
  chat_id?: string | null;
  keyword?: string | null;
  user?: string | null;
  from?: string | null;
  to?: string[];
  index?: string | null;
  template?: Template | null;
}

export type Outcome = 'sent' | 'retry' | 'misconfigured' | 'rejected';

export interface ChannelTest {
  outcome: Outcome;
  code: string;
  reason: string;
  answer: string;
  took_ms: number;
  caution: string | null;
}

export interface Quiet {
  from: string;
  to: string;
  weekends: boolean;
  tz_offset_minutes: number;
  below: Level;
}

export const EVERIES = ['hour', 'day', 'week'] as const;

/** How often a digest comes, and at which time of a day; each week's on Monday. */
export interface Digest {
  every: (typeof EVERIES)[number];
  at: string;
  tz_offset_minutes: number;
}

/** A rule without its name and number. */
export interface RuleBody {
  enabled: boolean;
  channels: number[];
  projects: string[];
  /** `null`: those that each project calls live. */
  environments: string[] | null;
  level: Level;
  types: string[];
  codes: string[];
  paths: string[];
  versions: string[];
  query: string | null;
  digest: Digest;
  /** After a deploy. */
  hours: number;
  triggers: Trigger[];
  reports: number;
  minutes: number;
  moved_to: Status[];
  quiet: Quiet | null;
  /** Whom its messages mention: `slack:U024BE7LH`. */
  mentions: string[];
}

export interface Rule extends RuleBody {
  id: number;
  name: string;
  /** In the list: whether it stands in the configuration file. */
  from_file?: boolean;
}

export interface RulePage extends Page<Rule> {
  /** The one that holds while there is none. */
  default: RuleBody | null;
}

export type NoticeState = 'waiting' | 'sent' | 'dead';

/** A message, from its decision to its end. */
export interface Message {
  id: number;
  channel_id: number;
  rule_id: number | null;
  trigger: string;
  issue_id: number | null;
  state: NoticeState;
  attempts: number;
  created_at: string;
  next_at: string | null;
  ended_at: string | null;
  environment: string | null;
  folded: { created: number; regressed: number; other: number } | null;
}

/** One attempt to send a message. */
export interface Delivery {
  id: number;
  notice_id: number | null;
  channel_id: number;
  issue_id: number | null;
  trigger: string;
  at: string;
  took_ms: number;
  outcome: Outcome;
  code: string;
  reason: string;
  answer: string;
}

/** What a rule would have sent in the last week. */
export interface RulePreview {
  /** Those that each of its channels would have got. */
  messages: number;
  /** The newest, newest first. */
  items: {
    trigger: string;
    issue_id: number | null;
    project_id: string;
    type: string | null;
    at: string;
  }[];
  /** Whether all of these days was looked at. */
  complete: boolean;
  /** Triggers of which what is stored proves a part alone. */
  estimated: string[];
}

export const FIELDS = [
  'url',
  'token',
  'chat_id',
  'secret',
  'keyword',
  'user',
  'from',
  'to',
  'index',
  'template',
] as const;
export type FieldName = (typeof FIELDS)[number];

interface VendorField {
  name: FieldName;
  required: boolean;
}

/** The fields of each vendor, in the order in which one fills them. */
const VENDOR_FIELDS: Record<Kind, readonly VendorField[]> = {
  slack: [{ name: 'url', required: true }],
  feishu: [
    { name: 'url', required: true },
    { name: 'secret', required: false },
    { name: 'keyword', required: false },
  ],
  dingtalk: [
    { name: 'url', required: true },
    { name: 'secret', required: false },
    { name: 'keyword', required: false },
  ],
  wecom: [{ name: 'url', required: true }],
  discord: [{ name: 'url', required: true }],
  telegram: [
    { name: 'token', required: true },
    { name: 'chat_id', required: true },
    { name: 'url', required: false },
  ],
  teams: [{ name: 'url', required: true }],
  pagerduty: [
    { name: 'token', required: true },
    { name: 'url', required: false },
  ],
  email: [
    { name: 'url', required: true },
    { name: 'from', required: true },
    { name: 'to', required: true },
    { name: 'user', required: false },
    { name: 'token', required: false },
  ],
  elasticsearch: [
    { name: 'url', required: true },
    { name: 'index', required: false },
    { name: 'user', required: false },
    { name: 'token', required: false },
  ],
  webhook: [
    { name: 'url', required: true },
    { name: 'secret', required: false },
    { name: 'template', required: false },
  ],
};

export function isKind(name: string): name is Kind {
  return (KINDS as readonly string[]).includes(name);
}

export function fieldsOf(kind: string): readonly VendorField[] {
  return isKind(kind) ? VENDOR_FIELDS[kind] : [{ name: 'url', required: false }];
}

/** How a vendor's address begins, as a hint in an empty field. */
const URL_BEGINS: Partial<Record<Kind, string>> = {
  slack: 'https://hooks.slack.com/services/…',
  feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/…',
  dingtalk: 'https://oapi.dingtalk.com/robot/send?access_token=…',
  wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…',
  discord: 'https://discord.com/api/webhooks/…',
  telegram: 'https://api.telegram.org',
  teams: 'https://….logic.azure.com/workflows/…',
  pagerduty: 'https://events.pagerduty.com/v2/enqueue',
  email: 'smtps://smtp.example.org',
  elasticsearch: 'https://elastic.example.org:9200',
};

export function urlHint(kind: string): string {
  return (isKind(kind) ? URL_BEGINS[kind] : undefined) ?? 'https://…';
}

export type ChannelState = 'on' | 'untried' | 'failing' | 'retrying' | 'resting' | 'paused';

/** How a channel is doing, by what it says of itself and by its last attempt. */
export function stateOf(channel: Channel, last: Delivery | undefined): ChannelState {
  if (!channel.enabled) return 'paused';
  if (channel.trouble) return 'failing';
  if (channel.rests_until) return 'resting';
  if (!last) return 'untried';
  if (last.outcome === 'sent') return 'on';
  // A test that failed makes no message wait: it is the channel that fails.
  if (last.outcome === 'retry') return channel.waiting > 0 ? 'retrying' : 'failing';
  return last.outcome === 'misconfigured' ? 'failing' : 'on';
}

/** A signing secret as Standard Webhooks has it, out of random bytes. */
export function newSecret(bytes: Uint8Array): string {
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** Whether a secret of a webhook is one: 24 to 64 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (!base64 || base64.length % 4 !== 0) return false;
  const bytes = (base64.length / 4) * 3 - (base64.length - base64.replace(/=+$/, '').length);
  return bytes >= 24 && bytes <= 64;
}

/** The words of a list that was typed: parted by commas or line breaks, each once. */
export function wordsOf(text: string): string[] {
  const words = text.split(/[,，、\n]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** What a new rule begins with; `offset`: minutes east of UTC where the reader is. */
export function plainRule(offset = 0): RuleBody {
  return {
    enabled: true,
    channels: [],
    projects: [],
    environments: null,
    level: 'ERROR',
    types: [],
    codes: [],
    paths: [],
    versions: [],
    query: null,
    digest: { every: 'day', at: '09:00', tz_offset_minutes: offset },
    hours: 4,
    triggers: ['created', 'regressed'],
    reports: 100,
    minutes: 5,
    moved_to: [],
    quiet: null,
    mentions: [],
  };
}
