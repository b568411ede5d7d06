/**
 * The code whose tests are measured (docs/test-strength.md): the domain, the providers and the use cases. Each room has the files that are mutated and,
 * mirrored path for path, the tests that must notice. Handlers and what only names variables are left to the suites that run them whole.
 */
const useCases = (folder) => ({
  files: [`functions/${folder}/*.ts`, `!functions/${folder}/{handler,env}.ts`],
  tests: [`test/functions/${folder}/!(handler).test.ts`],
});
const provider = (name) => ({
  files: [`functions/shared/providers/${name}/*.ts`],
  tests: [`test/functions/shared/providers/${name}/*.test.ts`],
});

module.exports = {
  domain: { files: ['functions/shared/domain/*.ts'], tests: ['test/functions/shared/domain/*.test.ts'] },
  providers: { files: ['functions/shared/providers/*.ts'], tests: ['test/functions/shared/providers/**/*.test.ts'] },
  stripe: provider('stripe'),
  paypal: provider('paypal'),
  square: provider('square'),
  generic: provider('generic'),
  'webhook-receiver': useCases('webhook-receiver'),
  'event-relay': useCases('event-relay'),
  'event-processor': useCases('event-processor'),
  'notification-handler': useCases('notification-handler'),
  'audit-logger': useCases('audit-logger'),
  'health-check': useCases('health-check'),
};
