/** What is typed into the form of a channel, checked and turned into what is sent. Pure. */
import {
  fieldsOf,
  isWebhookSecret,
  wordsOf,
  type Channel,
  type ChannelBody,
  type FieldName,
  type MessageLanguage,
  type Template,
} from './notifying';
import type { Language, Values } from './phrase';
import type { Faults } from './refusal';
import type { Key } from './words/en';

export interface ChannelDraft extends Record<FieldName, string> {
  name: string;
  language: MessageLanguage;
  /** Take the stored secret away. */
  unsign: boolean;
}

/** What is never read back: an empty field leaves what is stored. */
const SECRET: readonly FieldName[] = ['url', 'token', 'secret'];

/** What is read back, and cleared by an empty field. */
function isShown(name: FieldName): name is 'chat_id' | 'keyword' | 'user' | 'from' | 'index' {
  return !SECRET.includes(name) && name !== 'to' && name !== 'template';
}

/** A name that none has yet: "Slack", "Slack 2". */
export function freeName(base: string, taken: readonly { name: string }[]): string {
  const names = new Set(taken.map(({ name }) => name));
  let name = base;
  for (let n = 2; names.has(name); n++) name = `${base} ${n}`;
  return name;
}

export function draftOf(
  channel: Channel | undefined,
  kindName: string,
  language: Language,
  others: readonly Channel[],
): ChannelDraft {
  return {
    name: channel?.name ?? freeName(kindName, others),
    language: channel?.language ?? (language === 'zh-CN' ? 'zh' : language),
    url: '',
    token: '',
    secret: '',
    chat_id: channel?.chat_id ?? '',
    keyword: channel?.keyword ?? '',
    user: channel?.user ?? '',
    from: channel?.from ?? '',
    to: channel?.to?.join(', ') ?? '',
    index: channel?.index ?? '',
    template: channel?.template ? JSON.stringify(channel.template, null, 2) : '',
    unsign: false,
  };
}

export function faultsOfDraft(
  draft: ChannelDraft,
  kind: string,
  channel: Channel | undefined,
  t: (key: Key, values?: Values) => string,
): Faults {
  const faults: Faults = {};
  if (draft.name.trim() === '') faults.name = t('need.text');
  for (const { name, required } of fieldsOf(kind)) {
    const value = draft[name].trim();
    const isStored = channel !== undefined && SECRET.includes(name);
    if (value === '' && required && !isStored) faults[name] = t('need.text');
  }
  const url = draft.url.trim();
  const begins = kind === 'email' ? /^smtps?:\/\/./ : /^https?:\/\/./;
  if (url !== '' && !begins.test(url)) {
    faults.url = t(kind === 'email' ? 'need.smtps' : 'need.https');
  }
  const secret = draft.secret.trim();
  if (kind === 'webhook' && secret !== '' && !isWebhookSecret(secret)) {
    faults.secret = t('need.secret');
  }
  if (templateOf(draft.template) === undefined) faults.template = t('need.json');
  return faults;
}

/** What was typed as JSON: none of an empty text, undefined of one that is no JSON. */
export function templateOf(text: string): Template | null | undefined {
  if (text.trim() === '') return null;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? (read as Template) : undefined;
  } catch {
    return undefined;
  }
}

export function bodyOf(
  draft: ChannelDraft,
  kind: string,
  channel: Channel | undefined,
): ChannelBody {
  const body: ChannelBody = { name: draft.name.trim(), language: draft.language };
  for (const { name } of fieldsOf(kind)) {
    const value = draft[name].trim();
    if (name === 'secret' && draft.unsign) body.secret = null;
    else if (name === 'to') body.to = wordsOf(value);
    else if (name === 'template') body.template = templateOf(value);
    else if (value !== '') body[name] = value;
    else if (isShown(name) && channel?.[name]) body[name] = null;
  }
  return body;
}
