import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardOf, toldOf } from './given-route.ts';

const to = ['routes', 0, 'to'];

describe('readUpstreams()', () => {
  it('keeps the order and gives each entry its weight', () => {
    assert.deepEqual(
      [forwardOf({ to: ['http://a', 'https://b'] }).to, forwardOf({ to: 'unix:///run/a.sock,7' }).to],
      [
        [
          { url: new URL('http://a'), weight: 1 },
          { url: new URL('https://b'), weight: 1 },
        ],
        [{ url: new URL('unix:///run/a.sock'), weight: 7 }],
      ],
    );
  });

  it('refuses lists that are half weighted, of two kinds, or empty', () => {
    assert.deepEqual(
      [['http://a,1', 'http://b'], ['http://a', 'unix:///b'], []].map((written) => toldOf({ to: written })),
      [
        ['conflicting-keys routes[0].to mixes entries with and without a weight: write one behind every entry, or behind none'],
        ['conflicting-keys routes[0].to mixes unix:// with hosts: write one kind only'],
        ['missing-key routes[0].to is an empty list: write the upstream, like http://127.0.0.1:8080'],
      ],
    );
  });

  it('lets the path of the first entry take the place of the matched prefix', () => {
    const routes = [
      { to: 'http://a/base/' },
      { to: ['http://a/base', 'http://b/base'], prefix: '/x' },
      { to: 'http://a/', prefix: '/x/' },
      { to: 'http://a/', path: '/x' },
      { to: 'http://a/' },
      { to: ['http://a', 'http://b/'] },
      { to: 'unix:///run/app.sock', prefix: '/x/' },
    ];
    assert.deepEqual(
      routes.map((route) => forwardOf(route).rewrite),
      [
        { kind: 'prefix', replacement: '/base/', place: to },
        { kind: 'prefix', replacement: '/base', place: [...to, 0] },
        { kind: 'prefix', replacement: '/', place: to },
        { kind: 'prefix', replacement: '/', place: to },
        undefined,
        undefined,
        undefined,
      ],
    );
  });

  it('warns of a path that changes nothing', () => {
    const routes = [
      { to: ['http://a/one', 'http://b/two', 'http://c/one', 'http://d'] },
      { to: 'http://a/one', prefix_rewrite: '/two' },
      { to: ['http://a', 'http://b/two'] },
      { to: 'http://a/', prefix_rewrite: '/two' },
    ];
    assert.deepEqual(
      routes.map((route) => toldOf(route)),
      [
        ['no-effect routes[0].to[1]: the path "/two" has no effect because only that of the first entry counts'],
        ['no-effect routes[0].to: the path "/one" has no effect beside prefix_rewrite'],
        ['no-effect routes[0].to[1]: the path "/two" has no effect because only that of the first entry counts'],
        [],
      ],
    );
  });
});
