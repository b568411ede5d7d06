/** More messages than this do not wait for an endpoint at one time in one instance, but in a long outage. */
const maxMessages = 1000;

/** Which endpoints took a message that others did not. */
export interface PostMemory {
  has(messageId: string, url: string): boolean;
  add(messageId: string, url: string): void;
  forget(messageId: string): void;
}

/** In the memory of this instance alone: it spares a chat most repetitions, and promises none. */
export function postMemory(): PostMemory {
  const posted = new Map<string, Set<string>>();
  return {
    has: (messageId, url) => posted.get(messageId)?.has(url) === true,
    add(messageId, url) {
      const urls = posted.get(messageId) ?? new Set();
      posted.set(messageId, urls.add(url));
      const [oldest] = posted.keys();
      if (posted.size > maxMessages && oldest !== undefined) posted.delete(oldest);
    },
    forget(messageId) {
      posted.delete(messageId);
    },
  };
}
