import { createLogGroup } from '../log-groups';
import type { Provisioner } from '../provisioning';

/** Rules deliver to log groups; the functions' own lines go to the console. */
export function logGroupProvisioners(endpoint: string): Readonly<Record<string, Provisioner>> {
  return {
    aws_cloudwatch_log_group: {
      uses: ['name'],
      ignores: {
        kms_key_id: 'nothing is encrypted at rest on a laptop',
        retention_in_days: 'a laptop keeps its data only as long as the run',
        skip_destroy: 'a laptop keeps its data only as long as the run',
        log_group_class: 'it changes the price only',
      },
      async provision(settings, place) {
        const name = settings.text('name');
        await createLogGroup(endpoint, place, name);
        return { id: name, arn: `arn:aws:logs:${place.region}:${place.accountId}:log-group:${name}` };
      },
    },
  };
}
