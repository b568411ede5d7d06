/** Names of the environment variables that alert-forwarder needs. */
export const variables = [
  'SECRET_NAME_PREFIX',
  'ALERT_TOPIC_ARN',
  'OPERATIONS_TOPIC_ARN',
  'FORWARDING_QUEUE_URL',
  'RETRY_DELAYS_SECONDS',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
