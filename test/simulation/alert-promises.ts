import type { Facts } from './facts';
import type { Published } from './model/aws';

import { expectedOf } from './senders';

/** What is told about one object of one payment for one reason. */
interface Alert {
  readonly identity: string;
  readonly published: Published;
}

/** What can be wrong with the alerts of a run. */
export const alertProblems = { missing, repeated, unfounded };

function missing(facts: Facts): string[] {
  const told = new Set(alertsOf(facts).map(({ identity }) => identity));
  return [...due(facts)].flatMap(([identity, ids]) => {
    const excused = told.has(identity) || ids.some((id) => facts.lost.beforeBus.has(id) || facts.lost.afterBus.has(id));
    return excused ? [] : [`nobody heard of ${identity}`];
  });
}

/** Every publication but the last must be one that a fault kept from being marked. */
function repeated(facts: Facts): string[] {
  const alertsNow = alertsOf(facts);
  return [...new Set(alertsNow.map(({ identity }) => identity))].flatMap((identity) => {
    const alerts = alertsNow.filter((alert) => alert.identity === identity);
    const unexcused = alerts.slice(0, -1).filter((alert) => !isExcused(facts, alert));
    return unexcused.length === 0 ? [] : [`${identity} was told ${alerts.length} times`];
  });
}

function unfounded(facts: Facts): string[] {
  const expected = due(facts);
  return alertsOf(facts)
    .filter(({ identity }) => !expected.has(identity))
    .map(({ identity }) => `people were told ${identity}`);
}

/** The alerts that the stored events ask for, each with the rows that ask for it. */
function due({ run, rows }: Facts): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  for (const delivery of run.plan.deliveries) {
    const { alert, provider, eventId, paymentId } = expectedOf(delivery);
    const row = rows.find(({ stored }) => stored.event.provider === provider && stored.event.eventId === eventId);
    if (delivery.forged !== undefined || alert === undefined || row === undefined) continue;
    const identity = `${paymentId}, ${alert.reason}, ${alert.objectId}`;
    wanted.set(identity, [...(wanted.get(identity) ?? []), row.id]);
  }
  return wanted;
}

function alertsOf({ run }: Facts): Alert[] {
  // In the order of the calls: what a call wrote late is of its own time.
  const alerts = run.aws.alerts.filter(({ reason }) => reason !== 'tampering').sort((a, b) => a.call - b.call);
  return alerts.map((published) => ({
    identity: `${lineOf(published.text, 'Payment')}, ${published.reason}, ${lineOf(published.text, 'Object')}`,
    published,
  }));
}

function lineOf(text: string, name: string): string {
  return new RegExp(`^${name}: +(.*)$`, 'm').exec(text)?.[1] ?? '?';
}

/**
 * Between the publication and its mark something befell the function: it died, the answer of the publication was lost, or the mark did not
 * come through. What befell others of the batch excuses nothing.
 */
function isExcused({ run }: Facts, { published }: Alert): boolean {
  const invocation = run.platform.callers[published.call - 1];
  const alertKey = `alert#${published.reason}#${lineOf(published.text, 'Object')}`;
  const hits = invocation?.hits ?? [];
  return hits.some(({ call, subject }) => call === published.call || (call > published.call && (subject === '*' || subject === alertKey)));
}
