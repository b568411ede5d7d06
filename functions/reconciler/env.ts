/** Names of the environment variables that reconciler needs. */
export const variables = [
  'PAYMENT_TABLE_NAME',
  'ARCHIVE_BUCKET_NAME',
  'PROCESSING_QUEUE_URL',
  'SECRET_NAME_PREFIX',
  'ENABLED_PROVIDERS',
  'EVENT_RETENTION_DAYS',
  'RECONCILED_TYPES',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
