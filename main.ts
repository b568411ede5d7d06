import { join, resolve } from 'node:path';
import { App } from 'cdktf';
import { DataStack } from './stacks/data-stack';
import { environmentFrom, SettingError } from './stacks/environments';
import { PipelineStack } from './stacks/pipeline-stack';
import { StateStack } from './stacks/state-stack';

function synthesize(): void {
  const app = new App();
  const context: unknown = app.node.tryGetContext('environmentSuffix');
  const environment = environmentFrom(process.env['ENVIRONMENT_SUFFIX'] ?? (typeof context === 'string' ? context : 'dev'), process.env);
  const { suffix, settings } = environment;
  // A misspelt name would otherwise pass for a new environment without a word.
  if (suffix !== settings) process.stderr.write(`environment ${suffix} has no record of its own; it gets the settings of ${settings}\n`);
  if (
    environment.retainData &&
    environment.operationsEmails.length + environment.operationsTargets.length === 0 &&
    !environment.alertEndpoints
  ) {
    process.stderr.write(`environment ${suffix} tells nobody about its alarms; set operationsEmails, or OPERATIONS_EMAILS\n`);
  }
  const packageDirectory = resolve(process.env['PACKAGE_DIRECTORY'] ?? join(__dirname, 'dist'));

  new StateStack(app, environment);
  const data = new DataStack(app, environment);
  new PipelineStack(app, { environment, packageDirectory, data });
  app.synth();
}

try {
  synthesize();
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
