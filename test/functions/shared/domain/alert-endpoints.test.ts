import { describe, expect, it } from '@jest/globals';
import { alertEndpointsFrom, endpointProblem } from '../../../../functions/shared/domain/alert-endpoints';

const slack = 'https://hooks.slack.com/services/T0/B0/hidden';
const read = (value: unknown, local = false) => alertEndpointsFrom(typeof value === 'string' ? value : JSON.stringify(value), { local });

describe('the secret of endpoints', () => {
  it('has the endpoints of both topics, or of one', () => {
    const both = { alerts: [slack], operations: ['https://chat.example.com:8443/hooks/a', slack] };
    expect(read(both)).toEqual({ ok: true, value: both });
    expect(read({ operations: [slack] })).toEqual({ ok: true, value: { alerts: [], operations: [slack] } });
  });

  it.each<[unknown, string]>([
    ['{"alerts":["hidden', 'the secret is not a JSON object'],
    [[slack], 'the secret is not a JSON object'],
    ['null', 'the secret is not a JSON object'],
    [{}, 'the secret has no endpoint'],
    [{ alerts: [], operations: [] }, 'the secret has no endpoint'],
    [{ alert: [slack] }, 'the secret has a field other than alerts and operations'],
    [{ alerts: slack }, 'alerts must be a list of URLs'],
    [{ alerts: [slack, 7] }, 'alerts[1] must be a URL of at most 2048 characters'],
    [{ operations: ['http://chat.example.com/hidden'] }, 'operations[0] must begin with https://'],
    [{ alerts: [slack, slack] }, 'alerts has an endpoint twice'],
    [{ alerts: [1, 2, 3, 4, 5, 6].map((n) => `${slack}${n}`) }, 'alerts has 6 endpoints; at most 5 are posted to'],
  ])('%j is refused, and none of it shown', (value, problem) => {
    expect(read(value)).toEqual({ ok: false, problem });
    expect(problem).not.toContain('hidden');
  });
});

describe('an endpoint', () => {
  const closed = [
    'hooks.slack.com/services',
    'http://hooks.slack.com/services',
    'ftp://hooks.slack.com/services',
    'https://user:password@chat.example.com/',
    'https://localhost/',
    'https://localhost./',
    'https://chat/',
    'https://chat.internal/',
    'https://printer.local/',
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'http://127.0.0.1:4001/',
    `https://chat.example.com/${'x'.repeat(2048)}`,
  ];

  it('refuses what is no public HTTPS endpoint', () => {
    for (const url of closed) expect([url, endpointProblem(url, false)]).toEqual([url, expect.stringMatching(/^must /)]);
  });

  it('may be plain HTTP to this machine in a local run, and nowhere else', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect(endpointProblem(`http://${host}:4001/chat`, true)).toBeUndefined();
    for (const host of ['10.0.0.1', 'chat.example.com', '127.0.0.1.example.com']) {
      expect(endpointProblem(`http://${host}/chat`, true)).toBe('must begin with https://');
    }
    expect(endpointProblem(slack, true)).toBeUndefined();
  });
});
