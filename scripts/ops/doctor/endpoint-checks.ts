import { alertEndpointsFrom, alertEndpointsSecret } from '../../../functions/shared/domain/alert-endpoints';
import { error, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

/** Where alerts are posted. */
export const endpointChecks: readonly Check[] = [
  {
    id: 'alert-endpoints',
    title: 'Where alerts are posted to HTTPS endpoints, their secret names some',
    run: alertEndpoints,
    mend: (patient) => patient.ops('secrets endpoints set alerts'),
  },
];

async function alertEndpoints(patient: Patient): Promise<readonly Symptom[]> {
  const { expectedIfAny: expected, target } = patient;
  const wanted = expected?.functionNamed(target.names.ofFunction('alert-forwarder')) !== undefined;
  if (expected !== undefined && !wanted) throw new Unanswerable('alertEndpoints is off: alerts go to people and queues alone');
  const reading = await patient.secret(alertEndpointsSecret);
  if (reading.state === 'absent') {
    if (!wanted) throw new Unanswerable('there is no secret of endpoints: alerts go to people and queues alone');
    return [error('there is no secret of endpoints: alerts and alarms become dead letters', patient.deploy('data'))];
  }
  if (reading.state !== 'set') return [error('the secret of endpoints has no value: alerts and alarms become dead letters')];
  const read = alertEndpointsFrom(reading.text, { local: target.local !== undefined });
  if (read.ok) return [];
  const mend = patient.ops('secrets endpoints set alerts --replace');
  return [error(`the secret of endpoints cannot be used (${read.problem}): alerts and alarms become dead letters`, mend)];
}
