import { namesOf } from '../naming';
import type { AlarmDefinition } from './alarms';
import { deliveryAlarms } from './delivery-alarms';
import { reconcileAlarms } from './reconcile-alarms';
import { receiveAlarms, type WatchedEnvironment } from './receive-alarms';
import { resourceAlarms } from './resource-alarms';

/** Every alarm of an environment. */
export function pipelineAlarms(environment: WatchedEnvironment): readonly AlarmDefinition[] {
  // Names of buckets are the only ones with the account in them, and no alarm watches a bucket.
  const names = namesOf(environment.suffix, '');
  return [
    ...receiveAlarms(environment, names),
    ...deliveryAlarms(environment, names),
    ...reconcileAlarms(environment.enabledProviders, names),
    ...resourceAlarms(environment, names),
  ];
}
