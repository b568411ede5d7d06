const { builtinModules, createRequire } = require('node:module');
const path = require('node:path');
const { default: Runtime } = require('jest-runtime');

/** Modules of Node, of jest and of moduleNameMapper. */
const special = new Set([...builtinModules, '@jest/globals', 'square']);

/** Packages of which all test files of a worker may have the same copy. Powertools reads the environment once. */
const isShared = (name) => /^[@a-z]/.test(name) && !/^(node:|@aws-lambda-powertools\/)/.test(name) && !special.has(name);
const isOurs = (file) => !file.includes(`${path.sep}node_modules${path.sep}`);

/**
 * Jest's runtime, in which packages are loaded, and warmed up by V8, once for all test files of a worker: a quarter of the whole time.
 * jest.mock does nothing to these packages; tests use ports or spies.
 */
module.exports = class extends Runtime {
  requireModuleOrMock(from, name) {
    return isShared(name) && isOurs(from) ? require(name) : super.requireModuleOrMock(from, name);
  }

  /** What jest-circus is made of, such as expect, whose state it resets itself. */
  requireInternalModule(from, name) {
    return name !== undefined && /^[@a-z]/.test(name) ? createRequire(from)(name) : super.requireInternalModule(from, name);
  }
};
