import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { RedirectSettings } from '../src/config/action-settings.ts';
import type { Inbound } from '../src/http/inbound.ts';
import { parseTarget } from '../src/http/path.ts';
import type { RouteReplyParts } from '../src/route-reply.ts';
import { routeReply } from '../src/route-reply.ts';
import { compilePathRewrite } from '../src/upstream/path-rewrite.ts';
import { inboundOf } from './upstream/example-request.ts';

const unchanged: RedirectSettings = {
  scheme: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  status: 301,
  stripQuery: false,
};
const { connection } = inboundOf();
const plain: Partial<Inbound> = { connection: { ...connection, scheme: 'http' } };

describe('routeReply(): a redirect', () => {
  it('changes what it says and keeps the rest', () => {
    const cases: readonly (readonly [change: Partial<RedirectSettings>, given: Parameters<typeof inboundOf>[0], location: string])[] = [
      [{ scheme: 'https' }, { host: 'a.example', target: '/x?y=1', ...plain }, 'https://a.example/x?y=1'],
      [{ scheme: 'https' }, { host: 'a.example:80', ...plain }, 'https://a.example/'],
      [{ scheme: 'https' }, { host: 'a.example:8080', ...plain }, 'https://a.example:8080/'],
      [{ scheme: 'http' }, { host: 'a.example:443' }, 'http://a.example/'],
      [{ scheme: 'http' }, { host: 'a.example:80' }, 'http://a.example/'],
      [{ scheme: 'https', port: 8443 }, { host: 'a.example:80', ...plain }, 'https://a.example:8443/'],
      [{ port: 443 }, { host: 'a.example:8443' }, 'https://a.example/'],
      [{ host: 'b.example' }, { host: 'a.example:8443', target: '/x' }, 'https://b.example/x'],
      [{ host: 'b.example', port: 81 }, { host: 'a.example:8443' }, 'https://b.example:81/'],
      [{ host: '[2001:db8::1]' }, {}, 'https://[2001:db8::1]/'],
      [{ path: { kind: 'whole', path: '/new' } }, { host: 'a.example:8443', target: '/x?y=1' }, 'https://a.example:8443/new?y=1'],
      [{ path: { kind: 'whole', path: '/new?z=2' } }, { target: '/x?y=1' }, 'https://app.example/new?z=2'],
      [{ path: { kind: 'whole', path: '/new?z=2' }, stripQuery: true }, { target: '/x?y=1' }, 'https://app.example/new?z=2'],
      [{ path: { kind: 'whole', path: '/new' }, stripQuery: true }, { target: '/x?y=1' }, 'https://app.example/new'],
      [{ host: 'b.example', stripQuery: true }, { target: '/x?y=1' }, 'https://b.example/x'],
      [{ path: { kind: 'prefix', replacement: '/new' } }, { target: '/app/x?y=/app' }, 'https://app.example/new/x?y=/app'],
      [{ path: { kind: 'prefix', replacement: '/' } }, { target: '/app/x' }, 'https://app.example/x'],
    ];
    assert.deepEqual(
      cases.map(([change, given]) => location({ ...unchanged, ...change }, inboundOf(given))),
      cases.map(([, , expected]) => expected),
    );
  });

  it('believes proxies in front about the scheme, where it is told to', () => {
    const inbound = inboundOf({ headers: ['X-Forwarded-Proto', 'https'], ...plain });
    const action = { kind: 'redirect', ...unchanged, host: 'b.example' } as const;
    assert.deepEqual(
      [0, 1].map((trustedHops) => reply({ action, forwardedFor: { trustedHops } }, inbound)?.headers),
      [
        ['Location', 'http://b.example/'],
        ['Location', 'https://b.example/'],
      ],
    );
  });

  it('has its status, the headers of the route and one address', () => {
    const set = [
      ['X-Frame-Options', 'DENY'],
      ['LOCATION', '/elsewhere'],
    ] as const;
    assert.deepEqual(reply({ action: { kind: 'redirect', ...unchanged, host: 'b.example', status: 308 }, set }, inboundOf()), {
      status: 308,
      headers: ['X-Frame-Options', 'DENY', 'Location', 'https://b.example/'],
      body: '',
    });
  });

  it('is none where it would lead to no path', () => {
    assert.equal(location({ ...unchanged, path: { kind: 'prefix', replacement: '/base/' } }, inboundOf({ target: '/app../x' })), undefined);
  });

  it('lets nothing of a request end its header, and writes a URL', () => {
    const action = { ...unchanged, path: { kind: 'prefix', replacement: '/new' } } as const;
    assert.equal(parseTarget('/app/%0d%0aX-Evil:1'), 'path-invalid');
    assert.equal(
      location(action, inboundOf({ target: '/app/%c3?q=%0d%0aX-Evil:1&\xc3\xa9' })),
      'https://app.example/new/%C3?q=%0d%0aX-Evil:1&%C3%A9',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const target = parseTarget(`/app${text}`);
        if (typeof target === 'string') return;
        const written = location(action, inboundOf({ ...target }));
        assert.ok(written === undefined || /^https:\/\/app\.example\/[\x21-\x7e]*$/.test(written), written ?? '');
      }),
    );
  });
});

describe('routeReply(): a fixed answer', () => {
  it('is plain text with the headers of the route', () => {
    const action = { kind: 'respond', status: 503, body: 'later <b>' } as const;
    assert.deepEqual(reply({ action, set: [['X-Frame-Options', 'DENY']] }, inboundOf()), {
      status: 503,
      headers: ['X-Frame-Options', 'DENY', 'Content-Type', 'text/plain; charset=utf-8'],
      body: 'later <b>',
    });
  });

  it('has the type that the route gives it, and none without a body', () => {
    const set = [['content-type', 'application/json']] as const;
    assert.deepEqual(
      [
        reply({ action: { kind: 'respond', status: 200, body: '{}' }, set }, inboundOf())?.headers,
        reply({ action: { kind: 'respond', status: 204, body: '' } }, inboundOf())?.headers,
      ],
      [['content-type', 'application/json'], []],
    );
  });
});

describe('routeReply(): an answer that is not for everybody', () => {
  it('is kept by no cache that others ask too, unless the route says otherwise', () => {
    const actions = [
      { kind: 'redirect', ...unchanged, host: 'b.example' },
      { kind: 'respond', status: 200, body: '' },
    ] as const;
    const sets: readonly RouteReplyParts['set'][] = [[], [['cache-control', 'max-age=60']]];
    assert.deepEqual(
      actions.map((action) => sets.map((set) => reply({ action, set, isPublic: false }, inboundOf())?.headers)),
      [
        [
          ['Cache-Control', 'private', 'Location', 'https://b.example/'],
          ['cache-control', 'max-age=60', 'Location', 'https://b.example/'],
        ],
        [
          ['Cache-Control', 'private'],
          ['cache-control', 'max-age=60'],
        ],
      ],
    );
  });
});

function reply(
  parts: Partial<RouteReplyParts> & Pick<RouteReplyParts, 'action'>,
  inbound: Inbound,
): ReturnType<ReturnType<typeof routeReply>> {
  return routeReply({ rewritePath: undefined, set: [], forwardedFor: { trustedHops: 0 }, isPublic: true, ...parts })(inbound);
}

/** Of a route with `prefix: /app`. */
function location(action: RedirectSettings, inbound: Inbound): string | undefined {
  const { path } = action;
  const matcher = { kind: 'prefix', prefix: '/app' } as const;
  const rewrite = path?.kind === 'prefix' ? compilePathRewrite({ ...path, place: [] }, matcher, { mergeSlashes: true }) : undefined;
  const rewritePath = rewrite?.ok === true ? rewrite.value : undefined;
  return reply({ action: { kind: 'redirect', ...action }, rewritePath }, inbound)?.headers[1];
}
