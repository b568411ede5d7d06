import { readFile } from 'node:fs/promises';
import type { Plugin, PluginBuild } from 'esbuild';
import { parseJsonObject } from '../local/json';

/** Leaves out of a bundle what the SDK brings along and a function of ours never reaches. */
export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup(bundle) {
    withoutUnusedParts(bundle);
    withoutUnusedSchemas(bundle);
    withoutManifests(bundle);
  },
};

/** Parts of the SDK that never run on Lambda; each stand-in says so, should it be reached after all. */
function withoutUnusedParts(bundle: PluginBuild): void {
  const unused = /^@(aws-sdk|smithy)\/(credential-provider-(sso|ini|process|web-identity|http|login|imds)|endpoint-cache)$/;
  bundle.onResolve({ filter: unused }, ({ path: name }) => ({ path: name, namespace: 'unused-sdk-parts' }));
  bundle.onLoad({ filter: /endpoint-cache$/, namespace: 'unused-sdk-parts' }, () => ({ contents: noEndpointCache }));
  bundle.onLoad({ filter: /.*/, namespace: 'unused-sdk-parts' }, ({ path: name }) => ({ contents: noCredentialsFrom(name) }));
}

/**
 * A client describes the input and output of each of its operations in one file, as arrays that refer to each other lazily. The computed
 * keys in them look like side effects to the bundler, which then keeps all of them: 68 KB for the one call that the receiver makes of S3.
 */
function withoutUnusedSchemas(bundle: PluginBuild): void {
  bundle.onLoad({ filter: /@aws-sdk[\\/].*dist-es[\\/].*schemas_\d+\.js$/ }, async ({ path: file }) => ({
    contents: asPure(await readFile(file, 'utf8')),
  }));
}

/** Marks each array that a module declares as one that may be dropped when nobody refers to it. */
export function asPure(source: string): string {
  return source.replaceAll(/^((?:export )?var [\w$]+ = )(\[(?:.*|[^]*?\n)\]);$/gm, '$1/* @__PURE__ */ (() => $2)();');
}

/** A client reads its own package.json for one thing: the version in the user agent. */
function withoutManifests(bundle: PluginBuild): void {
  bundle.onLoad({ filter: /@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path: file }) => ({
    contents: JSON.stringify({ version: parseJsonObject(await readFile(file, 'utf8'))?.['version'] }),
    loader: 'json',
  }));
}

/** DynamoDB has no endpoint discovery, but its client makes the cache for it and brings two collection libraries along. */
const noEndpointCache = `
  export class EndpointCache {
    getEndpoint() { throw new Error('endpoint discovery is not bundled'); }
    get() { return undefined; }
    has() { return false; }
    set() {}
    delete() {}
    clear() {}
  }
`;

/** Lambda hands its role's credentials over in the environment; no other provider of the SDK's chain is asked before. */
function noCredentialsFrom(name: string): string {
  return `
    const refuse = () => async () => { throw Object.assign(new Error('${name} is not bundled: credentials come from the environment'), { tryNextLink: true }); };
    export const fromSSO = refuse, fromIni = refuse, fromProcess = refuse, fromTokenFile = refuse, fromHttp = refuse;
    export const fromContainerMetadata = refuse, fromInstanceMetadata = refuse;
    export const ENV_CMDS_FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI', ENV_CMDS_RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
  `;
}
