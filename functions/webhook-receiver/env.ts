/** Names of the environment variables that webhook-receiver needs. */
export const variables = [
  'PAYMENT_TABLE_NAME',
  'ARCHIVE_BUCKET_NAME',
  'SECRET_NAME_PREFIX',
  'ENABLED_PROVIDERS',
  'MAX_BODY_BYTES',
  'EVENT_RETENTION_DAYS',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
