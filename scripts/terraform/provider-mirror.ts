import { existsSync, readdirSync, type Dirent } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const provider = path.join('registry.terraform.io', 'hashicorp', 'aws');

/** Where people and distributions put provider mirrors and Terraform its own; searched four folders deep. */
const usualRoots = [
  '/opt',
  '/usr/local',
  '/usr/share',
  '/usr/lib',
  '/srv',
  '/var/lib',
  path.join(homedir(), '.terraform.d'),
  path.join(homedir(), '.local/share'),
];

/** Folders that are large, and no mirror. */
const skipped = new Set(['.terraform', '.git', 'node_modules', 'proc', 'sys']);

/**
 * The folder of a filesystem mirror that has this version of hashicorp/aws: `TF_PROVIDER_MIRROR` where it is set, else the first one found
 * under the usual roots. Undefined where there is none: then Terraform asks the registry.
 */
export function findProviderMirror(version: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['TF_PROVIDER_MIRROR'];
  if (named !== undefined && named !== '') {
    if (holds(named, version)) return named;
    throw new Error(`TF_PROVIDER_MIRROR has no ${provider}/${version} for this platform`);
  }
  return searchRoots(version, usualRoots);
}

/** The first mirror in or below these folders. */
export function searchRoots(version: string, roots: readonly string[], depth = 4): string | undefined {
  for (const root of roots) {
    if (holds(root, version)) return root;
    const found = depth === 0 ? undefined : searchRoots(version, foldersIn(root), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function foldersIn(folder: string): readonly string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && !skipped.has(entry.name))
    .map((entry) => path.join(folder, entry.name));
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Somebody else's folder: a mirror that cannot be read is none.
    return [];
  }
}

/** A mirror keeps a provider unpacked in a folder per version and platform, or packed in one zip. */
function holds(mirror: string, version: string): boolean {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return (
    existsSync(path.join(mirror, provider, version, platform)) ||
    existsSync(path.join(mirror, provider, `terraform-provider-aws_${version}_${platform}.zip`))
  );
}
