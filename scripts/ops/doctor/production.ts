import type { Target } from '../target';
import { readExpected, type Expected } from './expected';

/** Whether real money goes through an environment: its audit trail is locked for everybody, or its name says so. */
export function isProduction(suffix: string, expected: Expected | undefined): boolean {
  const locks = expected?.of('aws_s3_bucket_object_lock_configuration') ?? [];
  return /^prod/.test(suffix) || locks.some(({ values }) => JSON.stringify(values).includes('COMPLIANCE'));
}

/** The same of a target, by what was synthesized on this machine, if anything was. */
export async function productionTarget({ suffix, synthFolder, accountId, region }: Target): Promise<boolean> {
  const expected = await readExpected(synthFolder, suffix, { accountId, region }).catch(() => undefined);
  return isProduction(suffix, expected);
}
