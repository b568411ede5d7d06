import { randomBytes, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsError } from './aws-error';
import type { JsonService } from './json-protocol';
import { type Account, ignored, operation } from './service';

interface SecretVersion {
  id: string;
  string?: string | undefined;
  binary?: string | undefined;
  stages: Set<string>;
  createdAt: number;
}

interface Secret {
  arn: string;
  name: string;
  versions: Map<string, SecretVersion>;
  createdAt: number;
  changedAt: number;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const valueEntries = {
  ClientRequestToken: v.optional(v.string()),
  SecretString: v.optional(v.string()),
  SecretBinary: v.optional(v.string()),
};
type SecretValue = v.InferOutput<v.StrictObjectSchema<typeof valueEntries, undefined>>;

function moveStage(secret: Secret, stage: string, to: SecretVersion): void {
  const from = [...secret.versions.values()].find(({ stages }) => stages.has(stage));
  if (from === to) return;
  from?.stages.delete(stage);
  to.stages.add(stage);
  if (stage === CURRENT && from !== undefined) moveStage(secret, PREVIOUS, from);
}

function stagesByVersion(secret: Secret): Record<string, string[]> {
  return Object.fromEntries(
    [...secret.versions.values()].filter(({ stages }) => stages.size > 0).map(({ id, stages }) => [id, [...stages]]),
  );
}

/** Secrets Manager. A secret that was made without a value has no version, as on AWS. */
export function createSecretsManager(account: Account): JsonService {
  const secrets = new Map<string, Secret>();

  function find(id: string): Secret {
    const secret = secrets.get(id) ?? [...secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id);
    if (secret === undefined) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  }

  function addVersion(secret: Secret, value: SecretValue, stages: readonly string[]): SecretVersion {
    const id = value.ClientRequestToken ?? randomUUID();
    const existing = secret.versions.get(id);
    if (existing !== undefined) {
      if (existing.string === value.SecretString && existing.binary === value.SecretBinary) return existing;
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    const now = account.clock.now();
    const version: SecretVersion = { id, string: value.SecretString, binary: value.SecretBinary, stages: new Set(), createdAt: now };
    secret.versions.set(id, version);
    for (const stage of stages) moveStage(secret, stage, version);
    secret.changedAt = now;
    return version;
  }

  return {
    name: 'secretsmanager',
    version: '1.1',
    operations: {
      CreateSecret: operation(
        v.strictObject({ Name: v.string(), Description: ignored, KmsKeyId: ignored, Tags: ignored, ...valueEntries }),
        ({ Name, ...value }) => {
          if (secrets.has(Name))
            throw new AwsError('ResourceExistsException', `The operation failed because the secret ${Name} already exists.`);
          const suffix = randomBytes(3).toString('hex');
          const now = account.clock.now();
          const arn = `arn:aws:secretsmanager:${account.region}:${account.accountId}:secret:${Name}-${suffix}`;
          const secret: Secret = { arn, name: Name, versions: new Map(), createdAt: now, changedAt: now };
          secrets.set(Name, secret);
          const hasValue = value.SecretString !== undefined || value.SecretBinary !== undefined;
          return { ARN: arn, Name, VersionId: hasValue ? addVersion(secret, value, [CURRENT]).id : undefined };
        },
      ),
      PutSecretValue: operation(
        v.strictObject({ SecretId: v.string(), VersionStages: v.optional(v.array(v.string()), [CURRENT]), ...valueEntries }),
        ({ SecretId, VersionStages, ...value }) => {
          if (value.SecretString === undefined && value.SecretBinary === undefined) {
            throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
          }
          const secret = find(SecretId);
          const version = addVersion(secret, value, VersionStages);
          return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
        },
      ),
      GetSecretValue: operation(
        v.strictObject({ SecretId: v.string(), VersionId: v.optional(v.string()), VersionStage: v.optional(v.string(), CURRENT) }),
        (input) => {
          const secret = find(input.SecretId);
          const byStage = () => [...secret.versions.values()].find(({ stages }) => stages.has(input.VersionStage));
          const version = input.VersionId === undefined ? byStage() : secret.versions.get(input.VersionId);
          if (version === undefined) {
            throw new AwsError(
              'ResourceNotFoundException',
              `Secrets Manager can't find the specified secret value for staging label: ${input.VersionStage}`,
            );
          }
          return {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: version.id,
            SecretString: version.string,
            SecretBinary: version.binary,
            VersionStages: [...version.stages],
            CreatedDate: version.createdAt / 1000,
          };
        },
      ),
      DescribeSecret: operation(v.strictObject({ SecretId: v.string() }), (input) => {
        const secret = find(input.SecretId);
        return {
          ARN: secret.arn,
          Name: secret.name,
          CreatedDate: secret.createdAt / 1000,
          LastChangedDate: secret.changedAt / 1000,
          VersionIdsToStages: secret.versions.size === 0 ? undefined : stagesByVersion(secret),
        };
      }),
      UpdateSecretVersionStage: operation(
        v.strictObject({
          SecretId: v.string(),
          VersionStage: v.string(),
          MoveToVersionId: v.optional(v.string()),
          RemoveFromVersionId: v.optional(v.string()),
        }),
        (input) => {
          const secret = find(input.SecretId);
          if (input.MoveToVersionId === undefined) secret.versions.get(input.RemoveFromVersionId ?? '')?.stages.delete(input.VersionStage);
          else {
            const version = secret.versions.get(input.MoveToVersionId);
            if (version === undefined) throw new AwsError('ResourceNotFoundException', `There is no version ${input.MoveToVersionId}.`);
            moveStage(secret, input.VersionStage, version);
          }
          return { ARN: secret.arn, Name: secret.name };
        },
      ),
    },
  };
}
