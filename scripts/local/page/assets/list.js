import { counted, el, timeOf, visible } from './text.js';

const rowHeight = 30;
const kept = 10_000;
const spareRows = 6;

/** The list of events: all of them in memory, in the document only those that can be seen. */
export function createList({ grid, viewport, rows, search, found, nothing, open }) {
  let all = [];
  let byId = new Map();
  let shown = all;
  let words = [];
  let selected;
  let drawing = false;
  const pool = [];

  const at = (index) => shown[shown.length - 1 - index];
  const indexOf = (id) => (id === undefined ? -1 : shown.length - 1 - place(shown, id));

  function apply(events) {
    let added = 0;
    for (const event of events) {
      const known = byId.get(event.id);
      const item = { event, text: textOf(event) };
      if (known === undefined) {
        byId.set(event.id, item);
        all.push(item);
        if (matches(item)) added += 1;
      } else Object.assign(known, item);
    }
    if (all.length > kept) {
      for (const { event } of all.slice(0, -kept)) byId.delete(event.id);
      all = all.slice(-kept);
    }
    filter();
    // Who has scrolled down reads on undisturbed.
    if (viewport.scrollTop > rowHeight / 2 && added > 0) {
      rows.style.height = `${shown.length * rowHeight}px`;
      viewport.scrollTop += added * rowHeight;
    }
    draw();
  }

  function matches({ text }) {
    return words.every((word) => text.includes(word));
  }

  function filter() {
    shown = words.length === 0 ? all : all.filter(matches);
  }

  function draw() {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      drawNow();
    });
  }

  function drawNow() {
    rows.style.height = `${shown.length * rowHeight}px`;
    grid.setAttribute('aria-rowcount', String(shown.length + 1));
    const first = Math.max(0, Math.floor(viewport.scrollTop / rowHeight) - spareRows);
    const count = Math.max(0, Math.min(shown.length - first, Math.ceil(viewport.clientHeight / rowHeight) + 2 * spareRows));
    while (pool.length < count) pool.push(newRow());
    pool.forEach((row, index) => {
      row.element.hidden = index >= count;
      if (index < count) fill(row, at(first + index), first + index);
    });
    found.textContent =
      words.length === 0 ? counted(all.length, 'event') : `${shown.length.toLocaleString('en')} of ${counted(all.length, 'event')}`;
    nothing.hidden = shown.length > 0;
    nothing.textContent = all.length === 0 ? 'Nothing has come in yet: send something →' : 'No event has all of these words.';
    const isDrawn = selected !== undefined && pool.some(({ element }) => !element.hidden && element.id === `event-${selected}`);
    if (isDrawn) grid.setAttribute('aria-activedescendant', `event-${selected}`);
    else grid.removeAttribute('aria-activedescendant');
  }

  function newRow() {
    const cells = ['time', 'provider', 'type', 'payment', 'money', 'state'].map((name) => el('span', { role: 'gridcell', class: name }));
    const element = el('div', { role: 'row', class: 'row' }, ...cells);
    rows.append(element);
    return { element, cells, item: undefined };
  }

  function fill(row, item, index) {
    const { element, cells } = row;
    const { event } = item;
    element.style.transform = `translateY(${index * rowHeight}px)`;
    element.setAttribute('aria-rowindex', String(index + 2));
    element.setAttribute('aria-selected', String(event.id === selected));
    if (row.event === event) return;
    row.event = event;
    element.id = `event-${event.id}`;
    element.dataset.id = String(event.id);
    const texts = [timeOf(event.at), event.provider, event.eventType || event.reason, event.paymentId || event.eventId, event.money];
    texts.forEach((text, cell) => {
      cells[cell].textContent = visible(text);
      cells[cell].title = cell === 0 ? '' : visible(text);
    });
    cells[1].dataset.provider = event.provider;
    cells[4].classList.toggle('high', event.band === 'high');
    cells[5].replaceChildren(...tagsOf(event));
  }

  function select(index) {
    if (shown.length === 0) return;
    const to = Math.min(shown.length - 1, Math.max(0, index));
    selected = at(to).event.id;
    const top = to * rowHeight;
    if (top < viewport.scrollTop) viewport.scrollTop = top;
    if (top + rowHeight > viewport.scrollTop + viewport.clientHeight) viewport.scrollTop = top + rowHeight - viewport.clientHeight;
    drawNow();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(viewport.clientHeight / rowHeight) - 1);
    const now = indexOf(selected);
    const steps = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + page, PageUp: now - page, Home: 0, End: shown.length - 1 };
    if (event.key in steps) select(steps[event.key]);
    else if (event.key === 'Enter' && now >= 0) open(selected);
    else return;
    event.preventDefault();
  }

  function onSearch() {
    words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    filter();
    viewport.scrollTop = 0;
    draw();
  }

  grid.addEventListener('keydown', onKey);
  viewport.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(viewport);
  rows.addEventListener('click', ({ target }) => {
    const row = target.closest('.row');
    if (row === null) return;
    selected = Number(row.dataset.id);
    drawNow();
    open(selected);
  });
  search.addEventListener('input', onSearch);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      grid.focus();
      select(0);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      search.value = '';
      onSearch();
      grid.focus();
    }
  });

  return {
    apply,
    replace(events) {
      all = [];
      byId = new Map();
      apply(events);
    },
    get: (id) => byId.get(id)?.event,
  };
}

/** What a search looks into. */
function textOf({ provider, eventId, eventType, kind, paymentId, money, band, state, reason, alerts, deliveries, conflict, dead }) {
  const flags = [alerts > 0 && 'alert', deliveries > 1 && 'duplicate', conflict && 'conflict', dead && 'dead letter'].filter(Boolean);
  return [provider, eventId, eventType, kind, paymentId, money, band, state, reason, ...flags].join(' ').toLowerCase();
}

/** State and flags, as words. */
export function tagsOf({ state, deliveries, alerts, conflict, dead }) {
  return [
    el('span', { class: `tag ${state}` }, state),
    deliveries > 1 && el('span', { class: 'tag again', title: `delivered ${deliveries} times` }, `×${deliveries}`),
    alerts > 0 && el('span', { class: 'tag alerted' }, 'alert'),
    conflict && el('span', { class: 'tag bad' }, 'conflict'),
    dead && el('span', { class: 'tag bad' }, 'dead letter'),
  ].filter(Boolean);
}

/** Ids rise, so the place of one is found by halving; -1 where it is not. */
function place(items, id) {
  let [low, high] = [0, items.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const here = items[middle].event.id;
    if (here === id) return middle;
    if (here < id) low = middle + 1;
    else high = middle - 1;
  }
  return items.length;
}
