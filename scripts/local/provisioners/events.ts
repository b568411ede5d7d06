import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';

export function eventProvisioners({ events }: Pick<AwsClients, 'events'>): Readonly<Record<string, Provisioner>> {
  return {
    aws_cloudwatch_event_bus: {
      uses: ['name', 'description'],
      ignores: {
        kms_key_identifier: 'nothing is encrypted at rest on a laptop',
        dead_letter_config: 'the embedded bus decrypts nothing, so it cannot fail to',
      },
      async provision(settings) {
        const name = settings.text('name');
        const { EventBusArn = '' } = await events.send(new CreateEventBusCommand({ Name: name }));
        return { id: name, arn: EventBusArn };
      },
    },
    aws_cloudwatch_event_rule: {
      uses: ['name', 'event_bus_name', 'event_pattern', 'schedule_expression', 'state', 'is_enabled', 'description'],
      ignores: {},
      async provision(settings, { region, accountId }) {
        const name = settings.text('name');
        const bus = settings.optionalText('event_bus_name');
        // The host of the functions keeps the time; the embedded buses go by patterns alone.
        if (settings.has('schedule_expression')) return { id: name, arn: `arn:aws:events:${region}:${accountId}:rule/${name}` };
        const enabled = (settings.optionalText('state') ?? 'ENABLED') !== 'DISABLED' && settings.flag('is_enabled', true);
        const { RuleArn = '' } = await events.send(
          new PutRuleCommand({
            Name: name,
            EventPattern: settings.text('event_pattern'),
            State: enabled ? 'ENABLED' : 'DISABLED',
            ...(bus === undefined ? {} : { EventBusName: bus }),
          }),
        );
        return { id: bus === undefined ? name : `${bus}/${name}`, arn: RuleArn };
      },
    },
    aws_cloudwatch_event_target: {
      uses: ['rule', 'event_bus_name', 'target_id', 'arn', 'dead_letter_config', 'retry_policy', 'input', 'input_path', 'sqs_target'],
      ignores: {},
      async provision(settings) {
        const bus = settings.optionalText('event_bus_name');
        // A function is run by its host, by the clock.
        if (settings.text('arn').includes(':function:')) return { id: `${settings.text('rule')}-${target(settings).Id}` };
        const { FailedEntries } = await events.send(
          new PutTargetsCommand({
            Rule: settings.text('rule'),
            ...(bus === undefined ? {} : { EventBusName: bus }),
            Targets: [target(settings)],
          }),
        );
        const [failed] = FailedEntries ?? [];
        if (failed !== undefined)
          throw new Error(`the target was refused: ${failed.ErrorMessage ?? failed.ErrorCode ?? 'no reason given'}`);
        return { id: `${settings.text('rule')}-${target(settings).Id}` };
      },
    },
  };
}

function target(settings: Settings) {
  const letters = settings.block('dead_letter_config', ['arn']);
  const retry = settings.block('retry_policy', ['maximum_event_age_in_seconds', 'maximum_retry_attempts']);
  const age = retry?.optionalNumber('maximum_event_age_in_seconds');
  const attempts = retry?.optionalNumber('maximum_retry_attempts');
  for (const name of ['input', 'input_path', 'sqs_target'])
    if (settings.has(name)) settings.fail(name, 'is not understood by the local run');
  return {
    Id: settings.optionalText('target_id') ?? `${settings.text('rule')}-target`,
    Arn: settings.text('arn'),
    ...(letters === undefined ? {} : { DeadLetterConfig: { Arn: letters.text('arn') } }),
    RetryPolicy: {
      ...(age === undefined ? {} : { MaximumEventAgeInSeconds: age }),
      ...(attempts === undefined ? {} : { MaximumRetryAttempts: attempts }),
    },
  };
}
