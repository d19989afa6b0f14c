import type * as Http from 'node:http';

/**
 * Node's HTTP, for everything but types. An `import` of it by name reads each of its exports, and one of them, `WebSocket`, loads Node's whole
 * copy of undici: a tenth of a start, for something that nothing here uses.
 */
export const nodeHttp: typeof Http = process.getBuiltinModule('node:http');
