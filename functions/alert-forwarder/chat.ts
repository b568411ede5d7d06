/** How a chat took a message: `refused` is an answer that asking again will hardly change. */
export type ChatOutcome = 'posted' | 'refused' | 'throttled' | 'failed' | 'unreachable';

/** Posts to chats. Never throws: what went wrong is an outcome, without the URL in it. */
export interface Chat {
  /** `status` is 0 where there was no answer. */
  post(url: string, text: string): Promise<{ readonly outcome: ChatOutcome; readonly status: number }>;
}
