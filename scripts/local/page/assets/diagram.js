import { svg } from './text.js';

const segmentMs = 420;
const maxDots = 60;
const ruleHeight = 18;
const letterHeight = 21;
const isStill = matchMedia('(prefers-reduced-motion: reduce)');
const kindWords = { senders: 'senders', api: 'API', logs: 'log group', person: 'subscriber', other: 'target' };

/** Draws the pipeline as the server placed it, and lets events move along its edges. */
export function createDiagram(container, { layout, queues }, { openNode, openLetters }) {
  const names = new Map(queues.map(({ arn, name }) => [arn, name]));
  const counts = new Map();
  const dots = [];
  const edges = new Map();
  const nodes = new Map();
  const top = svg('g', { class: 'dots' });

  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: 'group',
      'aria-label': 'The pipeline, from the synthesized stacks. Arrows move, Enter opens.',
      keydown: onKey,
    },
    arrowHead(),
    svg('g', {}, ...layout.edges.map(drawEdge)),
    svg('g', {}, ...layout.nodes.map(drawNode)),
    top,
  );
  container.replaceChildren(drawing);
  const stops = [...drawing.querySelectorAll('[role=button]')];
  stops[0]?.setAttribute('tabindex', '0');

  function drawEdge({ id, path, kind }) {
    const line = svg('path', { d: path, class: `edge ${kind}`, 'marker-end': 'url(#arrow)' });
    edges.set(id, line);
    return line;
  }

  function drawNode(node) {
    const { id, kind, x, y, width, height, lines, rules, facts, deadLetters, name } = node;
    const word = kindWords[kind] ?? kind;
    const ports = kind === 'senders' ? facts.map(([, provider]) => provider) : rules.map((rule) => shortRule(rule.name));
    const offset = lines.length === 1 ? 37 : 31;
    const box = svg(
      'g',
      {
        class: `node ${kind}`,
        role: 'button',
        tabindex: '-1',
        'aria-label': `${word} ${name}`,
        click: () => openNode(node),
        'data-node': name,
      },
      svg('rect', { x, y, width, height, rx: 7, class: 'box' }),
      svg('rect', { x, y: y + 8, width: 3, height: height - 16, rx: 1.5, class: 'stripe' }),
      svg('text', { x: x + 11, y: y + 15, class: 'kind' }, word),
      ...lines.map((line, index) => svg('text', { x: x + 11, y: y + offset + index * 13, class: 'name' }, line)),
      ...ports.map((port, index) =>
        svg(
          'text',
          { x: x + 11, y: y + 50 + index * ruleHeight + 12, class: 'port', 'data-provider': kind === 'senders' ? port : undefined },
          port,
        ),
      ),
    );
    if (kind === 'queue') box.append(countOf(id, svg('text', { x: x + width - 9, y: y + 15, class: 'count' })));
    nodes.set(id, box);
    return svg('g', {}, box, ...deadLetters.map((arn, index) => drawLetters(arn, x, y + height + index * letterHeight, width)));
  }

  function drawLetters(arn, x, y, width) {
    const open = () => openLetters(arn);
    return svg(
      'g',
      {
        class: 'letters',
        role: 'button',
        tabindex: '-1',
        'aria-label': `dead letters ${names.get(arn) ?? ''}`,
        click: open,
        'data-letters': names.get(arn),
      },
      svg('path', { d: `M${x + 10} ${y}v4`, class: 'edge' }),
      svg('rect', { x: x + 4, y: y + 4, width: width - 8, height: letterHeight - 5, rx: 5 }),
      svg('text', { x: x + 11, y: y + 15.5 }, 'dead letters'),
      countOf(arn, svg('text', { x: x + width - 11, y: y + 15.5, class: 'count' })),
    );
  }

  function countOf(arn, text) {
    counts.set(arn, text);
    text.append('0');
    return text;
  }

  function onKey(event) {
    const now = stops.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter' || event.key === ' ') event.target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    else if (step !== undefined && stops[now + step] !== undefined) {
      stops[now].setAttribute('tabindex', '-1');
      stops[now + step].setAttribute('tabindex', '0');
      stops[now + step].focus();
    } else return;
    event.preventDefault();
  }

  function move({ ways, tone, stopsAt }) {
    for (const way of ways) {
      const path = way.map((id) => edges.get(id)).filter(Boolean);
      if (path.length === 0) continue;
      const end = layout.edges.find(({ id }) => id === way.at(-1))?.to;
      if (isStill.matches) flash(stopsAt ?? end, tone);
      else if (dots.length < maxDots) start(path, tone, stopsAt ?? end);
    }
  }

  function start(path, tone, end) {
    const circle = svg('circle', { r: 4.5, class: `dot ${tone}` });
    top.append(circle);
    dots.push({ circle, path, end, tone, began: performance.now(), lengths: path.map((line) => line.getTotalLength()) });
    if (dots.length === 1) requestAnimationFrame(frame);
  }

  function frame(now) {
    for (const dot of [...dots]) {
      const passed = Math.max(0, now - dot.began) / segmentMs;
      const segment = Math.floor(passed);
      if (segment >= dot.path.length) {
        dots.splice(dots.indexOf(dot), 1);
        dot.circle.remove();
        flash(dot.end, dot.tone);
        continue;
      }
      const point = dot.path[segment].getPointAtLength((passed - segment) * dot.lengths[segment]);
      dot.circle.setAttribute('cx', point.x);
      dot.circle.setAttribute('cy', point.y);
    }
    if (dots.length > 0) requestAnimationFrame(frame);
  }

  function flash(id, tone) {
    const box = nodes.get(id);
    if (box === undefined) return;
    box.dataset.passed = String(Number(box.dataset.passed ?? 0) + 1);
    const colour = getComputedStyle(drawing).getPropertyValue(`--${tone}`);
    box.querySelector('.box').animate([{ stroke: colour, strokeWidth: 3 }, {}], { duration: 700, easing: 'ease-out' });
  }

  function showQueues(list) {
    for (const { arn, visible, inFlight } of list) {
      const text = counts.get(arn);
      if (text === undefined) continue;
      text.textContent = String(visible + inFlight);
      text.parentNode.classList.toggle('filled', visible + inFlight > 0);
    }
  }

  return { move, showQueues };
}

function arrowHead() {
  const marker = { id: 'arrow', viewBox: '0 0 6 6', refX: 5.5, refY: 3, markerWidth: 6, markerHeight: 6, orient: 'auto' };
  return svg('defs', {}, svg('marker', marker, svg('path', { d: 'M0 0l6 3l-6 3z', class: 'arrow' })));
}

/** Without what all rules have in common. */
function shortRule(name) {
  return name.replace(/^payment-/, '').replace(/-[a-z0-9]+$/, '');
}
