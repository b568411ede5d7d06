/** Names of the environment variables that event-relay needs. */
export const variables = [
  'ARCHIVE_BUCKET_NAME',
  'PROCESSING_QUEUE_URL',
  'STREAM_DEAD_LETTER_QUEUE_URL',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
