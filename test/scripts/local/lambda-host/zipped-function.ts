import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { HostedFunction, type HostOptions, type Report } from '../../../../scripts/local/lambda-host/hosted-function';
import type { FunctionSettings } from '../../../../scripts/local/pipeline';

/** A function made from source text, and what it wrote. */
export interface ZippedFunction {
  readonly hosted: HostedFunction;
  readonly lines: string[];
  readonly reports: Report[];
  end(): Promise<void>;
}

/** Zips the files and hosts them. */
export function zippedFunction(
  files: Readonly<Record<string, string>> | string,
  settings: Partial<FunctionSettings> = {},
  options: Partial<HostOptions> = {},
): ZippedFunction {
  const folder = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
  const zipPath = path.join(folder, 'function.zip');
  const sources = typeof files === 'string' ? { 'index.js': files } : files;
  writeFileSync(zipPath, zipSync(Object.fromEntries(Object.entries(sources).map(([name, text]) => [name, strToU8(text)]))));
  const lines: string[] = [];
  const reports: Report[] = [];
  const hosted = new HostedFunction(
    {
      name: 'worker',
      arn: 'arn:aws:lambda:eu-west-1:1:function:worker',
      zipPath,
      handler: 'index.handler',
      timeoutSeconds: 5,
      memoryMb: 128,
      environment: {},
      reservedConcurrency: undefined,
      ...settings,
    },
    {
      variables: {},
      maxEnvironments: 2,
      onLines: (_name, written) => lines.push(...written),
      onReport: (report) => reports.push(report),
      ...options,
    },
  );
  return {
    hosted,
    lines,
    reports,
    async end() {
      await hosted.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
