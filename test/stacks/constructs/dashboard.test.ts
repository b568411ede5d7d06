import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { Dashboard } from '../../../stacks/constructs/dashboard';
import { pipelineDashboard } from '../../../stacks/constructs/pipeline-dashboard';
import { onlyResource, synthesized } from '../../support/synthesized-construct';

const body = v.object({
  widgets: v.array(
    v.looseObject({
      type: v.string(),
      x: v.number(),
      y: v.number(),
      width: v.number(),
      height: v.number(),
      properties: v.looseObject({ metrics: v.optional(v.array(v.array(v.unknown())), []) }),
    }),
  ),
});

function dashboard(webAclName: string | undefined = 'payments-test') {
  const sections = pipelineDashboard({
    suffix: 'test',
    region: 'eu-west-1',
    enabledProviders: ['stripe', 'paypal'],
    silentAfterHours: {},
    subscribers: [],
    alertEndpoints: true,
    webAclName,
  });
  const stack = synthesized((scope) => new Dashboard(scope, 'dashboard', { name: 'payments-test', region: 'eu-west-1', sections }));
  return v.parse(body, JSON.parse(String(onlyResource(stack, 'aws_cloudwatch_dashboard')['dashboard_body'])));
}

/** Where graphs of one section are, as `x,y` and their width. */
function placesOf(graphs: number): readonly string[] {
  const sections = [{ title: 'One', graphs: Array.from({ length: graphs }, (_, n) => ({ title: `graph ${n}`, lines: [] })) }];
  const stack = synthesized((scope) => new Dashboard(scope, 'dashboard', { name: 'payments-test', region: 'eu-west-1', sections }));
  const { widgets } = v.parse(body, JSON.parse(String(onlyResource(stack, 'aws_cloudwatch_dashboard')['dashboard_body'])));
  return widgets.filter(({ type }) => type === 'metric').map(({ x, y, width }) => `${x},${y}:${width}`);
}

describe('dashboard', () => {
  it.each([
    [1, ['0,1:24']],
    [4, ['0,1:6', '6,1:6', '12,1:6', '18,1:6']],
    [5, ['0,1:8', '8,1:8', '16,1:8', '0,7:8', '8,7:8']],
    [9, ['0,1:8', '8,1:8', '16,1:8', '0,7:8', '8,7:8', '16,7:8', '0,13:8', '8,13:8', '16,13:8']],
  ])('draws a section of %d graphs in rows of one width in whole columns', (graphs, places) => {
    expect(placesOf(graphs)).toEqual(places);
  });

  it('fills a grid of 24 columns without overlaps', () => {
    const cells = dashboard().widgets.flatMap(({ x, y, width, height }) => {
      expect(x + width).toBeLessThanOrEqual(24);
      return Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('draws something in every graph, each metric with name, value pairs and a statistic', () => {
    const graphs = dashboard().widgets.filter((widget) => widget.type === 'metric');
    expect(graphs.length).toBeGreaterThan(15);
    for (const { properties } of graphs) {
      expect(properties.metrics.length).toBeGreaterThan(0);
      for (const line of properties.metrics) {
        const drawing = line.at(-1);
        if (line.length === 1) expect(drawing).toEqual({ expression: expect.stringMatching(/^SUM\(SEARCH\(/), label: expect.any(String) });
        else {
          expect(line.length % 2).toBe(1);
          expect(drawing).toEqual({ stat: expect.any(String), label: expect.any(String) });
        }
      }
    }
  });

  it('shows each enabled provider', () => {
    const text = JSON.stringify(dashboard());
    for (const provider of ['stripe', 'paypal'])
      expect(text).toContain(`"WebhookReceived","service","webhook-receiver-test","provider","${provider}"`);
    expect(text).not.toContain('"square"');
  });

  it('shows what is posted to HTTPS endpoints where alerts are', () => {
    const text = JSON.stringify(dashboard());
    expect(text).toContain('AlertForwarded');
    expect(text).toContain('"QueueName","alert-forwarding-test-dead-letters"');
    expect(text).toContain('"FunctionName","alert-forwarder-test"');
    const sections = pipelineDashboard({
      suffix: 'test',
      region: 'eu-west-1',
      enabledProviders: [],
      silentAfterHours: {},
      subscribers: [],
      alertEndpoints: false,
      webAclName: undefined,
    });
    expect(JSON.stringify(sections)).not.toMatch(/AlertForwarded|alert-forward/);
  });

  it('shows the web ACL where there is one', () => {
    expect(JSON.stringify(dashboard())).toContain('AWS/WAFV2');
    const sections = pipelineDashboard({
      suffix: 'test',
      region: 'eu-west-1',
      enabledProviders: [],
      silentAfterHours: {},
      subscribers: [],
      alertEndpoints: false,
      webAclName: undefined,
    });
    expect(JSON.stringify(sections)).not.toContain('AWS/WAFV2');
  });
});
