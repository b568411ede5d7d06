import { GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReader } from '../domain/ports';
import { Unavailable } from '../domain/unavailable';

/** Secrets `<prefix>/<provider>`. Throws Unavailable('secret_unreadable') whenever it cannot tell what the secret is. */
export function secretsManagerReader(client: Pick<SecretsManagerClient, 'send'>, namePrefix: string): SecretReader {
  return {
    async read(provider) {
      try {
        const value = await client.send(new GetSecretValueCommand({ SecretId: `${namePrefix}/${provider}` }));
        return value.SecretString ?? (value.SecretBinary === undefined ? undefined : Buffer.from(value.SecretBinary).toString('utf8'));
      } catch (error) {
        // Also the answer for a secret that exists but was never given a value.
        if (error instanceof ResourceNotFoundException) return undefined;
        throw new Unavailable('secret_unreadable', { cause: error });
      }
    },
  };
}
