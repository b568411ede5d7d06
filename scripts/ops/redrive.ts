import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import pc from 'picocolors';
import { pause } from '../local/pause';
import { isErrorNamed, OpsFailure, stopped } from './failure';
import { HeldMessages } from './queues';
import type { Session } from './session';

export interface Redriven {
  readonly moved: number;
  /** Messages that stay where they are, by why. */
  readonly left: Readonly<Record<string, number>>;
}

export interface RedriveRequest {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly total: number;
  readonly perSecond: number;
}

const pollMs = 500;

/** Has SQS move the messages back to the queue that they come from. Ctrl-C cancels the move. */
export async function moveBack(session: Session, { queueArn, total, perSecond }: RedriveRequest): Promise<Redriven> {
  const { sqs } = session.target;
  const TaskHandle = await startMove(session, queueArn, perSecond);
  let before = -1;
  for (;;) {
    const { Results: [task] = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: queueArn, MaxResults: 1 }));
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    if (moved !== before) session.io.note(pc.dim(`${moved} of ${task?.ApproximateNumberOfMessagesToMove ?? total} moved`));
    before = moved;
    if (task?.Status === 'COMPLETED') return { moved, left: {} };
    if (task?.Status !== 'RUNNING')
      throw new OpsFailure(`the move ended after ${moved} messages: ${task?.FailureReason ?? task?.Status ?? 'unknown'}`);
    if (session.io.signal.aborted) {
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
      throw stopped(`stopped: ${moved} of ${total} messages were moved, the others are where they were`);
    }
    await pause(pollMs, session.io.signal);
  }
}

async function startMove({ target }: Session, SourceArn: string, perSecond: number): Promise<string> {
  try {
    const command = new StartMessageMoveTaskCommand({ SourceArn, MaxNumberOfMessagesPerSecond: perSecond });
    return (await target.sqs.send(command)).TaskHandle ?? '';
  } catch (error) {
    if (isErrorNamed(error, 'UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation')) {
      throw new OpsFailure('a move of this queue is going on already', 1, { cause: error });
    }
    throw error;
  }
}

/**
 * Sends each event to the queue that its rule could not reach, and deletes it only then: a crash between the two sends it twice, which
 * every consumer stands. What is not for a queue stays.
 */
export async function sendToTargets(session: Session, { queueUrl, total, perSecond }: RedriveRequest): Promise<Redriven> {
  const held = new HeldMessages(session, queueUrl);
  const left: Record<string, number> = {};
  const started = performance.now();
  let moved = 0;
  try {
    for (let messages = await held.receive(10); messages.length > 0; messages = await held.receive(10)) {
      for (const message of messages) {
        if (session.io.signal.aborted) throw stopped(`stopped: ${moved} of ${total} messages were sent, the others are where they were`);
        const problem = await sendToTarget(session, message);
        if (problem === undefined) {
          await held.delete(message);
          moved += 1;
          if (moved % 50 === 0) session.io.note(pc.dim(`${moved} of ${total} sent`));
          const ahead = (moved * 1000) / perSecond - (performance.now() - started);
          if (ahead > 0) await pause(ahead, session.io.signal);
        } else left[problem] = (left[problem] ?? 0) + 1;
      }
    }
  } finally {
    await held.release();
  }
  return { moved, left };
}

/** Why it could not be sent, or undefined. */
async function sendToTarget({ target }: Session, message: Message): Promise<string | undefined> {
  const arn = message.MessageAttributes?.['TARGET_ARN']?.StringValue ?? '';
  const [, , service = '', region, , name = ''] = arn.split(':');
  if (service !== 'sqs' || region !== target.region)
    return `not for a queue of this region (${arn || 'no target'}): replay from the bus archive`;
  const QueueUrl = await target.queueUrl(name);
  if (QueueUrl === undefined) return `there is no queue ${name}`;
  const trace = message.Attributes?.['AWSTraceHeader'];
  await target.sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: message.Body ?? '',
      ...(trace === undefined ? {} : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    }),
  );
  return undefined;
}
