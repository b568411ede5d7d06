const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

// There is one scope: what jest compiles for its context is compiled for this one.
const { compileFunction } = vm;
vm.compileFunction = (code, parameters, options) =>
  compileFunction(code, parameters, options?.parsingContext === globalThis ? { ...options, parsingContext: undefined } : options);

// CDKTF notes the whole stack of every token, and jest maps each frame to its source: a tenth of the whole time. Only the text of CDKTF's own
// errors would show it.
require('cdktf/lib/tokens/private/stack-trace').captureStackTrace = () => [];

// jest-circus notes which test is running in an AsyncLocalStorage, for which every promise of the tests pays. Ours run one after the other: a variable will do.
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  if (!/[\\/]jest-circus[\\/]/.test(new Error().stack?.split('\n')[2] ?? '')) return run.apply(this, args);
  let current;
  this.getStore = () => current;
  this.run = async (store, callback) => {
    const before = current;
    current = store;
    try {
      return await callback();
    } finally {
      current = before;
    }
  };
  return this.run(...args);
};

/** What jest keeps in the global scope for one test file: its handlers of events, the timeout that a file set, and the branches that it reached. */
const ofOneFile = [Symbol.for('EVENT_HANDLERS'), Symbol.for('TEST_TIMEOUT_SYMBOL'), '__coverage__'];

/**
 * One global scope for all test files of a worker, so that the packages can be one copy too (runtime.cjs): a test must take back what it changes
 * in it. The clock, the environment variables and the exit code are set back here, for not every way out of a test file passes an afterEach.
 */
module.exports = class {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  #before = { env: { ...process.env }, exit: process.exit, exitCode: process.exitCode, console: globalThis.console, now: Date.now };

  constructor({ globalConfig, projectConfig }) {
    // A copy that other test files used before counts no branch for this one, and is not the file that was saved a moment ago.
    this.sharesModules =
      projectConfig.testEnvironmentOptions.sharesModules === true &&
      !globalConfig.collectCoverage &&
      !globalConfig.watch &&
      !globalConfig.watchAll;
    Error.stackTraceLimit = 100;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }

  async setup() {}

  async teardown() {
    const { env, exit, exitCode, console, now } = this.#before;
    this.fakeTimersModern.dispose();
    Date.now = now;
    for (const name of Object.keys(process.env)) if (!(name in env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, env);
    Object.assign(process, { exit, exitCode });
    globalThis.console = console;
    for (const name of ofOneFile) Reflect.deleteProperty(globalThis, name);
  }
};
