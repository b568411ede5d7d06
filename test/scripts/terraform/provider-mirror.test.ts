import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findProviderMirror, searchRoots } from '../../../scripts/terraform/provider-mirror';

const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
const provider = 'registry.terraform.io/hashicorp/aws';
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'provider-mirror-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function unpacked(mirror: string, version = '5.100.0'): string {
  mkdirSync(path.join(root, mirror, provider, version, platform), { recursive: true });
  return path.join(root, mirror);
}

describe('a provider mirror', () => {
  it('is found some folders below a root, unpacked or packed', () => {
    expect(searchRoots('5.100.0', [root])).toBeUndefined();
    const packed = path.join(root, 'vendor/terraform/mirror');
    mkdirSync(path.join(packed, provider), { recursive: true });
    writeFileSync(path.join(packed, provider, `terraform-provider-aws_5.100.0_${platform}.zip`), '');
    expect(searchRoots('5.100.0', [root])).toBe(packed);
    const first = unpacked('a');
    expect(searchRoots('5.100.0', [root])).toBe(first);
  });

  it('has the version that is asked for', () => {
    unpacked('a', '5.99.0');
    expect(searchRoots('5.100.0', [root])).toBeUndefined();
  });

  it('is no working folder of Terraform, and not arbitrarily deep', () => {
    unpacked('stack/.terraform/providers');
    unpacked('1/2/3/4/5');
    expect(searchRoots('5.100.0', [root])).toBeUndefined();
  });

  it('is the one that TF_PROVIDER_MIRROR names, or an error', () => {
    const named = unpacked('named');
    expect(findProviderMirror('5.100.0', { TF_PROVIDER_MIRROR: named })).toBe(named);
    expect(() => findProviderMirror('5.100.0', { TF_PROVIDER_MIRROR: root })).toThrow('TF_PROVIDER_MIRROR has no');
  });
});
