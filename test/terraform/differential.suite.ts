import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startEmbeddedAws, type EmbeddedAws } from '../../scripts/local/aws/embedded-aws';
import { awsClients } from '../../scripts/local/aws-clients';
import { emulatorProblem, startEmulator, type Emulator } from '../../scripts/terraform/emulator';
import { errorOf, prepare, probes, type Prepared } from './probes';
import { describeWhere } from './requirement';

const region = 'ap-southeast-1';

/** Where the two differ, and what AWS does: in each the embedded AWS is the one that does it too. */
const known: ReadonlyMap<string, string> = new Map([
  [
    'the stream has what happened to a row, in order, with both images, and nothing for a write that was refused',
    'an update that changes nothing makes no stream record; moto makes one',
  ],
  ['a write that changes nothing makes no record', 'the same for PutItem'],
  ['PutObject with a checksum of other bytes', 'S3 refuses it with BadDigest; moto stores the object'],
  ['SendMessageBatch, then ReceiveMessage with what is known of each message', 'AWSTraceHeader comes back; moto drops it in batches'],
  [
    'Publish reaches the subscriptions whose filter fits, in an envelope',
    'SignatureVersion is 1 unless the topic says 2; moto always says 2',
  ],
  ['GetSecretValue of a secret that was never filled', 'every error of Secrets Manager has status 400; moto answers 404'],
  ['GetSecretValue of an unknown secret', 'the same'],
]);

describeWhere(emulatorProblem(), 'the embedded AWS and moto', () => {
  let embedded: EmbeddedAws;
  let emulator: Emulator;
  let sides: readonly [Prepared, Prepared];

  beforeAll(async () => {
    [embedded, emulator] = await Promise.all([startEmbeddedAws({ region }), startEmulator()]);
    sides = [await prepare(awsClients(embedded.endpoint, region)), await prepare(awsClients(emulator.endpoint, region))];
  });

  afterAll(async () => {
    for (const { clients } of sides) clients.destroy();
    await Promise.all([embedded.close(), emulator.stop()]);
  });

  it.each(probes.map((probe) => [probe.name, probe] as const))('%s', async (name, probe) => {
    const [ours, theirs] = await Promise.all(sides.map((side) => probe.ask(side).catch(errorOf)));
    if (known.has(name)) expect(ours).not.toEqual(theirs);
    else expect(ours).toEqual(theirs);
  });

  it('asks nothing that the embedded AWS does not know', () => {
    expect(embedded.unknownCalls).toEqual([]);
  });

  it('lists as known only differences of probes that there are', () => {
    const names = probes.map(({ name }) => name);
    expect([...known.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});
