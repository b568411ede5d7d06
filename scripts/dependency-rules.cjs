/** Who may import whom (docs/architecture.md has the same in words). */
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const functionFolder = '^functions/(?!shared/)([^/]+)/';

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'A cycle means two files are one thing, or a third is missing.'),
    rule('main-imports-stacks', { path: '^main\\.ts$' }, { path: '^(functions|scripts|test)/' }, 'main.ts only wires stacks.'),
    rule(
      'stacks-know-only-env-types',
      { path: '^stacks/' },
      { path: '^(functions|scripts|test|main)', pathNot: '^functions/[^/]+/env\\.ts$' },
      'Stacks describe what exists; of the functions they know the names of the variables.',
    ),
    rule(
      'env-by-type-only',
      { path: '^stacks/' },
      { path: '^functions/[^/]+/env\\.ts$', dependencyTypesNot: ['type-only'] },
      'import type { Env }',
    ),
    rule(
      'no-stack-to-stack',
      { path: '^stacks/([^/]+)-stack\\.ts$' },
      { path: '^stacks/[^/]+-stack\\.ts$', pathNot: '^stacks/$1-stack\\.ts$', dependencyTypesNot: ['type-only'] },
      'Stacks meet in main.ts.',
    ),
    rule(
      'environments-without-cdktf',
      { path: '^stacks/environments\\.ts$' },
      { path: 'node_modules/(cdktf|@cdktf|constructs)/' },
      'Environments are data.',
    ),
    rule(
      'functions-without-cdktf',
      { path: '^functions/' },
      { path: '^(stacks|scripts|test|main)|node_modules/(cdktf|@cdktf|constructs)/' },
      'Run time knows no synthesis.',
    ),
    rule(
      'no-function-to-function',
      { path: functionFolder },
      { path: functionFolder, pathNot: '^functions/$1/' },
      'Functions meet over queues and tables.',
    ),
    rule('no-shared-to-function', { path: '^functions/shared/' }, { path: functionFolder }, 'Shared code knows no function.'),
    rule('handlers-are-entry-points', { pathNot: '^test/' }, { path: '/handler\\.ts$' }, 'Only its test imports a handler.'),
    rule(
      'domain-is-pure',
      { path: '^functions/shared/domain/' },
      { pathNot: '^functions/shared/domain/' },
      'The domain imports nothing outside the domain.',
    ),
    rule(
      'providers-are-pure',
      { path: '^functions/shared/providers/' },
      { pathNot: '^functions/shared/(providers|domain)/|^node_modules/valibot/|^(crypto|zlib|node:crypto|node:zlib)$' },
      'Providers know bytes, headers and time.',
    ),
    rule(
      'no-provider-to-provider',
      { path: '^functions/shared/providers/([^/]+)/' },
      { path: '^functions/shared/providers/[^/]+/', pathNot: '^functions/shared/providers/$1/' },
      'What two providers share belongs to providers/ itself or to the domain.',
    ),
    rule(
      'aws-knows-domain',
      { path: '^functions/shared/aws/' },
      { path: '^functions/', pathNot: '^functions/shared/(aws|domain)/' },
      'Adapters implement domain ports.',
    ),
    rule(
      'sdk-only-in-aws',
      { path: '^functions/', pathNot: '^functions/shared/aws/' },
      { path: 'node_modules/@(aws-sdk|smithy)/' },
      'The SDK lives in shared/aws.',
    ),
    rule(
      'runtime-knows-no-payment',
      { path: '^functions/shared/runtime/' },
      { path: '^functions/', pathNot: '^functions/shared/runtime/' },
      'Runtime knows Lambda only.',
    ),
    rule(
      'use-cases-know-domain',
      { path: functionFolder, pathNot: '/(handler|env)\\.ts$' },
      { path: '^functions/shared/(aws|runtime)/', dependencyTypesNot: ['type-only'] },
      'A use case gets its ports handed in.',
    ),
    rule(
      'scripts-use-artefacts',
      { path: '^scripts/', pathNot: '^scripts/(ops|schema)/' },
      { path: '^(functions|stacks|test|main)', pathNot: '^functions/shared/(domain|providers)/' },
      'Scripts work on what was built and synthesized.',
    ),
    rule(
      'ops-reads-what-functions-wrote',
      { path: '^scripts/ops/' },
      {
        path: '^(functions|stacks|test|main)',
        pathNot:
          '^functions/shared/(domain|providers)/|^functions/shared/aws/(attributes|event-row|processing-message|bus-event|sqs-processing-queue|eventbridge-event-bus|ssm-pipeline-settings)\\.ts$|^stacks/(naming|cidr)\\.ts$',
      },
      'Rows and messages have one reader and one writer, and resources one list of names: a second would drift from the first.',
    ),
    rule(
      'schema-is-made-from-the-code',
      { path: '^scripts/schema/' },
      { path: '^(functions|stacks|test|main)', pathNot: '^functions/shared/(domain|providers)/|^functions/shared/aws/bus-event\\.ts$' },
      'What is published has one description.',
    ),
    rule(
      'no-dev-dependency-at-run-time',
      { path: '^(functions|stacks|main)' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      'Ships to users: belongs in dependencies.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|cdktf\\.out|coverage|\\.local)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
