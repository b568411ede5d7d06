import type { Names } from '../naming';
import { reconcilableProviders } from '../settings';
import type { AlarmDefinition } from './alarms';
import { ownMetric } from './metrics';

/** Why the reconciler could not compare a provider's events with ours; the words are its own. */
export const failureReasons = [
  'secret_invalid',
  'credentials_refused',
  'request_refused',
  'throttled',
  'unreachable',
  'answer_unreadable',
  'list_empty',
] as const;

/** Alarms about events that never came, or that were never published. */
export function reconcileAlarms(enabledProviders: readonly string[], names: Names): readonly AlarmDefinition[] {
  const reconciler = names.ofFunction('reconciler');
  const asked = reconcilableProviders.filter((provider) => enabledProviders.includes(provider));
  return [
    ...asked.flatMap((provider) => [missedEvents(provider, reconciler), failed(provider, reconciler), gap(provider, reconciler)]),
    {
      id: 'events-reenqueued',
      meaning:
        'Stored payment events were not published within 15 minutes, and were enqueued again. Whoever waits behind the bus has them late; why the first message was lost is not known yet.',
      runbook: 'events-reenqueued',
      watch: ownMetric(reconciler, 'EventsReenqueued'),
      when: { above: 0 },
      periodSeconds: 900,
    },
    {
      id: 'events-overdue',
      meaning:
        'Stored payment events are not published after 24 hours, although they were enqueued again several times. Nobody behind the bus knows of them.',
      runbook: 'events-reenqueued',
      watch: ownMetric(reconciler, 'EventsOverdue'),
      when: { above: 0 },
      // The longest pause between two attempts, so that the alarm does not end between them.
      periodSeconds: 21_600,
    },
  ];
}

function missedEvents(provider: string, reconciler: string): AlarmDefinition {
  return {
    id: `missed-events-${provider}`,
    meaning: `At ${provider} there are events whose webhooks never came. They are recovered, late, and go the way of all others. Either webhooks do not get in, or the endpoint at ${provider} is not subscribed to these types.`,
    runbook: 'missed-events',
    watch: ownMetric(reconciler, 'MissedEvents', { provider }),
    when: { above: 0 },
    periodSeconds: 900,
  };
}

function failed(provider: string, reconciler: string): AlarmDefinition {
  const metrics = failureReasons.map((reason) => ownMetric(reconciler, 'ReconcileFailed', { provider, reason }));
  return {
    id: `reconcile-failed-${provider}`,
    meaning: `For hours the events of ${provider} could not be compared with ours, so a webhook that never came goes unnoticed. Webhooks themselves are taken as ever.`,
    runbook: 'reconcile-failed',
    watch: { expression: `SUM([${metrics.map((_, index) => `m${index + 1}`).join(', ')}])`, metrics },
    when: { above: 0 },
    periodSeconds: 3600,
    periods: [2, 3],
  };
}

function gap(provider: string, reconciler: string): AlarmDefinition {
  return {
    id: `reconcile-gap-${provider}`,
    meaning: `Events of ${provider} were not compared with ours for so long that the oldest of them cannot be any more: a webhook of that time that never came will not be found.`,
    runbook: 'reconcile-failed',
    watch: ownMetric(reconciler, 'ReconcileFailed', { provider, reason: 'window_passed' }),
    when: { above: 0 },
    periodSeconds: 900,
  };
}
