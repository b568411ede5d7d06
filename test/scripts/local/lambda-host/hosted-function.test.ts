import { afterEach, describe, expect, it } from '@jest/globals';
import { EventTooLarge, Throttled } from '../../../../scripts/local/lambda-host/hosted-function';
import { zippedFunction, type ZippedFunction } from './zipped-function';

const started: ZippedFunction[] = [];

function host(...args: Parameters<typeof zippedFunction>): ZippedFunction {
  const zipped = zippedFunction(...args);
  started.push(zipped);
  return zipped;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((zipped) => zipped.end()));
});

describe('HostedFunction', () => {
  it('runs the code of the zip and hands over event and context', async () => {
    const { hosted } = host(`
      exports.handler = async (event, context) => ({ event, context: { ...context, left: context.getRemainingTimeInMillis() } });
    `);
    const invocation = await hosted.invoke({ hello: 'world', nothing: undefined });
    expect(invocation).toMatchObject({
      ok: true,
      payload: {
        event: { hello: 'world' },
        context: {
          functionName: 'worker',
          functionVersion: '$LATEST',
          invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:worker',
          memoryLimitInMB: '128',
          awsRequestId: invocation.requestId,
          logGroupName: '/aws/lambda/worker',
          left: expect.any(Number),
        },
      },
    });
  });

  it('gives the function its own variables, the host’s, and nothing of this process', async () => {
    process.env['SECRET_OF_THIS_PROCESS'] = 'x';
    const { hosted } = host(
      'exports.handler = async () => process.env;',
      { environment: { TABLE: 'payments' } },
      { variables: { AWS_REGION: 'eu-west-1' } },
    );
    const invocation = await hosted.invoke({}, 'Root=1-a-b;Sampled=1');
    delete process.env['SECRET_OF_THIS_PROCESS'];
    expect(invocation.ok && invocation.payload).toMatchObject({
      TABLE: 'payments',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'worker',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: 'Root=1-a-b;Sampled=1',
      TZ: ':UTC',
    });
    expect(invocation.ok && invocation.payload).not.toHaveProperty('SECRET_OF_THIS_PROCESS');
  });

  it('stays warm: the module is loaded once', async () => {
    const { hosted } = host('let count = 0; exports.handler = async () => ++count;');
    const payloads = [];
    for (let index = 0; index < 3; index += 1) payloads.push(await hosted.invoke({}));
    expect(payloads.map((invocation) => invocation.ok && invocation.payload)).toEqual([1, 2, 3]);
  });

  it('runs one invocation at a time in an environment, and as many environments as it may', async () => {
    const source = `
      let running = 0; const id = Math.random();
      exports.handler = async () => { running += 1; const seen = running; await new Promise((r) => setTimeout(r, 50)); running -= 1; return { seen, id }; };
    `;
    const { hosted } = host(source, {}, { maxEnvironments: 2 });
    const invocations = await Promise.all(Array.from({ length: 6 }, () => hosted.invoke({})));
    const payloads = invocations.map((invocation) => (invocation.ok ? invocation.payload : null));
    expect(payloads).toEqual(Array.from({ length: 6 }, () => expect.objectContaining({ seen: 1 })));
    expect(new Set(payloads.map((payload) => JSON.stringify(payload))).size).toBe(2);
  });

  it('throttles over the reserved concurrency', async () => {
    const { hosted } = host('exports.handler = () => new Promise((r) => setTimeout(r, 50));', { reservedConcurrency: 1 });
    const first = hosted.invoke({});
    await expect(hosted.invoke({})).rejects.toThrow(Throttled);
    expect((await first).ok).toBe(true);
    expect((await hosted.invoke({})).ok).toBe(true);
  });

  it('reports what a handler throws, and goes on in the same environment', async () => {
    const { hosted, reports } = host(`
      let count = 0;
      exports.handler = async () => { count += 1; if (count === 1) throw new RangeError('too far'); return count; };
    `);
    const failed = await hosted.invoke({});
    expect(failed).toMatchObject({ ok: false, error: { errorType: 'RangeError', errorMessage: 'too far' } });
    expect(reports[0]?.error?.errorType).toBe('RangeError');
    expect(await hosted.invoke({})).toMatchObject({ ok: true, payload: 2 });
  });

  it.each([
    ['waits too long', 'exports.handler = () => new Promise(() => {});'],
    ['never gives the processor back', 'exports.handler = async () => { for (;;); };'],
  ])('ends a function that %s', async (_what, source) => {
    const { hosted } = host(source, { timeoutSeconds: 0.3 });
    const before = performance.now();
    expect(await hosted.invoke({})).toMatchObject({
      ok: false,
      error: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 0.30 seconds' },
    });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it.each([
    ['exits', 'process.exit(3)', 'Runtime.ExitError'],
    [
      'throws outside the handler',
      "setTimeout(() => { throw new Error('later'); }, 1); await new Promise(() => {})",
      'Runtime.UncaughtException',
    ],
    ['leaves a rejection', "Promise.reject(new Error('lost')); await new Promise(() => {})", 'Runtime.UnhandledPromiseRejection'],
  ])('survives a function that %s: the next call starts afresh', async (_what, code, errorType) => {
    const { hosted } = host(
      `let count = 0; exports.handler = async (event) => { count += 1; if (event.crash) { ${code}; } return count; };`,
    );
    expect(await hosted.invoke({})).toMatchObject({ ok: true, payload: 1 });
    expect(await hosted.invoke({ crash: true })).toMatchObject({ ok: false, error: { errorType } });
    expect(await hosted.invoke({})).toMatchObject({ ok: true, payload: 1 });
  });

  it('ends a function that takes more memory than it has', async () => {
    const { hosted } = host('exports.handler = async () => { const all = []; for (;;) all.push(new Array(100000).fill({})); };', {
      memoryMb: 32,
    });
    expect(await hosted.invoke({})).toMatchObject({ ok: false, error: { errorType: 'Runtime.OutOfMemory' } });
  });

  it.each([
    ['does not load', "throw new Error('no table')", 'index.handler', 'Error', /no table/],
    ['has no such export', 'exports.other = 1', 'index.handler', 'Runtime.HandlerNotFound', /index\.handler/],
    ['has no such file', 'exports.handler = 1', 'main.handler', 'Runtime.ImportModuleError', /main/],
    ['needs what is not in the zip', "require('left-pad')", 'index.handler', 'Runtime.ImportModuleError', /left-pad/],
  ])('reports a function that %s', async (_what, source, handler, errorType, message) => {
    const { hosted } = host(source, { handler });
    const invocation = await hosted.invoke({});
    expect(invocation).toMatchObject({ ok: false, error: { errorType, errorMessage: expect.stringMatching(message) } });
  });

  it('loads the other files of a zip', async () => {
    const { hosted } = host({
      'index.js':
        "const { greet } = require('./words/greet'); const data = require('./data.json'); exports.handler = async () => greet(data.name);",
      'words/greet.js': "exports.greet = (name) => require('node:path').posix.join('hello', name);",
      'data.json': '{"name":"Zoë"}',
    });
    expect(await hosted.invoke({})).toMatchObject({ ok: true, payload: 'hello/Zoë' });
  });

  it('answers by callback too', async () => {
    const { hosted } = host('exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.n + 1), 5); };');
    expect(await hosted.invoke({ n: 1 })).toMatchObject({ ok: true, payload: 2 });
  });

  it('captures every line, even of a function that is ended', async () => {
    const { hosted, lines } = host(
      `
      console.log(JSON.stringify({ message: 'init' }));
      exports.handler = async () => { console.error('one\\ntwo'); process.stdout.write('three\\n'); await new Promise((r) => setTimeout(r, 50)); for (;;); };
    `,
      { timeoutSeconds: 0.3 },
    );
    await hosted.invoke({});
    expect(lines).toEqual(['{"message":"init"}', 'one', 'two', 'three']);
  });

  it('refuses an event and an answer over 6 MB', async () => {
    const { hosted } = host("exports.handler = async () => 'x'.repeat(7 * 1024 * 1024);");
    await expect(hosted.invoke({ text: 'x'.repeat(7 * 1024 * 1024) })).rejects.toThrow(EventTooLarge);
    expect(await hosted.invoke({})).toMatchObject({ ok: false, error: { errorType: 'Function.ResponseSizeTooLarge' } });
  });

  it('ends at once, whatever runs', async () => {
    const zipped = zippedFunction('exports.handler = () => new Promise(() => {});');
    const running = zipped.hosted.invoke({});
    await new Promise((resolve) => setTimeout(resolve, 100));
    await zipped.end();
    expect((await running).ok).toBe(false);
  });
});
