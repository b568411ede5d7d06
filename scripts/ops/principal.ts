import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Target } from './target';

/** Who runs the command, as AWS knows them; on an endpoint that does not say so, that it does not. */
export async function principalOf({ operator }: Pick<Target, 'operator'>): Promise<string> {
  try {
    const { Arn } = await operator.sts.send(new GetCallerIdentityCommand({}));
    return Arn ?? 'unknown';
  } catch (error) {
    return `unknown (${error instanceof Error ? error.name : 'no answer'})`;
  }
}
