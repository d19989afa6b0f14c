import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { builtFlags, runtimeFlagDefaults } from '../../src/config/runtime-flags.ts';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

const names = Object.keys(runtimeFlagDefaults);

describe('readRuntimeFlags()', () => {
  it('takes every switch at its default', () => {
    const written = names.map((name) => `${name}: ${runtimeFlagDefaults[name] ?? ''}`).join(', ');
    assert.deepEqual(settingsOf(linesOf(`runtime_flags: {${written}}`)).settings.runtimeFlags, {
      jwtEndpoint: false,
      configHotReload: true,
    });
  });

  it('refuses the other value of every switch but the built ones', () => {
    const refused = names.filter((name) => toldOf(`runtime_flags: {${name}: ${runtimeFlagDefaults[name] !== true}}`).length > 0);
    assert.deepEqual(
      refused,
      names.filter((name) => !builtFlags.includes(name)),
    );
  });

  it('refuses unknown switches, also those that every object has', () => {
    assert.deepEqual(toldOf('runtime_flags: {constructor: true, mpc: true}'), [
      'error unknown-key: unknown key "constructor" in runtime_flags',
      'error unknown-key: unknown key "mpc" in runtime_flags, did you mean "mcp"?',
    ]);
  });
});
