import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { parseJsonObject, textAt } from '../../local/json';
import type { Settings } from '../../local/settings';
import { deadLetterQueues } from '../dead-letters';
import { isErrorNamed } from '../failure';
import { countsOf } from '../queues';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { missingStatements, statementsIn } from './policies';
import { Unanswerable } from './unanswerable';

/** The queues and the rules of the bus. */
export const queueChecks: readonly Check[] = [
  {
    id: 'dead-letters',
    title: 'No dead letter waits for somebody',
    run: deadLetters,
    mend: (patient) => patient.ops('dlq list'),
  },
  {
    id: 'queue-redrive',
    title: 'Every work queue gives up into its dead letters, and waits long enough before it tries again',
    run: queueRedrive,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'queue-policy',
    title: 'The queues let in the rules, topics and buses that send to them, over TLS only',
    notLocal: 'permissions are not enforced there',
    run: queuePolicies,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'event-rules',
    title: 'Every rule is enabled and has a target with dead letters',
    run: eventRules,
    mend: (patient) => patient.deploy('pipeline'),
  },
];

async function deadLetters(patient: Patient): Promise<readonly Symptom[]> {
  const found = await Promise.all(
    deadLetterQueues(patient.target.names).map(async ({ short, name, means }) => {
      const url = await patient.target.queueUrl(name);
      if (url === undefined && short === 'forwarding' && !postsAlerts(patient)) return [];
      if (url === undefined) return [error(`there is no queue ${name}: what fails there is lost`, patient.deploy('pipeline'))];
      const { waiting, inFlight, delayed } = await countsOf(patient.target, url);
      const count = waiting + inFlight + delayed;
      return count === 0 ? [] : [error(`${count} in ${short}: ${means}`, patient.ops(`dlq show ${short}`))];
    }),
  );
  return found.flat();
}

/** Whether the stacks have the function that posts alerts to HTTPS endpoints, and its queue. */
function postsAlerts({ expectedIfAny, target }: Patient): boolean {
  return expectedIfAny?.functionNamed(target.names.ofFunction('alert-forwarder')) !== undefined;
}

async function attributesOf({ target }: Patient, name: string, QueueUrl: string): Promise<Readonly<Record<string, string>>> {
  const { Attributes } = await target.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  if (Attributes === undefined) throw new Unanswerable(`the queue ${name} was not described`);
  return Attributes;
}

async function queueRedrive(patient: Patient): Promise<readonly Symptom[]> {
  const { names } = patient.target;
  const consumers = [
    [names.processingQueue, names.ofFunction('event-processor')],
    [names.notificationQueue, names.ofFunction('notification-handler')],
    ...(postsAlerts(patient) ? [[names.forwardingQueue, names.ofFunction('alert-forwarder')] as const] : []),
  ] as const;
  const found = await Promise.all(
    consumers.map(async ([name, consumer]) => {
      const url = await patient.target.queueUrl(name);
      return url === undefined
        ? [error(`there is no queue ${name}`)]
        : redriveOf(patient, name, consumer, await attributesOf(patient, name, url));
    }),
  );
  return found.flat();
}

function redriveOf(patient: Patient, name: string, consumer: string, attributes: Readonly<Record<string, string>>): readonly Symptom[] {
  const redrive = parseJsonObject(attributes['RedrivePolicy'] ?? '') ?? {};
  if (!textAt(redrive, 'deadLetterTargetArn').endsWith(`:${name}-dead-letters`))
    return [error(`${name} has no dead letters: what fails is tried until it is forgotten`)];
  const timeout = patient.expectedIfAny?.functionNamed(consumer)?.number('timeout', 3) ?? 0;
  const visibility = Number(attributes['VisibilityTimeout']);
  return visibility < 6 * timeout
    ? [
        error(
          `${name} shows a message again after ${visibility} s, and ${consumer} may take ${timeout} s: it would be processed twice at a time`,
        ),
      ]
    : [];
}

async function queuePolicies(patient: Patient): Promise<readonly Symptom[]> {
  const found = await Promise.all(patient.expected.of('aws_sqs_queue_policy').map((policy) => queuePolicy(patient, policy)));
  return found.flat();
}

async function queuePolicy(patient: Patient, wanted: Settings): Promise<readonly Symptom[]> {
  const statements = statementsIn(wanted.optionalText('policy') ?? '');
  const name = statements === undefined ? '' : endOf(textAt(statements[0], 'Resource'), ':');
  if (statements === undefined || name === '') throw new Unanswerable(`${wanted.where} names something that only AWS knows`);
  const url = await patient.target.queueUrl(name);
  if (url === undefined) return [error(`there is no queue ${name}`)];
  const live = statementsIn((await attributesOf(patient, name, url))['Policy'] ?? '') ?? [];
  return missingStatements(statements, live).map(({ sid, how }) =>
    error(`the policy of ${name}: ${how}${sid === 'TlsOnly' ? ', so plain HTTP is let in' : ', so what that sends is refused'}`),
  );
}

async function eventRules(patient: Patient): Promise<readonly Symptom[]> {
  // A local run keeps its schedules itself: there is no rule of them to ask for.
  const live = patient.expected
    .of('aws_cloudwatch_event_rule')
    .filter((rule) => patient.target.local === undefined || rule.optionalText('schedule_expression') === undefined);
  const found = await Promise.all(
    live.map((rule) => {
      const EventBusName = rule.optionalText('event_bus_name') ?? 'default';
      return ruleSymptoms(patient, { Name: rule.text('name'), EventBusName });
    }),
  );
  return found.flat();
}

interface RuleName {
  readonly Name: string;
  readonly EventBusName: string;
}

async function ruleSymptoms({ target: { operator } }: Patient, rule: RuleName): Promise<readonly Symptom[]> {
  const { Name, EventBusName } = rule;
  const state = await ruleState(operator.events, rule);
  if (state === undefined) return [error(`there is no rule ${Name}: its events reach nobody`)];
  if (state === 'DISABLED') {
    const mend = `aws events enable-rule --event-bus-name ${EventBusName} --name ${Name}`;
    return [error(`the rule ${Name} is disabled: its events reach nobody`, mend)];
  }
  const { Targets = [] } = await operator.events.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
  if (Targets.length === 0) return [error(`the rule ${Name} has no target: its events reach nobody`)];
  const silent = Targets.filter(({ DeadLetterConfig }) => DeadLetterConfig?.Arn === undefined);
  return silent.map(({ Id = '' }) => warning(`target ${Id} of the rule ${Name} has no dead letters: what it cannot take is lost`));
}

async function ruleState(events: Patient['target']['operator']['events'], rule: RuleName): Promise<string | undefined> {
  try {
    const { State = 'ENABLED' } = await events.send(new DescribeRuleCommand(rule));
    return State;
  } catch (cause) {
    if (isErrorNamed(cause, 'ResourceNotFoundException')) return undefined;
    throw cause;
  }
}

function endOf(arn: string, separator: string): string {
  return arn.slice(arn.lastIndexOf(separator) + 1);
}
