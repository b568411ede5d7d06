import { post } from './api.js';
import { counted, el, timeOf, visible } from './text.js';

const variants = [
  ['valid', 'Valid'],
  ['forged', 'Forged'],
  ['duplicate', 'Duplicate'],
  ['high-value', 'High value'],
];

/** Buttons that sign and send sample events. */
export function createSend(container, samples) {
  const said = el('p', { class: 'said', role: 'status' });
  const events = el('select', { 'aria-label': 'Event' });
  const senders = samples.map(({ sender }, index) =>
    el(
      'label',
      { 'data-provider': sender },
      el('input', { type: 'radio', name: 'sender', value: sender, checked: index === 0, change: () => choose(sender) }),
      el('span', {}, sender),
    ),
  );
  const buttons = variants.map(([variant, label]) =>
    el('button', { type: 'button', 'data-variant': variant, click: () => void send(variant) }, label),
  );
  container.replaceChildren(
    el('div', { class: 'senders', role: 'radiogroup', 'aria-label': 'Sender' }, ...senders),
    events,
    el('div', { class: 'buttons' }, ...buttons),
    said,
  );
  choose(samples[0].sender);

  function choose(sender) {
    const sample = samples.find((one) => one.sender === sender);
    events.replaceChildren(...sample.events.map(({ name, about }) => el('option', { value: name }, `${name}: ${about}`)));
  }

  async function send(variant) {
    const sender = container.querySelector('input:checked').value;
    said.textContent = 'sending…';
    try {
      const answers = await post('/api/send', { sender, event: events.value, variant });
      said.textContent = answers.map(({ status, text }) => `${status} ${wordsOf(text)}`).join(', then ');
    } catch (error) {
      said.textContent = visible(error.message);
    }
  }
}

function wordsOf(text) {
  try {
    const { error, message, duplicate } = JSON.parse(text);
    return visible(error ?? (duplicate === true ? 'duplicate' : message));
  } catch {
    return visible(text);
  }
}

/** Every queue with its counts; a dead-letter queue opens. */
export function createQueues(container, queues, openLetters) {
  const cells = new Map();
  const rows = queues.map(({ arn, name, isDeadLetter }) => {
    const waiting = el('td', { class: 'number' }, '0');
    const age = el('td', { class: 'number dim' });
    const row = el(
      'tr',
      { class: isDeadLetter ? 'dead' : undefined },
      el(
        'th',
        { scope: 'row' },
        isDeadLetter ? el('button', { type: 'button', class: 'link', click: () => openLetters(arn) }, name) : name,
      ),
      waiting,
      age,
    );
    cells.set(arn, { row, waiting, age });
    return row;
  });
  const heads = ['Queue', 'Messages', 'Oldest'].map((head) => el('th', { scope: 'col' }, head));
  const table = el('table', { class: 'quiet' }, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows));
  const letters = queues.filter(({ isDeadLetter }) => isDeadLetter).length;
  const all = el('button', { type: 'button', class: 'link', 'aria-expanded': 'false' }, counted(letters, 'dead-letter queue'));
  const fullness = el('span');
  all.addEventListener('click', () => {
    all.setAttribute('aria-expanded', String(!table.classList.toggle('quiet')));
  });
  container.replaceChildren(table, el('p', { class: 'dim' }, all, fullness));
  return (counts) => {
    for (const { arn, visible: waiting, inFlight, oldestAgeSeconds } of counts) {
      const cell = cells.get(arn);
      if (cell === undefined) continue;
      cell.waiting.textContent = inFlight === 0 ? String(waiting) : `${waiting} + ${inFlight} in flight`;
      cell.age.textContent = waiting + inFlight === 0 ? '' : ageOf(oldestAgeSeconds);
      cell.row.classList.toggle('filled', waiting + inFlight > 0);
    }
    const filled = rows.filter((row) => row.matches('.dead.filled')).length;
    fullness.textContent = filled === 0 ? ', all empty' : `, ${filled} with messages`;
  };
}

function ageOf(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** Alerts as people get them, newest first. */
export function createAlerts(list, openEvent) {
  const byId = new Map();
  const nobody = el('li', { class: 'dim' }, 'Nobody was told of anything yet.');
  list.replaceChildren(nobody);
  return (alerts) => {
    for (const alert of alerts) {
      const known = byId.get(alert.id);
      const item = alertItem(alert, openEvent, known?.querySelector('details').open ?? false);
      byId.set(alert.id, item);
      if (known === undefined) list.prepend(item);
      else known.replaceWith(item);
    }
    if (byId.size > 0) nobody.remove();
    keepNewest(list, byId, 200);
  };
}

function alertItem({ id, at, topic, subject, text, endpoints, eventId }, openEvent, open) {
  const to = endpoints.length === 0 ? 'nobody has subscribed on this laptop' : endpoints.map((endpoint) => visible(endpoint)).join(', ');
  const event = eventId === undefined ? '' : el('button', { type: 'button', click: () => openEvent(eventId) }, 'Open the event');
  return el(
    'li',
    { 'data-alert': id },
    el(
      'details',
      { open },
      el('summary', {}, el('time', {}, timeOf(at).slice(0, 8)), ' ', visible(subject)),
      el('p', { class: 'dim' }, `${topic} → ${to}`),
      el('pre', {}, visible(text, true)),
      event,
    ),
  );
}

/** Problems of the run, newest first; the section shows once there is one. */
export function createProblems(section, list) {
  const byId = new Map();
  return (problems) => {
    for (const { id, at, text } of problems) {
      if (byId.has(id)) continue;
      const item = el('li', {}, el('time', {}, timeOf(at).slice(0, 8)), ' ', visible(text));
      byId.set(id, item);
      list.prepend(item);
    }
    keepNewest(list, byId, 100);
    section.hidden = byId.size === 0;
  };
}

function keepNewest(list, byId, count) {
  for (const [id, item] of byId) {
    if (byId.size <= count) return;
    byId.delete(id);
    item.remove();
  }
}

const totalWords = { stored: 'stored', duplicates: 'duplicates', rejected: 'rejected', published: 'published', alerts: 'alerts' };

export function createTotals(list) {
  return (totals, letters) => {
    const pairs = [...Object.entries(totalWords).map(([name, word]) => [name, word, totals[name]]), ['dead', 'dead letters', letters]];
    list.replaceChildren(
      ...pairs.map(([name, word, number]) =>
        el(
          'div',
          { class: `${name} ${number > 0 ? 'some' : ''}`, title: counted(number, word) },
          el('dd', {}, number.toLocaleString('en')),
          el('dt', {}, word),
        ),
      ),
    );
  };
}
