/** Names of the environment variables that audit-logger needs. */
export const variables = ['AUDIT_BUCKET_NAME', 'ALERT_TOPIC_ARN', 'MAX_ATTEMPTS', 'REQUEST_TIMEOUT_MS'] as const;

export type Env = Readonly<Record<(typeof variables)[number], string>>;
