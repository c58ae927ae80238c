/** What the pages of notifications ask the server: loaded with them, not with the first page. */
import { request } from './api';
import type {
  Channel,
  ChannelBody,
  ChannelTest,
  Delivery,
  Message,
  NoticeState,
  Rule,
  RuleBody,
  RulePage,
  RulePreview,
  Template,
} from './notifying';
import type { Page } from './types';

/** More than there may be of channels or rules. */
const ALL = 200;

interface Asked {
  channel_id?: number | null;
  state?: NoticeState;
  cursor?: string | null;
  limit?: number;
}

export const notifyApi = {
  channels: () => request<Page<Channel>>('GET', '/channels', { query: { limit: ALL } }),
  addChannel: (body: ChannelBody) => request<Channel>('POST', '/channels', { body }),
  changeChannel: (id: number, body: ChannelBody) =>
    request<Channel>('PATCH', `/channels/${id}`, { body }),
  removeChannel: (id: number) => request<null>('DELETE', `/channels/${id}`),
  previewChannel: (body: Pick<ChannelBody, 'language' | 'template'>) =>
    request<{ body: Template }>('POST', '/channels/preview', { body }),
  testChannel: (id: number) => request<ChannelTest>('POST', `/channels/${id}/test`),
  rules: () => request<RulePage>('GET', '/rules', { query: { limit: ALL } }),
  addRule: (body: RuleBody & { name: string }) => request<Rule>('POST', '/rules', { body }),
  changeRule: (id: number, body: Partial<Omit<Rule, 'id'>>) =>
    request<Rule>('PATCH', `/rules/${id}`, { body }),
  removeRule: (id: number) => request<null>('DELETE', `/rules/${id}`),
  previewRule: (body: RuleBody, signal?: AbortSignal) =>
    request<RulePreview>('POST', '/rules/preview', { body, signal }),
  messages: ({ ...query }: Asked, signal?: AbortSignal) =>
    request<Page<Message>>('GET', '/notices', { query, signal }),
  deliveries: ({ ...query }: Asked, signal?: AbortSignal) =>
    request<Page<Delivery>>('GET', '/deliveries', { query, signal }),
  replay: (id: number) => request<{ replayed: number }>('POST', `/notices/${id}/replay`),
  replayAll: (channel_id: number | null) =>
    request<{ replayed: number }>('POST', '/notices/replay', { query: { channel_id } }),
};
