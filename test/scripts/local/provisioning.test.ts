import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../scripts/local/json';
import { provisionStacks, type ProvisionerCatalogue } from '../../../scripts/local/provisioning';
import type { SynthesizedStack } from '../../../scripts/local/synthesized-stacks';

const place = { accountId: '111122223333', region: 'eu-west-1' };

function stack(name: string, parts: Partial<SynthesizedStack>): SynthesizedStack {
  return {
    name,
    folder: `/stacks/${name}`,
    resources: [],
    data: [],
    outputs: {},
    locals: {},
    variables: {},
    backend: { type: 'local', config: { path: `${name}.tfstate` } },
    region: 'eu-west-1',
    ...parts,
  };
}

/** Makes queues whose ARN says what they were made with, in the order of their making. */
function recording(): { readonly made: string[]; readonly catalogue: ProvisionerCatalogue } {
  const made: string[] = [];
  return {
    made,
    catalogue: {
      provisioners: {
        aws_sqs_queue: {
          uses: ['name', 'redrive_policy', 'filename'],
          ignores: { kms_master_key_id: 'nothing is encrypted' },
          provision: (settings) => {
            made.push(settings.text('name'));
            return Promise.resolve({ arn: `arn:${settings.text('name')}` });
          },
        },
      },
      withoutBehaviour: {
        aws_iam_role: { why: 'no permissions', uses: ['name'], attributes: (settings) => ({ arn: `role:${settings.text('name')}` }) },
      },
    },
  };
}

const queue = (id: string, config: JsonObject) => ({ type: 'aws_sqs_queue', id, config });

describe('provisionStacks', () => {
  it('makes what is referred to first, and each resource once', async () => {
    const { made, catalogue } = recording();
    const resources = [
      queue('work', { name: 'work', redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}"}' }),
      queue('other', { name: 'other', redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}"}' }),
      queue('dead', { name: 'dead' }),
    ];
    const provisioned = await provisionStacks([stack('one', { resources })], catalogue, place);
    expect(made).toEqual(['dead', 'work', 'other']);
    expect(provisioned.resources[0]?.settings.text('redrive_policy')).toBe('{"deadLetterTargetArn":"arn:dead"}');
  });

  it('resolves another stack through its remote state', async () => {
    const { made, catalogue } = recording();
    const data = stack('data', {
      resources: [queue('dead', { name: 'dead' })],
      outputs: { 'dead-arn': '${aws_sqs_queue.dead.arn}' },
    });
    const pipeline = stack('pipeline', {
      resources: [queue('work', { name: 'after-${data.terraform_remote_state.input.outputs.dead-arn}' })],
      data: [{ type: 'terraform_remote_state', id: 'input', config: { backend: 'local', config: { path: 'data.tfstate' } } }],
    });
    await provisionStacks([pipeline, data], catalogue, place);
    expect(made).toEqual(['dead', 'after-arn:dead']);
  });

  it('answers data sources, variables and locals', async () => {
    const { made, catalogue } = recording();
    const one = stack('one', {
      resources: [
        queue('work', { name: '${data.aws_caller_identity.me.account_id}-${data.aws_region.here.name}-${var.kind}-${local.long}' }),
      ],
      variables: { kind: 'red' },
      locals: { long: 'very-${var.kind}' },
    });
    await provisionStacks([one], catalogue, place);
    expect(made).toEqual(['111122223333-eu-west-1-red-very-red']);
  });

  it('gives attributes of resources that do nothing here, and their plain properties', async () => {
    const { made, catalogue } = recording();
    const resources = [
      { type: 'aws_iam_role', id: 'role', config: { name: 'reader', path: '/team/', policy: '${aws_thing.unknown.arn}' } },
      queue('work', { name: '${aws_iam_role.role.arn}${aws_iam_role.role.path}' }),
    ];
    await provisionStacks([stack('one', { resources })], catalogue, place);
    expect(made).toEqual(['role:reader/team/']);
  });

  it('finds files from the folder of their stack', async () => {
    const { catalogue } = recording();
    const resources = [queue('work', { name: 'work', filename: 'assets/code.zip' })];
    const { resources: made } = await provisionStacks([stack('one', { resources })], catalogue, place);
    expect(made[0]?.settings.text('filename')).toBe('/stacks/one/assets/code.zip');
  });

  it('leaves out outputs that nothing here has a value for', async () => {
    const { catalogue } = recording();
    const outputs = { good: '${aws_sqs_queue.work.arn}', url: '${aws_sqs_queue.work.dashboard_url}' };
    const provisioned = await provisionStacks([stack('one', { resources: [queue('work', { name: 'work' })], outputs })], catalogue, place);
    expect(provisioned.outputs).toEqual({ one: { good: 'arn:work' } });
  });

  it.each<[string, Partial<SynthesizedStack>, RegExp]>([
    [
      'a type that it does not know',
      { resources: [{ type: 'aws_kinesis_stream', id: 'stream', config: {} }] },
      /^one: aws_kinesis_stream\.stream: .*aws_kinesis_stream/,
    ],
    [
      'a property that it does not know',
      { resources: [queue('work', { name: 'work', fifo_queue: true })] },
      /^one: aws_sqs_queue\.work: .*"fifo_queue"/,
    ],
    [
      'an expression that it cannot resolve',
      { resources: [queue('work', { name: '${aws_sqs_queue.missing.arn}' })] },
      /^one: aws_sqs_queue\.work: name: .*\$\{aws_sqs_queue\.missing\.arn\}/,
    ],
    [
      'an attribute that nothing gives',
      { resources: [queue('work', { name: '${aws_sqs_queue.dead.colour}' }), queue('dead', { name: 'dead' })] },
      /^one: aws_sqs_queue\.work: name: .*"colour"/,
    ],
    [
      'a remote state that no stack keeps',
      {
        resources: [queue('work', { name: '${data.terraform_remote_state.input.outputs.x}' })],
        data: [{ type: 'terraform_remote_state', id: 'input', config: { backend: 's3', config: { key: 'other' } } }],
      },
      /name: .*no stack keeps its state/,
    ],
    ['a data source that it cannot answer', { resources: [queue('work', { name: '${data.aws_ami.x.id}' })] }, /aws_ami/],
    ['a property of the wrong type', { resources: [queue('work', { name: 7 })] }, /^one: aws_sqs_queue\.work: name is not a string/],
  ])('names stack, resource and property of %s', async (_what, parts, message) => {
    const { catalogue } = recording();
    await expect(provisionStacks([stack('one', parts)], catalogue, place)).rejects.toThrow(message);
  });
});
