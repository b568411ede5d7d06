import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsError } from '../aws-error';
import { type Account, ignored, operation, type Operations } from '../service';
import { doesNotExist } from './buses';

/** What an API destination authorizes itself with. */
interface Connection {
  readonly name: string;
  readonly arn: string;
  description: string | undefined;
  header: string;
  /** Never in an answer, as on AWS. */
  value: string;
  authorizedAt: number;
}

/** An HTTP endpoint that rules may have as their target. */
export interface ApiDestination {
  readonly name: string;
  readonly arn: string;
  readonly connection: Connection;
  readonly url: string;
  readonly method: string;
  readonly ratePerSecond: number;
}

/** Connections and API destinations of an account. */
export interface Connections {
  readonly operations: Operations;
  destination(arn: string): ApiDestination | undefined;
}

const apiKey = v.strictObject({ ApiKeyName: v.string(), ApiKeyValue: v.string() });
const described = { Name: v.string(), Description: v.optional(v.string()), KmsKeyIdentifier: ignored };
const createConnection = v.strictObject({
  ...described,
  AuthorizationType: v.literal('API_KEY'),
  AuthParameters: v.strictObject({ ApiKeyAuthParameters: apiKey }),
});
const updateConnection = v.strictObject({
  ...described,
  AuthorizationType: v.optional(v.literal('API_KEY')),
  AuthParameters: v.optional(v.strictObject({ ApiKeyAuthParameters: v.partial(apiKey) })),
});
const createDestination = v.strictObject({
  Name: v.string(),
  Description: ignored,
  ConnectionArn: v.string(),
  InvocationEndpoint: v.pipe(v.string(), v.url()),
  HttpMethod: v.string(),
  InvocationRateLimitPerSecond: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 300),
});

/** An account without any. Only connections with a secret in a header are known here. */
export function createConnections(account: Account): Connections {
  const connections = new Map<string, Connection>();
  const destinations = new Map<string, ApiDestination>();
  const arnOf = (kind: string, name: string): string =>
    `arn:aws:events:${account.region}:${account.accountId}:${kind}/${name}/${randomUUID()}`;
  const get = (name: string): Connection => {
    const connection = connections.get(name);
    if (connection === undefined) throw doesNotExist(`Connection ${name}`);
    return connection;
  };

  return {
    destination: (arn) => [...destinations.values()].find((one) => one.arn === arn),
    operations: {
      CreateConnection: operation(createConnection, ({ Name, Description, AuthParameters: { ApiKeyAuthParameters: key } }) => {
        if (connections.has(Name)) throw new AwsError('ResourceAlreadyExistsException', `Connection ${Name} already exists.`);
        const connection: Connection = {
          name: Name,
          arn: arnOf('connection', Name),
          description: Description,
          header: key.ApiKeyName,
          value: key.ApiKeyValue,
          authorizedAt: account.clock.now(),
        };
        connections.set(Name, connection);
        return { ConnectionArn: connection.arn, ConnectionState: 'AUTHORIZED' };
      }),
      UpdateConnection: operation(updateConnection, ({ Name, Description, AuthParameters }) => {
        const connection = get(Name);
        const key = AuthParameters?.ApiKeyAuthParameters;
        connection.description = Description ?? connection.description;
        connection.header = key?.ApiKeyName ?? connection.header;
        if (key?.ApiKeyValue !== undefined) Object.assign(connection, { value: key.ApiKeyValue, authorizedAt: account.clock.now() });
        return { ConnectionArn: connection.arn, ConnectionState: 'AUTHORIZED' };
      }),
      DescribeConnection: operation(v.strictObject({ Name: v.string() }), ({ Name }) => ({
        ...summary(get(Name)),
        Description: get(Name).description,
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: get(Name).header } },
      })),
      ListConnections: operation(v.strictObject({ NamePrefix: v.optional(v.string(), ''), Limit: ignored }), ({ NamePrefix }) => ({
        Connections: [...connections.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(summary),
      })),
      CreateApiDestination: operation(createDestination, (input) => {
        const connection = [...connections.values()].find(({ arn }) => arn === input.ConnectionArn);
        if (connection === undefined) throw doesNotExist(`Connection ${input.ConnectionArn}`);
        const destination: ApiDestination = {
          name: input.Name,
          arn: arnOf('api-destination', input.Name),
          connection,
          url: input.InvocationEndpoint,
          method: input.HttpMethod,
          ratePerSecond: input.InvocationRateLimitPerSecond,
        };
        destinations.set(input.Name, destination);
        return { ApiDestinationArn: destination.arn, ApiDestinationState: 'ACTIVE' };
      }),
      DescribeApiDestination: operation(v.strictObject({ Name: v.string() }), ({ Name }) => {
        const destination = destinations.get(Name);
        if (destination === undefined) throw doesNotExist(`ApiDestination ${Name}`);
        return {
          Name,
          ApiDestinationArn: destination.arn,
          ApiDestinationState: 'ACTIVE',
          ConnectionArn: destination.connection.arn,
          InvocationEndpoint: destination.url,
          HttpMethod: destination.method,
          InvocationRateLimitPerSecond: destination.ratePerSecond,
        };
      }),
    },
  };
}

function summary({ name, arn, authorizedAt }: Connection) {
  return {
    Name: name,
    ConnectionArn: arn,
    ConnectionState: 'AUTHORIZED',
    AuthorizationType: 'API_KEY',
    LastAuthorizedTime: authorizedAt / 1000,
  };
}
