import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { Account } from '../service';
import { invalidValue } from './queue-attributes';
import type { NamedQueue, Queues } from './queues';

const STEP_MS = 100;
const MOST_PER_SECOND = 500;
const KEPT_TASKS = 10;

/** A redrive of dead letters as ListMessageMoveTasks shows it. */
interface MoveTask {
  TaskHandle?: string;
  Status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  SourceArn: string;
  DestinationArn?: string;
  MaxNumberOfMessagesPerSecond?: number;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  FailureReason?: string;
  StartedTimestamp: number;
}

interface StartRequest {
  SourceArn: string;
  DestinationArn?: string | undefined;
  MaxNumberOfMessagesPerSecond?: number | undefined;
}

/** The move tasks of an account. */
export interface MoveTasks {
  start(request: StartRequest): string;
  list(sourceArn: string, max: number): MoveTask[];
  /** Messages moved until then. */
  cancel(taskHandle: string): number;
}

function notFound(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The ${what} does not exist.`, { status: 404 });
}

/** Moves one message; false where there is none left, or where it has nowhere to go. */
function moveOne(queues: Queues, source: NamedQueue, task: MoveTask): boolean {
  const message = source.queue.takeVisible();
  if (message === undefined) {
    task.Status = 'COMPLETED';
    return false;
  }
  const destination = queues.byArn(task.DestinationArn ?? message.sourceArn ?? '');
  if (destination === undefined) {
    source.queue.accept(message, message.sourceArn ?? source.arn);
    task.Status = 'FAILED';
    task.FailureReason = message.sourceArn === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue';
    return false;
  }
  // A moved message is a new one: its id, age and receive count start again.
  queues.send(destination, { body: message.body, attributes: message.attributes, traceHeader: message.traceHeader });
  task.ApproximateNumberOfMessagesMoved += 1;
  return task.ApproximateNumberOfMessagesMoved < task.ApproximateNumberOfMessagesToMove;
}

/** Move tasks over an account's queues. */
export function createMoveTasks(account: Account, queues: Queues): MoveTasks {
  const tasks: MoveTask[] = [];

  function step(source: NamedQueue, task: MoveTask): void {
    const perStep = Math.max(1, Math.floor(((task.MaxNumberOfMessagesPerSecond ?? MOST_PER_SECOND) * STEP_MS) / 1000));
    for (let moved = 0; moved < perStep && task.Status === 'RUNNING'; moved += 1) {
      if (!moveOne(queues, source, task)) break;
    }
    const isDone = task.ApproximateNumberOfMessagesMoved >= task.ApproximateNumberOfMessagesToMove;
    if (task.Status === 'RUNNING' && isDone) task.Status = 'COMPLETED';
    if (task.Status === 'RUNNING') {
      account.clock.schedule(STEP_MS, () => {
        step(source, task);
      });
    } else {
      delete task.TaskHandle;
    }
  }

  return {
    start({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond }) {
      const source = queues.byArn(SourceArn);
      if (source === undefined || (DestinationArn !== undefined && queues.byArn(DestinationArn) === undefined)) throw notFound('resource');
      if (queues.sourcesOf(SourceArn).length === 0) {
        throw invalidValue('SourceArn', SourceArn, 'Source queue must be configured as a Dead Letter Queue.');
      }
      if (tasks.some((task) => task.SourceArn === SourceArn && task.Status === 'RUNNING')) {
        throw new AwsError(
          'UnsupportedOperation',
          'There is already a task running. Only one active task is allowed for a source queue arn.',
          {
            queryCode: 'AWS.SimpleQueueService.UnsupportedOperation',
          },
        );
      }
      const TaskHandle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: SourceArn })).toString('base64');
      const task: MoveTask = {
        TaskHandle,
        Status: 'RUNNING',
        SourceArn,
        ...(DestinationArn === undefined ? {} : { DestinationArn }),
        ...(MaxNumberOfMessagesPerSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond }),
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: source.queue.depth.visible,
        StartedTimestamp: account.clock.now(),
      };
      tasks.unshift(task);
      tasks.length = Math.min(tasks.length, KEPT_TASKS);
      account.clock.schedule(0, () => {
        step(source, task);
      });
      return TaskHandle;
    },
    list: (sourceArn, max) => tasks.filter((task) => task.SourceArn === sourceArn).slice(0, max),
    cancel(taskHandle) {
      const task = tasks.find((one) => one.TaskHandle === taskHandle && one.Status === 'RUNNING');
      if (task === undefined) throw notFound('task');
      task.Status = 'CANCELLED';
      delete task.TaskHandle;
      return task.ApproximateNumberOfMessagesMoved;
    },
  };
}
