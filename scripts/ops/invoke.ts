import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { isErrorNamed, notFound, OpsFailure } from './failure';
import { configFor, type Target } from './target';

const answerSchema = v.union([v.object({ payload: v.unknown() }), v.object({ error: v.string() })]);
const faultSchema = v.object({ errorMessage: v.string() });

/** As long as a function may run, and a little more. */
const deadlineMs = 320_000;

/**
 * Runs a function of the target with this event, and waits for what it returns; `endpoint` as the command line has it. A function that
 * fails is an OpsFailure with its own words.
 */
export function invokeFunction(target: Target, functionName: string, event: object, endpoint: string | undefined): Promise<unknown> {
  const { local } = target;
  return local?.control === undefined
    ? invokeInAws(target, functionName, event, endpoint)
    : invokeLocally(local.control, functionName, event);
}

async function invokeLocally({ url, token }: { url: string; token: string }, functionName: string, event: object): Promise<unknown> {
  const response = await fetch(`${url}/functions/${functionName}/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(deadlineMs),
  }).catch((cause: unknown) => {
    throw new OpsFailure('the local run does not answer: is npm start still there?', 1, { cause });
  });
  const answer = v.safeParse(answerSchema, await response.json());
  if (answer.success && 'payload' in answer.output) return answer.output.payload;
  throw new OpsFailure(`${functionName} failed: ${answer.success && 'error' in answer.output ? answer.output.error : response.status}`);
}

async function invokeInAws(target: Target, functionName: string, event: object, endpoint: string | undefined): Promise<unknown> {
  const requestHandler = { connectionTimeout: 3000, requestTimeout: deadlineMs, throwOnRequestTimeout: true };
  // A run that is cut off goes on by itself; asking again would only find it busy.
  const client = new LambdaClient({ ...configFor(target.region, endpoint), maxAttempts: 1, requestHandler });
  try {
    const answer = await client.send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }));
    const payload: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || 'null');
    if (answer.FunctionError === undefined) return payload;
    const fault = v.safeParse(faultSchema, payload);
    throw new OpsFailure(`${functionName} failed: ${fault.success ? fault.output.errorMessage : answer.FunctionError}`);
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException'))
      throw notFound(`there is no function ${functionName}: is this version of the pipeline deployed?`);
    throw error;
  } finally {
    client.destroy();
  }
}
