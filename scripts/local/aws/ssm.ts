import * as v from 'valibot';
import { AwsError } from './aws-error';
import type { JsonService } from './json-protocol';
import { type Account, ignored, operation } from './service';

interface Parameter {
  Name: string;
  Type: string;
  Value: string;
  Version: number;
  LastModifiedDate: number;
  ARN: string;
  DataType: string;
}

/** SSM Parameter Store. A SecureString is kept as it is: there is no key service here. */
export function createSsm(account: Account): JsonService {
  const parameters = new Map<string, Parameter>();

  function find(name: string): Parameter | undefined {
    return parameters.get(name);
  }

  return {
    name: 'ssm',
    version: '1.1',
    operations: {
      PutParameter: operation(
        v.strictObject({
          Name: v.string(),
          Value: v.string(),
          Type: v.optional(v.picklist(['String', 'StringList', 'SecureString'])),
          Overwrite: v.optional(v.boolean(), false),
          Description: ignored,
          KeyId: ignored,
          Tags: ignored,
          Tier: ignored,
        }),
        (input) => {
          const existing = find(input.Name);
          if (existing !== undefined && !input.Overwrite) {
            throw new AwsError(
              'ParameterAlreadyExists',
              'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
            );
          }
          const Type = input.Type ?? existing?.Type;
          if (Type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
          const Version = (existing?.Version ?? 0) + 1;
          const ARN = `arn:aws:ssm:${account.region}:${account.accountId}:parameter${input.Name.startsWith('/') ? '' : '/'}${input.Name}`;
          const LastModifiedDate = account.clock.now() / 1000;
          parameters.set(input.Name, { Name: input.Name, Type, Value: input.Value, Version, LastModifiedDate, ARN, DataType: 'text' });
          return { Version, Tier: 'Standard' };
        },
      ),
      GetParameter: operation(v.strictObject({ Name: v.string(), WithDecryption: ignored }), (input) => {
        const Parameter = find(input.Name);
        if (Parameter === undefined) throw new AwsError('ParameterNotFound', `Parameter ${input.Name} not found.`);
        return { Parameter };
      }),
      GetParameters: operation(v.strictObject({ Names: v.array(v.string()), WithDecryption: ignored }), (input) => ({
        Parameters: input.Names.flatMap((name) => find(name) ?? []),
        InvalidParameters: input.Names.filter((name) => find(name) === undefined),
      })),
      DeleteParameter: operation(v.strictObject({ Name: v.string() }), (input) => {
        if (!parameters.delete(input.Name)) throw new AwsError('ParameterNotFound', `Parameter ${input.Name} not found.`);
      }),
    },
  };
}
