import { accountChecks } from './account-checks';
import { alarmChecks } from './alarm-checks';
import type { Check } from './check';
import { dataChecks } from './data-checks';
import { edgeChecks } from './edge-checks';
import { endpointChecks } from './endpoint-checks';
import { functionChecks } from './function-checks';
import { keyChecks } from './key-checks';
import { queueChecks } from './queue-checks';
import { secretChecks } from './secret-checks';

/** Everything that the doctor looks for, in the order of its report. */
export const checks: readonly Check[] = [
  ...secretChecks,
  ...endpointChecks,
  ...functionChecks,
  ...queueChecks,
  ...alarmChecks,
  ...edgeChecks,
  ...keyChecks,
  ...dataChecks,
  ...accountChecks,
];
