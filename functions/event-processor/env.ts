/** Names of the environment variables that event-processor needs. */
export const variables = [
  'PAYMENT_TABLE_NAME',
  'EVENT_BUS_NAME',
  'CONFIG_PARAMETER_NAME',
  'PROCESSING_QUEUE_URL',
  'RETRY_DELAYS_SECONDS',
  'MAX_ATTEMPTS',
  'REQUEST_TIMEOUT_MS',
] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
