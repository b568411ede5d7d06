import tseslint from 'typescript-eslint';

const rootImport = {
  name: '@cdktf/provider-aws',
  message: 'Import the resource by its own path (@cdktf/provider-aws/lib/<resource>): the package root costs 5 s and 500 MB.',
};

const moduleStates = [
  "Program > VariableDeclaration[kind='let']",
  'Program > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Map|Set|WeakMap)$/][arguments.length=0]',
];
/** One that sets it back in the same breath, one that keeps a file's text, and one that keeps what a store leads to. */
const takesBack = ['sample-events/sample', 'lambda-host/environment', 'aws/dynamodb/change-hook'].map((name) => `scripts/local/${name}.ts`);

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'cdktf.out/', 'coverage/', '.local/', 'test/fixtures/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: process.cwd() } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      'no-restricted-imports': ['error', { paths: [rootImport] }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // All test files of a worker have one copy of these modules (jest/runtime.cjs): what one keeps in a variable, the next would find there.
    files: ['stacks/**/*.ts', 'functions/**/*.ts', 'scripts/**/*.ts'],
    ignores: ['functions/*/handler.ts', 'scripts/*.ts', 'scripts/bench/**', 'scripts/local/lambda-host/runtime.ts', ...takesBack],
    rules: { 'no-restricted-syntax': ['error', ...moduleStates.map((selector) => ({ selector, message: 'modules keep no state' }))] },
  },
  { files: ['**/*.mjs', '**/*.cjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.mjs', '**/*.cjs'], rules: { 'no-restricted-exports': 'off', '@typescript-eslint/no-require-imports': 'off' } },
);
