import * as v from 'valibot';
import { controlStatusSchema, type ControlStatus } from '../local/control';
import { OpsFailure } from './failure';
import type { Target } from './target';

const problemSchema = v.object({ error: v.string() });

/** Asks the local run; undefined where the target is none. */
export async function askControl({ local }: Target, method: 'GET' | 'POST', path: string): Promise<ControlStatus | undefined> {
  if (local?.control === undefined) return undefined;
  const { url, token } = local.control;
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new OpsFailure('the local run does not answer: is npm start still there?', 1, { cause });
  });
  const body: unknown = await answer.json();
  if (answer.ok) return v.parse(controlStatusSchema, body);
  const problem = v.safeParse(problemSchema, body);
  throw new OpsFailure(`the local run refused: ${problem.success ? problem.output.error : String(answer.status)}`);
}
