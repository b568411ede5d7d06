import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { httpsChat } from '../../../functions/alert-forwarder/https-chat';
import { startLoopbackServer, type LoopbackServer } from '../../support/loopback-server';

let server: LoopbackServer;
const requests: { readonly path: string; readonly method: string; readonly type: string; readonly body: string }[] = [];

beforeAll(async () => {
  server = await startLoopbackServer((request, response, body) => {
    const { url: path = '', method = '', headers } = request;
    requests.push({ path, method, type: headers['content-type'] ?? '', body });
    if (path === '/hang') return;
    if (path === '/cut') request.socket.destroy();
    else if (path === '/endless') response.writeHead(200).write('x'.repeat(200_000));
    else if (path.startsWith('/redirect')) response.writeHead(307, { location: `${server.origin}/elsewhere` }).end();
    else response.writeHead(Number(path.slice(1))).end('answer');
  });
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  requests.length = 0;
});

const post = (path: string) => httpsChat({ deadlineMs: 300 }).post(`${server.origin}${path}`, 'Zahlung über 10 € & mehr\n"zwei"');

describe('httpsChat', () => {
  it('posts the text as JSON', async () => {
    expect(await post('/200')).toEqual({ outcome: 'posted', status: 200 });
    expect(requests).toEqual([
      {
        path: '/200',
        method: 'POST',
        type: 'application/json; charset=utf-8',
        body: JSON.stringify({ text: 'Zahlung über 10 € & mehr\n"zwei"' }),
      },
    ]);
  });

  it.each([
    [201, 'posted'],
    [204, 'posted'],
    [400, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [408, 'failed'],
    [429, 'throttled'],
    [500, 'failed'],
    [503, 'failed'],
  ])('takes %i for %s', async (status, outcome) => {
    expect(await post(`/${status}`)).toEqual({ outcome, status });
  });

  it('follows no redirect, which would give the text to somebody else', async () => {
    expect(await post('/redirect')).toEqual({ outcome: 'refused', status: 307 });
    expect(requests.map(({ path }) => path)).toEqual(['/redirect']);
  });

  it('reads nothing of an answer without end', async () => {
    expect(await post('/endless')).toEqual({ outcome: 'posted', status: 200 });
  });

  it.each(['/hang', '/cut'])('gives up at %s, without an exception', async (path) => {
    expect(await post(path)).toEqual({ outcome: 'unreachable', status: 0 });
  });

  it('cannot reach a port where nobody listens', async () => {
    expect(await httpsChat().post('http://127.0.0.1:1/', 'text')).toEqual({ outcome: 'unreachable', status: 0 });
  });

  it('does not take plain HTTP for HTTPS', async () => {
    expect(await httpsChat({ deadlineMs: 300 }).post(`${server.origin.replace('http:', 'https:')}/200`, 'text')).toEqual({
      outcome: 'unreachable',
      status: 0,
    });
    expect(requests).toEqual([]);
  });
});
