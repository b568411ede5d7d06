import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, type Subscription } from '@aws-sdk/client-sns';
import { alertEndpointsFrom, alertEndpointsSecret, type ForwardedTopic } from '../../../functions/shared/domain/alert-endpoints';
import { isErrorNamed } from '../failure';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';

const unwatched = 'there is no monitoring on a laptop';
const noPeople = 'alerts are shown in its terminal';

/** Whether somebody hears of it. */
export const alarmChecks: readonly Check[] = [
  {
    id: 'alarm-missing',
    title: 'Every alarm that was synthesized is there',
    notLocal: unwatched,
    run: missingAlarms,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'alarm-actions',
    title: 'Every alarm is switched on and tells the operations topic',
    notLocal: unwatched,
    run: muteAlarms,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'alarm-state',
    title: 'No alarm rings',
    notLocal: unwatched,
    run: ringingAlarms,
    mend: (patient) => patient.ops('status'),
  },
  {
    id: 'topic-subscribers',
    title: 'Somebody has confirmed to be told, of alerts and of alarms',
    notLocal: noPeople,
    run: lonelyTopics,
    mend: (patient) => `ALERT_EMAILS=<address> OPERATIONS_EMAILS=<address> ${patient.deploy('pipeline')}`,
  },
  {
    id: 'email-confirmed',
    title: 'Every subscribed address has confirmed',
    notLocal: noPeople,
    run: unconfirmed,
    mend: () => 'open the mail "AWS Notification - Subscription Confirmation" and follow its link; it is valid for 2 days',
  },
];

/** All alarms of this environment. */
export async function alarmsOf({ target: { operator, names } }: Pick<Patient, 'target'>): Promise<readonly MetricAlarm[]> {
  const alarms: MetricAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await operator.cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${names.alarmPrefix}-`, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    alarms.push(...(page.MetricAlarms ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return alarms;
}

async function missingAlarms(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_cloudwatch_metric_alarm').map((alarm) => alarm.text('alarm_name'));
  const there = new Set((await alarmsOf(patient)).map(({ AlarmName }) => AlarmName));
  return wanted.filter((name) => !there.has(name)).map((name) => error(`there is no alarm ${name}`));
}

async function muteAlarms(patient: Patient): Promise<readonly Symptom[]> {
  const topic = `:${patient.target.names.operationsTopic}`;
  return (await alarmsOf(patient)).flatMap(({ AlarmName = '', ActionsEnabled, AlarmActions = [] }) => {
    if (ActionsEnabled === false)
      return [
        error(
          `the alarm ${AlarmName} rings and tells nobody: its actions are switched off`,
          `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
        ),
      ];
    return AlarmActions.some((arn) => arn.endsWith(topic)) ? [] : [error(`the alarm ${AlarmName} does not tell the operations topic`)];
  });
}

async function ringingAlarms(patient: Patient): Promise<readonly Symptom[]> {
  return (await alarmsOf(patient))
    .filter(({ StateValue }) => StateValue === 'ALARM')
    .map(({ AlarmName = '', AlarmDescription = '' }) => {
      const [, page] = /Runbook: (\S+)/.exec(AlarmDescription) ?? [];
      return warning(
        `${AlarmName} rings: ${AlarmDescription.replace(/ ?Runbook: \S+/, '')}`,
        page === undefined ? undefined : `see ${page}`,
      );
    });
}

/** Subscriptions of a topic by its name; undefined where there is no such topic. */
async function subscriptionsOf({ target }: Patient, topic: string): Promise<readonly Subscription[] | undefined> {
  const TopicArn = `arn:aws:sns:${target.region}:${target.accountId}:${topic}`;
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  try {
    do {
      const page = await target.operator.sns.send(
        new ListSubscriptionsByTopicCommand({ TopicArn, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      found.push(...(page.Subscriptions ?? []));
      ({ NextToken } = page);
    } while (NextToken !== undefined && NextToken !== '');
  } catch (cause) {
    if (isErrorNamed(cause, 'NotFoundException', 'NotFound')) return undefined;
    throw cause;
  }
  return found;
}

const topics = [
  ['alertTopic', 'nobody is told about payments', 'alerts'],
  ['operationsTopic', 'every alarm rings unheard', 'operations'],
] as const;

async function lonelyTopics(patient: Patient): Promise<readonly Symptom[]> {
  const found = await Promise.all(
    topics.map(async ([key, consequence, word]) => {
      const name = patient.target.names[key];
      const subscriptions = await subscriptionsOf(patient, name);
      if (subscriptions === undefined) return [error(`there is no topic ${name}: ${consequence}`, patient.deploy('pipeline'))];
      const confirmed = subscriptions.filter(isConfirmed);
      if (confirmed.length === 0) return [error(`${name} has no confirmed subscriber: ${consequence}`)];
      const isOnlyPosted = confirmed.every(({ Endpoint = '' }) => Endpoint.endsWith(`:${patient.target.names.forwardingQueue}`));
      if (!isOnlyPosted || (await isPosted(patient, word))) return [];
      return [error(`${name} is only posted, and to no endpoint: ${consequence}`, patient.ops(`secrets endpoints set ${word}`))];
    }),
  );
  return found.flat();
}

/** Whether the secret has an endpoint for the topic. */
async function isPosted(patient: Patient, topic: ForwardedTopic): Promise<boolean> {
  const reading = await patient.secret(alertEndpointsSecret);
  if (reading.state !== 'set') return false;
  const read = alertEndpointsFrom(reading.text, { local: false });
  return read.ok && read.value[topic].length > 0;
}

async function unconfirmed(patient: Patient): Promise<readonly Symptom[]> {
  const found = await Promise.all(
    topics.map(async ([key]) => {
      const name = patient.target.names[key];
      const waiting = ((await subscriptionsOf(patient, name)) ?? []).filter((subscription) => !isConfirmed(subscription));
      return waiting.map(({ Protocol = '', Endpoint = '' }) =>
        warning(`${Endpoint} (${Protocol}) has not confirmed its subscription to ${name}`),
      );
    }),
  );
  return found.flat();
}

function isConfirmed({ SubscriptionArn = '' }: Subscription): boolean {
  return SubscriptionArn.startsWith('arn:');
}
