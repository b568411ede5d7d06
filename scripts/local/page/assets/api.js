/** The token comes behind the # of the URL, which no browser sends anywhere; it is kept for this tab, and taken out of its history. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem('token', given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem('token') ?? '';
}

const token = takeToken();

function ask(path, options = {}) {
  return fetch(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
}

/** The answer's JSON; throws its error. */
export async function get(path) {
  return valueOf(await ask(path));
}

export async function post(path, value) {
  return valueOf(await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) }));
}

async function valueOf(response) {
  const value = await response.json();
  if (response.ok) return value;
  throw Object.assign(new Error(value.error ?? value.message ?? `status ${response.status}`), { status: response.status });
}

/** Follows the server-sent events, and begins anew when they end. `onEvent(name, value)`; `onState('live' | 'lost' | error)`. */
export async function follow(path, onEvent, onState) {
  for (;;) {
    try {
      const response = await ask(path);
      if (!response.ok) await valueOf(response);
      onState('live');
      await readEvents(response.body, onEvent);
      onState('lost');
    } catch (error) {
      onState(error.status === undefined ? 'lost' : error.message);
      if (error.status === 401) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function readEvents(stream, onEvent) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let parts = [];
  const finish = (last) => {
    // A message of some megabytes comes in many pieces; they are joined once.
    deliver([...parts, last].join(''), onEvent);
    parts = [];
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    // The blank line between two messages may itself be cut in two.
    const isCut = value.startsWith('\n') && parts.at(-1)?.endsWith('\n');
    if (isCut) finish('');
    const pieces = (isCut ? value.slice(1) : value).split('\n\n');
    for (const piece of pieces.slice(0, -1)) finish(piece);
    if (pieces.at(-1) !== '') parts.push(pieces.at(-1));
  }
}

function deliver(message, onEvent) {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(message) ?? [];
  if (name !== undefined) onEvent(name, JSON.parse(data));
}
