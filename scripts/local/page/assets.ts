import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page's files by path, read once; nothing else on the disk can be asked for. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = path.join(__dirname, 'assets');
  const files = readdirSync(folder).flatMap((name) => {
    const contentType = contentTypes[path.extname(name)];
    return contentType === undefined ? [] : [[`/${name}`, { contentType, body: readFileSync(path.join(folder, name)) }] as const];
  });
  const assets = new Map(files);
  const index = assets.get('/index.html');
  if (index === undefined) throw new Error('the page has no index.html');
  return assets.set('/', index);
}
