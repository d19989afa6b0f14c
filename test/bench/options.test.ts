import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { peers } from '../../bench/candidates/peers.ts';
import { parseOptions } from '../../bench/options.ts';
import { scenarios } from '../../bench/scenarios/scenarios.ts';

function parsed(...args: readonly string[]) {
  const options = parseOptions(args);
  if (typeof options === 'string') return assert.fail(options);
  const { task, rounds, quick, scenarios: chosen, peers: against, withMicro, keep } = options;
  return { task, rounds, quick, scenarios: chosen.map(({ id }) => id), against, withMicro, keep };
}

describe('parseOptions()', () => {
  it('measures everything five times and keeps it, when told nothing', () => {
    assert.deepEqual(parsed(), {
      task: { kind: 'measure' },
      rounds: 5,
      quick: false,
      scenarios: scenarios.map(({ id }) => id),
      against: undefined,
      withMicro: true,
      keep: true,
    });
  });

  it('takes some scenarios and some peers, and keeps no part of a run as though it were a whole one', () => {
    assert.deepEqual(parsed('--quick', '--scenario', 'http2,http1', '--peer', 'caddy,pomerium'), {
      task: { kind: 'measure' },
      rounds: 2,
      quick: true,
      scenarios: ['http1', 'http2'],
      against: ['caddy', 'pomerium'],
      withMicro: false,
      keep: false,
    });
  });

  it('has a short form that leaves no file', () => {
    const { scenarios: chosen, against, withMicro, keep } = parsed('--ci');
    assert.deepEqual([chosen, against, withMicro, keep], [['http1'], [], true, false]);
  });

  it('compares two of something, by the first two scenarios when told no others', () => {
    const { task, scenarios: chosen } = parsed('--compare', 'v1', '.');
    assert.deepEqual([task, chosen], [{ kind: 'compare', before: 'v1', after: '.' }, ['http1', 'http2']]);
  });

  it('says what is wrong with arguments that make no sense', () => {
    const said = [
      ['--scenario', 'htpp1'],
      ['--peer', 'lighttpd'],
      ['--rounds', '0'],
      ['--minutes', '3'],
      ['--flame'],
      ['--compare', 'v1'],
      ['--compare', 'v1', 'v2', '--scenario', 'session-memory'],
      ['measure'],
    ].map((args) => {
      const options = parseOptions(args);
      return typeof options === 'string' ? options.split('\n', 1)[0] : options;
    });
    assert.deepEqual(said, [
      `Unknown scenario "htpp1": expected some of ${scenarios.map(({ id }) => id).join(', ')}`,
      `Unknown proxy "lighttpd": expected some of ${peers.map(({ name }) => name).join(', ')}, or none`,
      'Cannot read --rounds "0": expected a number from 1 to 99',
      'Cannot use --minutes without soak: write npm run bench -- soak --minutes N',
      'Cannot use --flame without --profile: write npm run bench -- --profile --flame',
      'Cannot compare fewer than two: write --compare BEFORE AFTER, two commits or two files of bench/results',
      'Cannot compare commits by session-memory: it needs the code of this one',
      'Unknown argument "measure"',
    ]);
  });
});
