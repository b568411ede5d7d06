import { follow, get } from './api.js';
import { createDiagram } from './diagram.js';
import { createDialogs } from './dialogs.js';
import { createList } from './list.js';
import { createAlerts, createProblems, createQueues, createSend, createTotals } from './panels.js';

const byId = (id) => document.getElementById(id);
const connection = byId('connection');

function say(state) {
  connection.textContent = state;
  connection.dataset.state = state === 'live' ? 'live' : 'lost';
}

function isTyping({ target }) {
  return target instanceof HTMLElement && target.matches('input:not([type=radio]), textarea, select');
}

async function start() {
  const setup = await get('/api/setup');
  byId('place').textContent = `${setup.suffix} · ${setup.apiUrl}`;
  const dialogs = createDialogs(byId('dialog'), { queues: setup.queues });
  const list = createList({
    grid: byId('grid'),
    viewport: byId('viewport'),
    rows: byId('rows'),
    search: byId('search'),
    found: byId('found'),
    nothing: byId('nothing'),
    open: (id) => void dialogs.event(id),
  });
  const openLetters = (arn) => void dialogs.letters(arn);
  const diagram = createDiagram(byId('pipeline'), setup, { openNode: dialogs.node, openLetters });
  createSend(byId('send'), setup.samples);
  const showQueues = createQueues(byId('queues'), setup.queues, openLetters);
  const showAlerts = createAlerts(byId('alerts'), (id) => void dialogs.event(id));
  const showProblems = createProblems(byId('problems-section'), byId('problems'));
  const showTotals = createTotals(byId('totals'));
  const dead = new Set(setup.queues.filter(({ isDeadLetter }) => isDeadLetter).map(({ arn }) => arn));

  function show({ alerts, problems, queues, totals }) {
    showAlerts(alerts);
    showProblems(problems);
    showQueues(queues);
    diagram.showQueues(queues);
    const letters = queues.filter(({ arn }) => dead.has(arn)).reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
    showTotals(totals, letters);
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || byId('dialog').open) return;
    if (event.key === '/') byId('search').focus();
    else if (event.key === '?') dialogs.help();
    else if (event.key === 'ArrowDown' && event.target === document.body) byId('grid').focus();
    else return;
    event.preventDefault();
  });
  byId('help-button').addEventListener('click', dialogs.help);

  await follow(
    '/api/stream',
    (name, value) => {
      if (name === 'snapshot') list.replace(value.events);
      else {
        list.apply(value.events);
        value.moves.forEach(diagram.move);
      }
      show(value);
    },
    say,
  );
}

start().catch((error) => say(error.message));
