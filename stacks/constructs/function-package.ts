import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { SettingError } from '../environments';
import type { FunctionName } from '../naming';

/** The zip of a function, copied beside the stack's JSON so that the folder can be applied anywhere. */
export class FunctionPackage extends Construct {
  /** Path of the zip, seen from the stack's folder. */
  readonly path: string;
  /** SHA-256 of the zip in base64, as Lambda reports it. */
  readonly sourceCodeHash: string;

  constructor(scope: Construct, id: string, { directory, name }: { readonly directory: string; readonly name: FunctionName }) {
    super(scope, id);
    const file = join(directory, `${name}.zip`);
    if (!existsSync(file)) throw new SettingError(`${name}.zip is missing in ${directory}; run "npm run build" first`);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest();
    this.sourceCodeHash = sha256.toString('base64');
    this.path = new TerraformAsset(this, 'zip', { path: file, type: AssetType.FILE, assetHash: sha256.toString('hex') }).path;
  }
}
