import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { isErrorNamed, notFound } from './failure';
import type { Target } from './target';

export function secretName({ names }: Pick<Target, 'names'>, provider: string): string {
  return `${names.secretPrefix}/${provider}`;
}

/** The secret's JSON text; undefined where it was never set. `previous`: as it was before the last change. */
export async function readSecretText(
  target: Target,
  provider: string,
  stage: 'current' | 'previous' = 'current',
): Promise<string | undefined> {
  const VersionStage = stage === 'current' ? 'AWSCURRENT' : 'AWSPREVIOUS';
  try {
    const value = await target.secrets.send(new GetSecretValueCommand({ SecretId: secretName(target, provider), VersionStage }));
    return value.SecretString ?? (value.SecretBinary === undefined ? undefined : Buffer.from(value.SecretBinary).toString('utf8'));
  } catch (error) {
    // Also the answer for a secret that is there and was never given a value.
    if (isErrorNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** When the secret was changed last; undefined where it has no value. Throws where the stacks made no such secret. */
export async function secretChangedAt(target: Target, provider: string): Promise<Date | undefined> {
  const name = secretName(target, provider);
  try {
    const { LastChangedDate, VersionIdsToStages } = await target.secrets.send(new DescribeSecretCommand({ SecretId: name }));
    return Object.keys(VersionIdsToStages ?? {}).length === 0 ? undefined : LastChangedDate;
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException')) throw notFound(`there is no secret ${name}: is the data stack deployed?`);
    throw error;
  }
}
