/** What a room may import: other rooms (all of them, or their types only) and packages. `node:` builtins are everybody's. */
export interface RoomRule {
  readonly rooms: readonly string[];
  readonly types: readonly string[];
  readonly packages: readonly string[];
}

const everyRoom = [
  'certificate',
  'config',
  'endpoints',
  'http',
  'identity',
  'lint',
  'listener',
  'live',
  'observe',
  'policy',
  'revocation',
  'route',
  'store',
  'upstream',
  'workers',
];

/** The map of the house. docs/architecture.md draws the same table, and a test compares the two with the imports themselves. */
export const rooms: Readonly<Record<string, RoomRule>> = {
  http: { rooms: [], types: [], packages: [] },
  config: { rooms: ['http'], types: [], packages: ['yaml'] },
  observe: { rooms: ['http'], types: [], packages: ['pino', 'prom-client'] },
  store: { rooms: [], types: ['config', 'observe'], packages: [] },
  route: { rooms: ['http'], types: ['config'], packages: ['re2js'] },
  certificate: { rooms: ['http'], types: ['config', 'observe'], packages: ['@peculiar/x509', 're2js', 'reflect-metadata'] },
  revocation: { rooms: ['certificate', 'http'], types: ['config', 'observe'], packages: [] },
  policy: { rooms: ['http'], types: ['certificate', 'config'], packages: ['re2js'] },
  identity: { rooms: ['http', 'store'], types: ['certificate', 'config', 'observe', 'policy'], packages: ['jose', 'openid-client'] },
  upstream: { rooms: ['http'], types: ['config', 'observe', 'policy'], packages: ['http-proxy-3', 're2js', 'undici'] },
  endpoints: { rooms: ['http', 'identity'], types: ['certificate', 'config', 'observe'], packages: [] },
  lint: { rooms: ['certificate', 'config', 'endpoints', 'http', 'listener', 'policy'], types: [], packages: [] },
  listener: { rooms: ['http'], types: ['config', 'observe'], packages: [] },
  live: { rooms: [], types: [], packages: [] },
  workers: { rooms: ['observe'], types: ['config', 'identity', 'store'], packages: [] },
  spine: { rooms: [...everyRoom, 'cli'], types: [], packages: [] },
  cli: { rooms: [...everyRoom, 'spine'], types: [], packages: [] },
};
