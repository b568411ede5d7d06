import type { Target } from '../target';
import { readExpected, type Expected } from './expected';

/** Whether real money goes through an environment: its audit trail is locked for everybody, or its name says so. Never a local run. */
export function isProduction({ suffix, local }: Pick<Target, 'suffix' | 'local'>, expected: Expected | undefined): boolean {
  if (local !== undefined) return false;
  const locks = expected?.of('aws_s3_bucket_object_lock_configuration') ?? [];
  return /^prod/.test(suffix) || locks.some(({ values }) => JSON.stringify(values).includes('COMPLIANCE'));
}

/** Names that are of no production anywhere. */
const otherName = /^(dev|test|stag|sandbox|qa|uat|pr-)/;

/** The same of a target; undefined where its name says neither and nothing was synthesized for it on this machine. */
export async function productionTarget(target: Target): Promise<boolean | undefined> {
  const { suffix, synthFolder, accountId, region, local } = target;
  const expected = await readExpected(synthFolder, suffix, { accountId, region }).catch(() => undefined);
  const production = isProduction(target, expected);
  const known = production || expected !== undefined || local !== undefined || otherName.test(suffix);
  return known ? production : undefined;
}
