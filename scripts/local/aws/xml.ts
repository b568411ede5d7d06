/** A value that can be written as XML: lists repeat their element, undefined is left out. */
export type XmlValue = string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

/** Text as XML content. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
}

/** An element and everything in it. */
export function renderXml(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item: XmlValue) => renderXml(name, item)).join('');
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`;
  const content = Object.entries(value).map(([child, childValue]) => renderXml(child, childValue));
  return `<${name}>${content.join('')}</${name}>`;
}

/** An element that was read: its text, and its children by name. */
export interface XmlElement {
  text: string;
  children: Map<string, XmlElement[]>;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, entity: string) => {
    if (!entity.startsWith('#')) return entities[entity] ?? whole;
    const code = entity.startsWith('#x') ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
    return String.fromCodePoint(code);
  });
}

/** Reads the small documents that S3 clients send; attributes are skipped. Undefined where it is not well formed. */
export function parseXml(source: string): XmlElement | undefined {
  const root: XmlElement = { text: '', children: new Map() };
  const open: { name: string; element: XmlElement }[] = [{ name: '', element: root }];
  for (const [token, closing, name, selfClosing] of source.matchAll(/<\?[^>]*\?>|<(\/?)([\w:.-]+)[^>]*?(\/?)>|[^<]+/g)) {
    const top = open.at(-1);
    if (top === undefined) return undefined;
    if (name === undefined) {
      if (!token.startsWith('<?')) top.element.text += unescapeXml(token);
    } else if (closing === '/') {
      if (open.pop()?.name !== name) return undefined;
    } else {
      const element: XmlElement = { text: '', children: new Map() };
      const siblings = top.element.children.get(name);
      if (siblings === undefined) top.element.children.set(name, [element]);
      else siblings.push(element);
      if (selfClosing !== '/') open.push({ name, element });
    }
  }
  return open.length === 1 && root.children.size === 1 ? root : undefined;
}

/** The first element at a path, by names. */
export function findXml(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce((current, name) => current?.children.get(name)?.[0], element);
}
