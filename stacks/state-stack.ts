import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { stateKeyOf } from './constructs/state-backend';
import { StateBucket } from './constructs/state-bucket';
import { StateKey } from './constructs/state-key';
import { StateLockTable } from './constructs/state-lock-table';
import { configureTerraform } from './constructs/terraform-settings';
import { arnsOf, namesOf, stackIds } from './naming';
import type { Environment } from './settings';

/** The bucket and the lock table of the other stacks' state. Its own state is a file, for it has to be there first; `npm run bootstrap` makes it. */
export class StateStack extends TerraformStack {
  constructor(scope: Construct, environment: Environment) {
    const ids = stackIds(environment.suffix);
    super(scope, ids.state);
    const place = configureTerraform(this, environment, undefined);
    const names = namesOf(place.suffix, place.accountId);
    const { retainData } = environment;

    const key = new StateKey(this, 'state-encryption', {
      alias: names.stateKeyAlias,
      accountRootArn: arnsOf(place).accountRoot,
      retainData,
    });
    const common = { keyArn: key.arn, retainData };
    const stateKeys = [stateKeyOf(ids.data), stateKeyOf(ids.pipeline)];
    const bucket = new StateBucket(this, 'state', { ...common, name: names.stateBucket, stateKeys });
    const locks = new StateLockTable(this, 'locks', { ...common, name: names.stateLockTable });

    new TerraformOutput(this, 'StateBucketName', { value: bucket.name });
    new TerraformOutput(this, 'StateLockTableName', { value: locks.name });
  }
}
