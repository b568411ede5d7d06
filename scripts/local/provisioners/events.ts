import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';
import { arnHere } from './stand-ins';

export function eventProvisioners({ events, sqs }: Pick<AwsClients, 'events' | 'sqs'>): Readonly<Record<string, Provisioner>> {
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
    aws_cloudwatch_event_connection: {
      uses: ['name', 'description', 'authorization_type', 'auth_parameters'],
      ignores: {},
      async provision(settings) {
        const name = settings.text('name');
        const key = settings.block('auth_parameters', ['api_key'])?.block('api_key', ['key', 'value']);
        if (settings.text('authorization_type') !== 'API_KEY' || key === undefined)
          return settings.fail('authorization_type', 'is not API_KEY: the local run knows no other');
        const { ConnectionArn = '' } = await events.send(
          new CreateConnectionCommand({
            Name: name,
            Description: settings.optionalText('description'),
            AuthorizationType: 'API_KEY',
            AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: key.text('key'), ApiKeyValue: key.text('value') } },
          }),
        );
        return { id: name, arn: ConnectionArn };
      },
    },
    aws_cloudwatch_event_api_destination: {
      uses: ['name', 'connection_arn', 'http_method', 'invocation_endpoint', 'invocation_rate_limit_per_second', 'description'],
      ignores: {},
      async provision(settings) {
        const name = settings.text('name');
        const { ApiDestinationArn = '' } = await events.send(
          new CreateApiDestinationCommand({
            Name: name,
            ConnectionArn: settings.text('connection_arn'),
            HttpMethod: settings.text('http_method') === 'POST' ? 'POST' : settings.fail('http_method', 'is not POST'),
            InvocationEndpoint: settings.text('invocation_endpoint'),
            InvocationRateLimitPerSecond: settings.number('invocation_rate_limit_per_second', 300),
          }),
        );
        return { id: name, arn: ApiDestinationArn };
      },
    },
    aws_cloudwatch_event_target: {
      uses: ['rule', 'event_bus_name', 'target_id', 'arn', 'dead_letter_config', 'retry_policy', 'input', 'input_path', 'sqs_target'],
      ignores: { role_arn: 'permissions are not enforced on a laptop' },
      async provision(settings, place) {
        const bus = settings.optionalText('event_bus_name');
        const arn = await arnHere(settings.text('arn'), { events, sqs }, place);
        // A function of these stacks is run by its host, by the clock; another cannot run here.
        if (arn === undefined) return { id: `${settings.text('rule')}-${target(settings).Id}` };
        const { FailedEntries } = await events.send(
          new PutTargetsCommand({
            Rule: settings.text('rule'),
            ...(bus === undefined ? {} : { EventBusName: bus }),
            Targets: [{ ...target(settings), Arn: arn }],
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
