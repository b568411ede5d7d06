/** Names of the environment variables that health-check needs. */
export const variables = [
  'PAYMENT_TABLE_NAME',
  'PROCESSING_QUEUE_URL',
  'SECRET_NAME_PREFIX',
  'ENABLED_PROVIDERS',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
