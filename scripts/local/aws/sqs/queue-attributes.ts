import * as v from 'valibot';
import { AwsError, UnknownCallError } from '../aws-error';
import type { QueueTimes } from './queue';

const DAY_SECONDS = 24 * 60 * 60;

/** Attributes with a number, by name: smallest, greatest and default value. */
const numbers: Readonly<Record<string, readonly [number, number, number]>> = {
  VisibilityTimeout: [0, 43_200, 30],
  DelaySeconds: [0, 900, 0],
  MessageRetentionPeriod: [60, 14 * DAY_SECONDS, 4 * DAY_SECONDS],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  // AWS allows 1 MiB since August 2025; the Terraform provider sets 256 KiB on every queue.
  MaximumMessageSize: [1024, 1_048_576, 262_144],
};
// Kept and given back; they change nothing on a laptop.
const passive = new Set(['Policy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled']);

const redrivePolicySchema = v.object({
  deadLetterTargetArn: v.string(),
  maxReceiveCount: v.pipe(v.union([v.number(), v.pipe(v.string(), v.transform(Number))]), v.integer(), v.minValue(1), v.maxValue(1000)),
});
const redriveAllowPolicySchema = v.object({
  redrivePermission: v.picklist(['allowAll', 'denyAll', 'byQueue']),
  sourceQueueArns: v.optional(v.array(v.string())),
});

/** Where messages go that were received too often. */
export type RedrivePolicy = v.InferOutput<typeof redrivePolicySchema>;
/** Which queues may use this one as their dead-letter queue. */
export type RedriveAllowPolicy = v.InferOutput<typeof redriveAllowPolicySchema>;

/** What a queue was made with, as names and text. */
export type QueueAttributes = Record<string, string>;

/** An error for a parameter's value. */
export function invalidValue(name: string, value: string, reason: string): AwsError {
  return new AwsError('InvalidParameterValueException', `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`, {
    queryCode: 'InvalidParameterValue',
  });
}

function checkNumber(name: string, value: string, [smallest, greatest]: readonly [number, number, number]): void {
  const number = Number(value);
  if (!Number.isInteger(number) || number < smallest || number > greatest) {
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}: ${value} is not from ${smallest} to ${greatest}`);
  }
}

function parsePolicy<Schema extends v.GenericSchema>(
  schema: Schema,
  name: string,
  value: string | undefined,
): v.InferOutput<Schema> | undefined {
  if (value === undefined || value === '') return undefined;
  try {
    return v.parse(schema, JSON.parse(value));
  } catch {
    throw invalidValue(name, value, 'It is not a policy of this kind.');
  }
}

/** The redrive policy, if the attributes have one. */
export function redrivePolicy(attributes: QueueAttributes): RedrivePolicy | undefined {
  return parsePolicy(redrivePolicySchema, 'RedrivePolicy', attributes['RedrivePolicy']);
}

/** The redrive allow policy, if the attributes have one. */
export function redriveAllowPolicy(attributes: QueueAttributes): RedriveAllowPolicy | undefined {
  return parsePolicy(redriveAllowPolicySchema, 'RedriveAllowPolicy', attributes['RedriveAllowPolicy']);
}

/** Refuses attributes that do not exist, that FIFO queues have, or whose value is out of range. */
export function checkAttributes(attributes: QueueAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const range = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
    if (range !== undefined) checkNumber(name, value, range);
    else if (name.startsWith('Fifo') || name === 'ContentBasedDeduplication') throw new UnknownCallError(`FIFO queues (${name})`);
    else if (!passive.has(name) && name !== 'RedrivePolicy' && name !== 'RedriveAllowPolicy') {
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
  }
  redrivePolicy(attributes);
  redriveAllowPolicy(attributes);
}

/** A numeric attribute or its default. */
export function numberAttribute(attributes: QueueAttributes, name: keyof typeof numbers): number {
  return Number(attributes[name] ?? numbers[name]?.[2]);
}

/** The attributes as GetQueueAttributes gives them, defaults included. */
export function withDefaults(attributes: QueueAttributes): QueueAttributes {
  const defaults = Object.fromEntries(Object.keys(numbers).map((name) => [name, String(numberAttribute(attributes, name))]));
  return { SqsManagedSseEnabled: attributes['KmsMasterKeyId'] === undefined ? 'true' : 'false', ...defaults, ...attributes };
}

/** The times that the attributes set. */
export function queueTimes(attributes: QueueAttributes): QueueTimes {
  return {
    visibilityMs: numberAttribute(attributes, 'VisibilityTimeout') * 1000,
    delayMs: numberAttribute(attributes, 'DelaySeconds') * 1000,
    retentionMs: numberAttribute(attributes, 'MessageRetentionPeriod') * 1000,
  };
}
