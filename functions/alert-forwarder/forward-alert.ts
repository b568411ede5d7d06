import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';
import type { Chat, ChatOutcome } from './chat';
import { chatTextOf } from './chat-text';
import type { EndpointSource } from './endpoint-cache';
import type { PostMemory } from './post-memory';
import type { Notification } from './schema';

export interface ForwardDependencies {
  readonly endpoints: EndpointSource;
  readonly chat: Chat;
  readonly memory: PostMemory;
  readonly log: Log;
  readonly meter: Meter;
}

/**
 * Posts a message to every endpoint of its topic. Throws where one of them did not take it, so that the message comes again: then those that
 * took it are passed over as long as this instance of the function remembers, and get it twice rather than never afterwards.
 */
export async function forwardAlert(deps: ForwardDependencies, notification: Notification): Promise<void> {
  const { topic, messageId } = notification;
  const urls = (await deps.endpoints.current())[topic];
  if (urls.length === 0) {
    deps.log.info('alert not forwarded', { topic, messageId, why: 'no endpoint of this topic' });
    return;
  }
  const text = chatTextOf(notification);
  const outcomes = await Promise.all(urls.map((url, index) => post(deps, notification, { url, text, name: `${topic}[${index}]` })));
  const failed = outcomes.filter((outcome) => outcome !== 'posted');
  if (failed.length === 0) {
    deps.memory.forget(messageId);
    return;
  }
  if (failed.includes('refused')) deps.endpoints.doubt();
  throw new Error(`${failed.length} of ${urls.length} endpoints did not take the message: ${failed.join(', ')}`);
}

interface Post {
  readonly url: string;
  readonly text: string;
  /** The endpoint's place in the secret; its URL is in no log. */
  readonly name: string;
}

async function post(
  { chat, memory, log, meter }: ForwardDependencies,
  { topic, messageId }: Notification,
  { url, text, name }: Post,
): Promise<ChatOutcome> {
  if (memory.has(messageId, url)) return 'posted';
  const { outcome, status } = await chat.post(url, text);
  meter.count('AlertForwarded', { topic, outcome });
  const fields = { topic, messageId, endpoint: name, outcome, status };
  if (outcome === 'posted') {
    memory.add(messageId, url);
    log.info('alert forwarded', fields);
  } else log.warn('alert not taken', fields);
  return outcome;
}
