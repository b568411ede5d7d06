import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { TerraformStack, Testing } from 'cdktf';
import { FunctionPackage } from '../../../stacks/constructs/function-package';
import { SettingError } from '../../../stacks/environments';
import { makePackages } from '../synthesized';

const directory = makePackages();
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const stack = () => new TerraformStack(Testing.app(), 'stack');

describe('FunctionPackage', () => {
  it('has the hash that Lambda reports, and a path of the zip beside the JSON', () => {
    const code = new FunctionPackage(stack(), 'package', { directory, name: 'event-relay' });
    const sha256 = createHash('sha256').update('zip of event-relay').digest();
    expect(code.sourceCodeHash).toBe(sha256.toString('base64'));
    expect(code.path).toMatch(new RegExp(`^assets/[^/]+/${sha256.toString('hex')}/event-relay\\.zip$`));
  });

  it('asks for a build when a zip is missing', () => {
    const make = () => new FunctionPackage(stack(), 'package', { directory: '/nowhere', name: 'event-relay' });
    expect(make).toThrow(new SettingError('event-relay.zip is missing in /nowhere; run "npm run build" first'));
  });
});
