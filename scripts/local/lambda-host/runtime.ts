/**
 * Runs inside a worker thread, as the Lambda runtime does inside an execution environment: loads the handler once, then answers one
 * invocation at a time. It imports only Node's own modules, because it is handed to the worker as one piece of text.
 */
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, Invoke, RuntimeData } from './messages';

type Handler = (event: unknown, context: unknown, callback: (error: unknown, result?: unknown) => void) => unknown;

const folder = '/var/task';
const data = readData(workerData);
const modules = new Map<string, { exports: unknown }>();
const nodeRequire = createRequire(path.join(process.cwd(), 'index.js'));
const responseLimitBytes = 6 * 1024 * 1024;
let lines: string[] = [];

captureOutput(process.stdout);
captureOutput(process.stderr);
process.on('uncaughtException', (error) => {
  exitWith('Runtime.UncaughtException', error);
});
process.on('unhandledRejection', (reason) => {
  exitWith('Runtime.UnhandledPromiseRejection', reason);
});
start();

function start(): void {
  let handler: Handler;
  try {
    handler = loadHandler(data.handler);
  } catch (error) {
    send({ kind: 'init-failed', error: failureOf(error), lines: takeLines() });
    return;
  }
  parentPort?.on('message', (message: Invoke) => {
    process.env['_X_AMZN_TRACE_ID'] = message.traceHeader;
    void answer(handler, message);
  });
  send({ kind: 'ready', lines: takeLines() });
}

async function answer(handler: Handler, invoke: Invoke): Promise<void> {
  try {
    const result = JSON.stringify((await run(handler, invoke)) ?? null);
    if (result.length > responseLimitBytes && Buffer.byteLength(result) > responseLimitBytes) {
      const size = Buffer.byteLength(result);
      const errorMessage = `Response payload size (${String(size)} bytes) exceeded maximum allowed payload size (6291556 bytes).`;
      send({ kind: 'failed', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage }, lines: takeLines() });
    } else {
      send({ kind: 'done', result, lines: takeLines() });
    }
  } catch (error) {
    const failure = failureOf(error);
    lines.push(JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...failure }));
    send({ kind: 'failed', error: failure, lines: takeLines() });
  }
}

function run(handler: Handler, invoke: Invoke): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result?: unknown): void => {
      if (error === null || error === undefined) resolve(result);
      else reject(error instanceof Error ? error : new Error(typeof error === 'string' ? error : JSON.stringify(error)));
    };
    const returned = handler(JSON.parse(invoke.event), contextOf(invoke), callback);
    // A handler with fewer than three parameters cannot call back: what it returns is the answer.
    if (returned instanceof Promise || handler.length < 3) resolve(returned);
  });
}

function contextOf(invoke: Invoke) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: invoke.requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: data.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invoke.deadline - Date.now()),
  };
}

function loadHandler(name: string): Handler {
  const [, file = '', exported = ''] = /^(.+)\.([^.]+)$/.exec(name) ?? [];
  const loaded = load(`${folder}/${file}`);
  const handler: unknown = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, exported) : undefined;
  if (isHandler(handler)) return handler;
  throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/** CommonJS over the files of the zip; nothing outside the zip but Node's own modules can be had. */
function load(wanted: string): unknown {
  const file = [wanted, `${wanted}.js`, `${wanted}.cjs`, `${wanted}.json`, `${wanted}/index.js`].find(
    (name) => data.files[name] !== undefined,
  );
  const source = file === undefined ? undefined : data.files[file];
  if (file === undefined || source === undefined) throw named('Runtime.ImportModuleError', `Cannot find module '${wanted}' in the zip`);
  const cached = modules.get(file);
  if (cached !== undefined) return cached.exports;
  const module = { exports: {} };
  modules.set(file, module);
  if (file.endsWith('.json')) {
    const content: unknown = JSON.parse(source);
    Object.assign(module, { exports: content });
    return module.exports;
  }
  const require = (name: string): unknown => {
    if (isBuiltin(name)) return nodeRequire(name);
    return load(name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : `${folder}/node_modules/${name}`);
  };
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
  const compiled = vm.compileFunction(source, parameters, {
    filename: file,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  Reflect.apply(compiled, module.exports, [module.exports, require, module, file, path.posix.dirname(file)]);
  return module.exports;
}

function captureOutput(stream: NodeJS.WriteStream): void {
  let open = '';
  const write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const parts = (open + (typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString() : String(chunk))).split('\n');
    open = parts.pop() ?? '';
    if (lines.length === 0 && parts.length > 0) setImmediate(sendLines);
    lines.push(...parts.filter((line) => line !== ''));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') queueMicrotask(() => void Reflect.apply(callback, undefined, []));
    return true;
  };
  Object.assign(stream, { write });
}

function takeLines(): readonly string[] {
  const taken = lines;
  lines = [];
  return taken;
}

/** Lines of an invocation that is still busy, or was ended, are not kept back. */
function sendLines(): void {
  if (lines.length > 0) send({ kind: 'lines', lines: takeLines() });
}

function exitWith(errorType: string, reason: unknown): void {
  send({ kind: 'exited', error: { ...failureOf(reason), errorType }, lines: takeLines() });
  process.exit(1);
}

function failureOf(error: unknown) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function readData(value: unknown): RuntimeData {
  if (isRuntimeData(value)) return value;
  throw new TypeError('the execution environment was started without its data');
}

function isRuntimeData(value: unknown): value is RuntimeData {
  return typeof value === 'object' && value !== null && 'files' in value && 'handler' in value;
}
