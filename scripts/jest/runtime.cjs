const { builtinModules, createRequire } = require('node:module');
const path = require('node:path');
const { default: Runtime } = require('jest-runtime');

/** Modules of Node, of jest and of moduleNameMapper. */
const special = new Set([...builtinModules, '@jest/globals', 'square']);

/** Packages of which all test files of a worker may have the same copy. Powertools reads the environment once. */
const isShared = (name) => /^[@a-z]/.test(name) && !/^(node:|@aws-lambda-powertools\/)/.test(name) && !special.has(name);
const isOurs = (file) => !file.includes(`${path.sep}node_modules${path.sep}`);

/** Modules of ours that hold no state, but for what a key leads to: those of which all test files of a worker may have the same copy too. */
const stateless = /^(?!.*\/handler\.ts$)(?:stacks|scripts|functions\/(?!shared\/)|functions\/shared\/(?:domain|providers|aws)\/)/;
const loaded = new Map();

/**
 * Jest's runtime, in which packages, and modules of ours, are loaded, and warmed up by V8, once for all test files of a worker: a third of
 * the whole time. jest.mock does nothing to these packages; tests use ports or spies.
 */
module.exports = class extends Runtime {
  requireModuleOrMock(from, name) {
    if (isShared(name) && isOurs(from)) return require(name);
    return this._environment.sharesModules && name.startsWith('.') && isOurs(from)
      ? this.#requireOurs(from, name)
      : super.requireModuleOrMock(from, name);
  }

  #requireOurs(from, name) {
    const file = this._resolution.resolveCjs(from, name);
    if (!this.#isStateless(file)) {
      if (this.#isStateless(from)) throw new Error(`${from} is shared by test files and requires ${file}, which is not: see ${__filename}`);
      return super.requireModuleOrMock(from, name);
    }
    if (!loaded.has(file)) loaded.set(file, super.requireModuleOrMock(from, name));
    return loaded.get(file);
  }

  #isStateless(file) {
    return stateless.test(path.relative(this._config.rootDir, file).replaceAll(path.sep, '/'));
  }

  /** What jest-circus is made of, such as expect, whose state it resets itself. */
  requireInternalModule(from, name) {
    return name !== undefined && /^[@a-z]/.test(name) ? createRequire(from)(name) : super.requireInternalModule(from, name);
  }
};
