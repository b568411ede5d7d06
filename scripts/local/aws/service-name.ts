/** A service by the name in an SDK's credential scope; table streams go by their own. */
export type ServiceName = 'dynamodb' | 'streams' | 'sqs' | 'sns' | 's3' | 'events' | 'logs' | 'ssm' | 'secretsmanager' | 'sts';
