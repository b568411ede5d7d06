/** Names of the environment variables that notification-handler needs. */
export const variables = [
  'PAYMENT_TABLE_NAME',
  'ALERT_TOPIC_ARN',
  'EVENT_RETENTION_DAYS',
  'NOTIFICATION_QUEUE_URL',
  'RETRY_DELAYS_SECONDS',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
