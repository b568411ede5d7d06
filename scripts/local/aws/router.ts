import { AwsError, UnknownCallError } from './aws-error';
import type { Router } from './http-server';
import { jsonCall, type JsonService } from './json-protocol';
import { queryCall, type QueryService } from './query-protocol';
import type { Call, Request } from './service';

/** What the router chooses from. */
export interface Routes {
  /** JSON services by the part of `X-Amz-Target` before the dot. */
  json: Readonly<Record<string, JsonService>>;
  /** Query services by the service in the credential scope. */
  query: Readonly<Record<string, QueryService>>;
  s3: (request: Request) => Call;
}

/** The service in `Credential=<key>/<day>/<region>/<service>/aws4_request`, of a signed header or a presigned URL. */
function credentialScope({ headers, url }: Request): string | undefined {
  const inHeader = /Credential=[^,\s]*\/([^/,\s]+)\/aws4_request/.exec(headers.authorization ?? '');
  if (inHeader !== null) return inHeader[1];
  return /[?&]X-Amz-Credential=[^&]*%2F([^&%]+)%2Faws4_request/i.exec(url)?.[1];
}

/** Chooses by target header, then by the service that the request is signed for. Signatures are not checked. */
export function createRouter(routes: Routes): Router {
  return (request) => {
    const scope = credentialScope(request);
    if (scope === undefined) {
      throw new AwsError('MissingAuthenticationToken', 'The request is not signed', { status: 403 });
    }
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [prefix = '', name = ''] = target.split('.');
      const service = Object.hasOwn(routes.json, prefix) ? routes.json[prefix] : undefined;
      if (service === undefined) throw new UnknownCallError(`the service of ${target}`);
      return jsonCall(service, name, request);
    }
    if (scope === 's3') return routes.s3(request);
    const query = Object.hasOwn(routes.query, scope) ? routes.query[scope] : undefined;
    if (query === undefined) throw new UnknownCallError(`the service ${scope}`);
    return queryCall(query, request);
  };
}
