import * as v from 'valibot';
import type { QueryService } from './query-protocol';
import { type Account, operation } from './service';

/** STS: who the caller is. Any credentials are accepted. */
export function createSts(account: Account): QueryService {
  return {
    name: 'sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: operation(v.strictObject({}), () => ({
        Account: account.accountId,
        Arn: `arn:aws:iam::${account.accountId}:user/local`,
        UserId: 'AIDALOCAL',
      })),
    },
  };
}
