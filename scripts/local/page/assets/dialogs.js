import { get, post } from './api.js';
import { tagsOf } from './list.js';
import { counted, el, indented, timeOf, visible } from './text.js';

/** Fields of the canonical event, in the order of its definition; the rest of a row is about its way through the pipeline. */
const canonicalFields = [
  ...['schemaVersion', 'provider', 'eventId', 'eventType', 'kind', 'paymentId', 'objectId', 'amountMinor', 'currency', 'amount'],
  ...['amountProblem', 'providerStatus', 'failure', 'customerRef', 'merchantRef', 'account', 'livemode', 'needsFetch'],
  ...['occurredAt', 'receivedAt'],
];

/** One dialog for everything that opens; Escape closes it, and focus goes back to where it was. */
export function createDialogs(dialog, { queues }) {
  let shown = 0;

  function show(title, ...content) {
    shown += 1;
    const close = el('button', { type: 'button', class: 'close', 'aria-label': 'Close', click: () => dialog.close() }, '×');
    dialog.replaceChildren(el('header', {}, el('h2', { id: 'dialog-title' }, title), close), ...content);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    return shown;
  }

  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  async function event(id) {
    const turn = show('Event', el('p', { class: 'dim' }, 'reading…'));
    try {
      const details = await get(`/api/event?id=${id}`);
      if (turn === shown && dialog.open) showEvent(details);
    } catch (error) {
      if (turn === shown && dialog.open) show('Event', el('p', {}, visible(error.message)));
    }
  }

  function showEvent(details) {
    const turn = show(
      titleOf(details),
      ...eventContent(
        details,
        replayForm(details, (deliveryId) => seeReplay(turn, details.summary.id, deliveryId)),
      ),
    );
  }

  /** Shows the event anew once its timeline has the delivery; for ten seconds, for the pipeline may be held. */
  async function seeReplay(turn, id, deliveryId) {
    for (let tries = 0; tries < 50 && turn === shown && dialog.open; tries += 1) {
      const details = await get(`/api/event?id=${id}`);
      const hasCome = details.hops.some(({ detail }) => detail.includes(deliveryId));
      if (hasCome && turn === shown && dialog.open) showEvent(details);
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async function letters(arn) {
    const queue = queues.find((one) => one.arn === arn);
    const turn = show(queue.name, el('p', { class: 'dim' }, 'reading…'));
    try {
      const found = await get(`/api/letters?queue=${encodeURIComponent(arn)}`);
      if (turn === shown && dialog.open) show(queue.name, ...letterContent(queue, found, letters));
    } catch (error) {
      if (turn === shown && dialog.open) show(queue.name, el('p', {}, visible(error.message)));
    }
  }

  function node({ name, kind, facts, rules, id }) {
    const rows = [['address', id], ...facts].map(([term, value]) => [el('dt', {}, visible(term)), el('dd', {}, visible(value))]);
    const patterns = rules.flatMap((rule) => [
      el('h3', {}, rule.name),
      el('p', { class: 'dim' }, rule.description),
      el('pre', {}, rule.pattern),
    ]);
    show(`${kind} ${name}`, el('dl', { class: 'facts' }, ...rows.flat()), ...patterns);
  }

  function help() {
    const keys = [
      ['/', 'search'],
      ['↑ ↓ PgUp PgDn Home End', 'move in the list (and, with ← →, in the picture)'],
      ['Enter', 'open'],
      ['Esc', 'close, or clear the search'],
      ['?', 'this'],
    ];
    const rows = keys.map(([key, does]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, does)]);
    show('Keys', el('dl', { class: 'facts' }, ...rows.flat()));
  }

  return { event, letters, node, help };
}

function titleOf({ summary }) {
  return el('span', {}, `${summary.provider} `, visible(summary.eventType || summary.reason), ' ', el('small', {}, visible(summary.money)));
}

function eventContent({ summary, hops, archiveKey, correlationId, alerts, raw, row }, replay) {
  const facts = [
    ['event', summary.eventId],
    ['payment', summary.paymentId],
    ['kind', summary.kind],
    ['refused because', summary.reason],
    ['archive', archiveKey],
    ['correlation', correlationId],
  ].filter(([, value]) => value !== '');
  return [
    el('p', { class: 'tags' }, ...tagsOf(summary)),
    el('dl', { class: 'facts' }, ...facts.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, visible(value))])),
    el('h3', {}, 'Timeline'),
    timeline(hops),
    ...(row === undefined || row.erasedAt !== undefined ? [] : [replay]),
    ...(raw === undefined && row === undefined
      ? [el('p', { class: 'dim' }, 'Nothing of it is stored: what does not verify leaves only its reason.')]
      : [el('div', { class: 'sides' }, rawSide(raw), canonicalSide(row))]),
    ...alerts.map(({ subject, text }) =>
      el('section', { class: 'alert' }, el('h3', {}, `Alert: ${visible(subject)}`), el('pre', {}, visible(text, true))),
    ),
  ];
}

/** Sends the event again; `sent(deliveryId)` is called once it is on its way. */
function replayForm({ summary }, sent) {
  const said = el('p', { class: 'said', role: 'status' });
  const reason = el('input', {
    id: 'replay-reason',
    maxlength: '256',
    placeholder: 'why? the audit trail keeps it',
    'aria-label': 'Reason of the replay',
  });
  const realert = el('input', { type: 'checkbox' });
  const button = el('button', { type: 'button', id: 'replay', click: () => void go() }, 'Replay');
  reason.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !button.disabled) void go();
  });

  async function go() {
    if (reason.value.trim() === '') {
      said.textContent = 'Say why: a replay needs a reason.';
      reason.focus();
      return;
    }
    button.disabled = true;
    try {
      const { message, deliveryId } = await post('/api/replay', { id: summary.id, reason: reason.value, realert: realert.checked });
      said.textContent = visible(message);
      await sent(deliveryId);
    } catch (error) {
      said.textContent = visible(error.message);
    }
    button.disabled = false;
  }

  return el('section', { class: 'replay' }, el('p', { class: 'buttons' }, reason, el('label', {}, realert, ' alert again'), button), said);
}

function timeline(hops) {
  const first = hops[0]?.at ?? 0;
  return el(
    'ol',
    { class: 'timeline' },
    ...hops.map(({ at, hop, functionName, detail }) =>
      el(
        'li',
        { class: hop.split(' ')[0].replace(',', '') },
        el('time', {}, timeOf(at)),
        el('span', { class: 'dim number' }, `+${(at - first).toLocaleString('en')} ms`),
        el('strong', {}, hop),
        el('span', { class: 'dim' }, [functionName, visible(detail)].filter(Boolean).join(' · ')),
      ),
    ),
  );
}

function rawSide(raw) {
  if (raw === undefined) return el('section', {}, el('h3', {}, 'As received'), el('p', { class: 'dim' }, 'It is not in the archive yet.'));
  const pretty = visible(indented(raw.text), true);
  const asReceived = visible(raw.text, true);
  const text = el('pre', { id: 'raw', tabindex: '0', 'aria-label': 'Raw webhook' }, pretty);
  const toggle = el('button', { type: 'button', class: 'link', 'aria-pressed': 'false' }, 'byte for byte');
  toggle.addEventListener('click', () => {
    const isPressed = toggle.getAttribute('aria-pressed') === 'true';
    toggle.setAttribute('aria-pressed', String(!isPressed));
    text.textContent = isPressed ? pretty : asReceived;
  });
  const isGood = raw.verified === 'verifies';
  const headers = raw.headers.flatMap(([name, value]) => [el('dt', {}, visible(name)), el('dd', {}, visible(value))]);
  return el(
    'section',
    {},
    el('h3', {}, 'As received ', toggle),
    el(
      'p',
      { class: 'dim' },
      `${counted(raw.bytes, 'byte')}${raw.isCut ? ', the first 262,144 shown' : ''} · ${visible(raw.contentType)} · signature `,
      el('span', { class: `tag ${isGood ? 'published' : 'bad'}` }, raw.verified),
    ),
    text,
    el(
      'details',
      {},
      el('summary', {}, 'Signed headers and hash'),
      el('dl', { class: 'facts' }, ...headers, el('dt', {}, 'sha256'), el('dd', {}, raw.sha256)),
    ),
  );
}

function canonicalSide(row) {
  if (row === undefined) return el('section', {}, el('h3', {}, 'Payment event'), el('p', { class: 'dim' }, 'There is no row.'));
  const event = Object.fromEntries(canonicalFields.filter((name) => name in row).map((name) => [name, row[name]]));
  const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !canonicalFields.includes(name)));
  return el(
    'section',
    {},
    el('h3', {}, 'Payment event'),
    el('p', { class: 'dim' }, `row ${visible(row.eventKey)} · ${visible(row.status)}`),
    el('pre', { id: 'canonical', tabindex: '0', 'aria-label': 'Canonical payment event' }, visible(JSON.stringify(event, null, 2), true)),
    el('details', {}, el('summary', {}, 'The rest of the row'), el('pre', {}, visible(JSON.stringify(rest, null, 2), true))),
  );
}

function letterContent(queue, letters, again) {
  const said = el('p', { role: 'status', class: 'said' });
  const button = el('button', { type: 'button', id: 'redrive', disabled: queue.sources.length === 0 || letters.length === 0 }, 'Redrive');
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { message } = await post('/api/redrive', { queue: queue.arn });
      said.textContent = visible(message);
    } catch (error) {
      said.textContent = visible(error.message);
      button.disabled = false;
    }
  });
  const where =
    queue.sources.length === 0
      ? 'No queue has this one for its dead letters, so SQS cannot move them back; the runbook says what to do.'
      : `Redrive moves them back to ${queue.sources.join(', ')}.`;
  return [
    el(
      'p',
      {},
      letters.length === 0 ? 'It is empty.' : `${counted(letters.length, 'message')}${letters.length === 50 ? ' or more' : ''}. ${where}`,
    ),
    el('p', { class: 'buttons' }, button, el('button', { type: 'button', click: () => void again(queue.arn) }, 'Look again')),
    said,
    ...letters.map(letterItem),
  ];
}

function letterItem({ messageId, sentAt, receives, body, attributes }) {
  const facts = Object.entries(attributes).flatMap(([name, value]) => [el('dt', {}, visible(name)), el('dd', {}, visible(value))]);
  return el(
    'section',
    { class: 'letter' },
    el('h3', {}, `${new Date(sentAt).toLocaleString()} `, el('small', { class: 'dim' }, `${messageId} · received ${receives} times`)),
    facts.length === 0 ? undefined : el('dl', { class: 'facts' }, ...facts),
    el('pre', {}, visible(indented(body), true)),
  );
}
