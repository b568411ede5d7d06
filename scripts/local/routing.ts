import type { Route } from './pipeline';

export interface Matched {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The route of a request. A literal part of a path goes before a parameter, as API Gateway chooses; undefined when there is none. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Matched | undefined {
  const parts = partsOf(path);
  const candidates = routes
    .filter(({ httpMethod }) => httpMethod === 'ANY' || httpMethod === method)
    .flatMap((route) => {
      const pathParameters = parametersOf(route.resourcePath, parts);
      return pathParameters === undefined ? [] : [{ route, pathParameters }];
    });
  return candidates.sort((one, other) => Object.keys(one.pathParameters).length - Object.keys(other.pathParameters).length)[0];
}

function parametersOf(template: string, parts: readonly string[]): Readonly<Record<string, string>> | undefined {
  const wanted = partsOf(template);
  const greedy = wanted.at(-1)?.endsWith('+}') === true;
  if (greedy ? parts.length < wanted.length : parts.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const sent = parts[index] ?? '';
    const name = /^\{(.+?)(\+?)\}$/.exec(part);
    if (name === null) {
      if (part !== sent) return undefined;
    } else {
      const value = name[2] === '+' ? parts.slice(index).join('/') : sent;
      if (value === '') return undefined;
      parameters[name[1] ?? ''] = decoded(value);
    }
  }
  return parameters;
}

function partsOf(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
