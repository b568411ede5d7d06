import type { Router } from './http-server';
import type { Observers } from './observers';

/** Tells the observers of every call before it runs, and whose key it was signed with. */
export function observeCalls(route: Router, observers: Observers): Router {
  return (request) => {
    const call = route(request);
    const { service, operation, input } = call;
    const accessKeyId = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? '')?.[1];
    observers.emit('call', { service, operation, input, ...(accessKeyId !== undefined && { accessKeyId }) });
    return call;
  };
}
