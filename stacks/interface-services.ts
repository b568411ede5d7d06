/** AWS services that the functions can reach through an interface endpoint, by the name that AWS gives the endpoint. */
export const interfaceServices = ['sqs', 'sns', 'events', 'secretsmanager', 'ssm', 'kms', 'logs', 'xray'] as const;
export type InterfaceService = (typeof interfaceServices)[number];

/** Those that the functions' own code calls: without them and without a NAT gateway, no webhook is accepted. */
export const servicesThatFunctionsCall: readonly InterfaceService[] = ['sqs', 'sns', 'events', 'secretsmanager', 'ssm'];
