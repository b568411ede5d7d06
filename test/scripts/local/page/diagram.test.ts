import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../../scripts/local/json';
import { diagramOf, queuesOf } from '../../../../scripts/local/page/diagram';
import { layOut, linesOf } from '../../../../scripts/local/page/layout';
import { movementsOn } from '../../../../scripts/local/page/movement';
import { pipelineFrom, type KnownResource } from '../../../../scripts/local/pipeline';
import { Settings } from '../../../../scripts/local/settings';

const arn = (service: string, name: string): string => `arn:aws:${service}:r:1:${name}`;
const resource = (type: string, values: JsonObject): KnownResource => ({ type, settings: new Settings(type, values) });

function lambda(name: string, variables: Record<string, string>): KnownResource {
  return resource('aws_lambda_function', {
    function_name: name,
    arn: arn('lambda', `function:${name}`),
    filename: 'x.zip',
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    environment: { variables },
  });
}

function queue(name: string, deadLetters?: string): KnownResource {
  const redrive_policy = JSON.stringify({ deadLetterTargetArn: arn('sqs', deadLetters ?? ''), maxReceiveCount: 5 });
  const values = { name, arn: arn('sqs', name), url: `http://127.0.0.1/${name}`, id: `http://127.0.0.1/${name}` };
  return resource('aws_sqs_queue', deadLetters === undefined ? values : { ...values, redrive_policy });
}

function trigger(functionName: string, source: string): KnownResource {
  return resource('aws_lambda_event_source_mapping', {
    function_name: arn('lambda', `function:${functionName}`),
    event_source_arn: source,
    starting_position: 'TRIM_HORIZON',
  });
}

const table = arn('dynamodb', 'table/events');
const bus = arn('events', 'event-bus/events');
const rule = arn('events', 'rule/events/high');

/** A receiver, a table and a bus of one name, a queue, and a function behind the queue that marks the table's rows. */
const resources: readonly KnownResource[] = [
  resource('aws_api_gateway_rest_api', { id: 'api', name: 'api', arn: arn('apigateway', 'api'), root_resource_id: 'root' }),
  resource('aws_api_gateway_stage', { rest_api_id: 'api', stage: 'prod', stage_name: 'prod' }),
  resource('aws_api_gateway_method', { rest_api_id: 'api', resource_id: 'root', http_method: 'POST', authorization: 'NONE' }),
  resource('aws_api_gateway_integration', {
    rest_api_id: 'api',
    resource_id: 'root',
    http_method: 'POST',
    type: 'AWS_PROXY',
    uri: arn('lambda', 'function:receiver'),
  }),
  lambda('receiver', { PAYMENT_TABLE_NAME: 'events' }),
  lambda('relay', { QUEUE_URL: 'http://127.0.0.1/work' }),
  lambda('processor', { EVENT_BUS_NAME: 'events', PAYMENT_TABLE_NAME: 'events' }),
  resource('aws_dynamodb_table', { name: 'events', arn: table }),
  resource('aws_s3_bucket', { bucket: 'nobody-uses-it', arn: arn('s3', 'nobody-uses-it') }),
  trigger('relay', `${table}/stream/1`),
  queue('work', 'work-dead'),
  queue('work-dead'),
  queue('alerts'),
  trigger('processor', arn('sqs', 'work')),
  resource('aws_cloudwatch_event_bus', { name: 'events', arn: bus }),
  resource('aws_cloudwatch_event_rule', { name: 'high', event_bus_name: 'events', arn: rule, event_pattern: '{}' }),
  resource('aws_cloudwatch_event_target', { rule: 'high', event_bus_name: 'events', arn: arn('sqs', 'alerts') }),
  lambda('searcher', { PAYMENT_TABLE_NAME: 'events', QUEUE_URL: 'http://127.0.0.1/work' }),
  resource('aws_cloudwatch_event_rule', { name: 'search', arn: arn('events', 'rule/search'), schedule_expression: 'rate(15 minutes)' }),
  resource('aws_cloudwatch_event_target', {
    rule: 'search',
    arn: arn('lambda', 'function:searcher'),
    dead_letter_config: { arn: arn('sqs', 'work-dead') },
  }),
];
const diagram = diagramOf(resources, pipelineFrom(resources));
const layout = layOut(diagram, 'dev');
const lastOf = (id: string): string => /[^:/]+$/.exec(id)?.[0] ?? id;
const drawn = (kind: string): readonly string[] =>
  diagram.edges.filter((edge) => edge.kind === kind).map(({ from, to }) => `${lastOf(from)} > ${lastOf(to)}`);

describe('diagramOf', () => {
  it('draws routes, triggers, calls and rules in the direction of the events', () => {
    expect([...drawn('flow')].sort()).toEqual([
      'api > receiver',
      'events > alerts',
      'events > relay',
      'processor > events',
      'receiver > events',
      'relay > work',
      'search > searcher',
      'searcher > events',
      'searcher > work',
      'senders > api',
      'work > processor',
    ]);
  });

  it('draws a call against the stream as a use, and tells a table from a bus of the same name', () => {
    expect(diagram.edges.filter(({ kind }) => kind === 'uses')).toEqual([
      { from: arn('lambda', 'function:processor'), to: table, kind: 'uses' },
    ]);
    expect(diagram.edges).toContainEqual({ from: arn('lambda', 'function:receiver'), to: table, kind: 'flow' });
    expect(diagram.edges).toContainEqual({ from: arn('lambda', 'function:processor'), to: bus, kind: 'flow' });
  });

  it('draws what runs by the clock, with its interval and its dead letters', () => {
    expect(diagram.nodes.find(({ kind }) => kind === 'schedule')).toMatchObject({
      name: 'search',
      facts: [['runs at', 'rate(15 minutes)']],
      deadLetters: [arn('sqs', 'work-dead')],
    });
  });

  it('leaves out what no event passes, and hangs dead letters under their queue', () => {
    expect(diagram.nodes.map(({ name }) => name)).not.toContain('nobody-uses-it');
    expect(diagram.nodes.map(({ name }) => name)).not.toContain('work-dead');
    expect(diagram.nodes.find(({ name }) => name === 'work')?.deadLetters).toEqual([arn('sqs', 'work-dead')]);
  });
});

describe('queuesOf', () => {
  it('says which queues are for dead letters, and whose', () => {
    expect(queuesOf(resources).map(({ name, isDeadLetter, sources }) => [name, isDeadLetter, sources])).toEqual([
      ['alerts', false, []],
      ['work', false, []],
      ['work-dead', true, ['work']],
    ]);
  });
});

describe('layOut', () => {
  it('places every step of an event to the right of the one before', () => {
    const x = new Map(layout.nodes.map((node) => [node.id, node.x]));
    for (const edge of diagram.edges.filter(({ kind }) => kind === 'flow')) {
      expect([edge.from, (x.get(edge.to) ?? 0) > (x.get(edge.from) ?? 0)]).toEqual([edge.from, true]);
    }
  });

  it('lets no two nodes overlap, and keeps all of them inside', () => {
    for (const one of layout.nodes) {
      expect(one.x + one.width <= layout.width && one.y >= 0 && one.y + one.height <= layout.height).toBe(true);
      for (const other of layout.nodes.filter(({ id }) => id !== one.id)) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect([one.name, other.name, apart]).toEqual([one.name, other.name, true]);
      }
    }
  });

  it('shortens names to two lines without the suffix and the account', () => {
    expect(linesOf('webhook-archive-dev-123456789012', 'dev')).toEqual(['webhook-', 'archive']);
    expect(linesOf('queue-dev', 'dev')).toEqual(['queue']);
    expect(linesOf('a'.repeat(80), 'dev')[0]).toHaveLength(15);
  });
});

describe('movementsOn', () => {
  const moveOf = movementsOn(layout);
  const line = (functionName: string, message: string) => moveOf({ kind: 'log', at: 0, functionName, fields: { message } });
  const waysOf = (move: ReturnType<typeof line>) =>
    move?.ways.map((way) => way.map((id) => layout.edges.find((edge) => edge.id === id)).map((edge) => lastOf(edge?.to ?? '')));

  it('follows a stored webhook from its sender to the table', () => {
    expect(waysOf(line('receiver', 'webhook stored'))).toEqual([['api', 'receiver', 'events']]);
  });

  it('lets a refused one end at the function that refused it', () => {
    const move = line('receiver', 'webhook rejected');
    expect(waysOf(move)).toEqual([['api', 'receiver']]);
    expect(move).toMatchObject({ tone: 'bad', stopsAt: arn('lambda', 'function:receiver') });
  });

  it('follows what the bus routes along its rules', () => {
    const event = { busName: 'events', eventId: 'e', source: 's', detailType: 'd', detail: '{}', rules: [rule] };
    expect(waysOf(moveOf({ kind: 'published', at: 0, event }))).toEqual([['alerts']]);
    expect(moveOf({ kind: 'published', at: 0, event: { ...event, rules: [] } })).toBeUndefined();
  });

  it('shows nothing for a line that it does not know', () => {
    expect(line('receiver', 'secret read again')).toBeUndefined();
    expect(line('another', 'webhook stored')).toBeUndefined();
  });
});
