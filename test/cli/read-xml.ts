export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const token = /<\?[^?]*\?>|<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Reads XML without namespaces, comments and CDATA; throws where it is not well-formed. */
export function readXml(xml: string): XmlElement {
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [top];
  token.lastIndex = 0;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const [whole, close, name = '', attributes = '', empty, text] = token.exec(xml) ?? [];
    const parent = open.at(-1);
    if (whole === undefined || parent === undefined) throw new Error(`Not XML at ${at}: ${xml.slice(at, at + 80)}`);
    if (text !== undefined) parent.text += decode(text);
    else if (close === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
    } else if (name !== '') {
      const element: Open = { name, attributes: readAttributes(attributes), children: [], text: '' };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  const [root, ...others] = top.children;
  if (root === undefined || others.length > 0 || open.length !== 1) throw new Error('XML has one root that is closed');
  return root;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

function readAttributes(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decode(value)] as const);
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`An attribute twice: ${text}`);
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  return text.replace(/&([^;]*;?)/g, (_, name: string) => {
    const character = names[name.slice(0, -1)];
    if (character === undefined) throw new Error(`Unknown entity &${name}`);
    return character;
  });
}
