import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Given } from './given-settings.ts';
import { linesOf, settingsOf, told } from './given-settings.ts';

const [newest, older] = [11, 12].map((byte) => Buffer.alloc(32, byte).toString('base64'));

function secretsOf(given: Given): readonly string[] {
  return settingsOf(given).settings.sharedSecrets.map((secret) => secret.reveal().toString('base64'));
}

function problemsOf(given: Given): readonly string[] {
  return told(given)
    .filter(({ code }) => code !== 'no-routes')
    .map(({ message }) => message);
}

describe('readSecrets()', () => {
  it('reads one or several, in the configuration, in a file with one on each line, and in the environment', () => {
    const file = { files: { secrets: `\n${newest}  \r\n\n${older}\n` } };
    const found = [
      linesOf(),
      linesOf(`shared_secret: ${newest}`),
      linesOf(`shared_secret: [${newest}, "${older}"]`),
      linesOf('shared_secret:', `- ${newest}`, `- ${older}`),
      { ...linesOf('shared_secret_file: secrets'), ...file },
      { ...linesOf(), environment: { SHARED_SECRET: `${newest}, ${older}` } },
      { ...linesOf(), environment: { SHARED_SECRET: JSON.stringify([newest, older]) } },
      { ...linesOf(), environment: { SHARED_SECRET: newest ?? '' } },
      { ...linesOf(), ...file, environment: { SHARED_SECRET_FILE: 'etc/secrets' } },
    ].map(secretsOf);
    const both = [newest, older];
    assert.deepEqual(found, [[], [newest], both, both, both, both, both, [newest], both]);
    const { cookie } = settingsOf(linesOf(`cookie_secret: [${newest}, ${older}]`)).settings;
    assert.deepEqual(
      cookie.secrets.map((secret) => secret.reveal().toString('base64')),
      both,
    );
  });

  it('says which of several is wrong, and shows none of them', () => {
    const short = 'c2hvcnQ=';
    const problems = [
      linesOf(`shared_secret: [${newest}, ${short}]`),
      linesOf(`shared_secret: [" ${newest}"]`),
      linesOf('shared_secret: []'),
      linesOf(`shared_secret: [${newest}, ${older}, ${newest}]`),
      linesOf(`shared_secret: "${newest},${older}"`),
      linesOf(`shared_secret: [${newest}, 12345]`),
      linesOf(`shared_secret: [${newest}]`, 'shared_secret_file: secrets'),
      { ...linesOf('shared_secret_file: secrets'), files: { secrets: `${newest}\n\n${short}\n` } },
      { ...linesOf('shared_secret_file: secrets'), files: { secrets: `${short}\n` } },
      { ...linesOf('shared_secret_file: secrets'), files: { secrets: '\n \n' } },
      { ...linesOf(), environment: { SHARED_SECRET: `${newest},${short}` } },
    ].map((given) => problemsOf(given).join());
    const advice = 'make one with "openssl rand -base64 32"';
    assert.deepEqual(problems, [
      `shared_secret[1] must be base64 of exactly 32 bytes, but it has 5: ${advice}`,
      'shared_secret[0] has white space around it, remove it',
      'shared_secret is an empty list: write a secret, or leave the key out',
      'shared_secret[2] stands in the list twice: keep one of them',
      `shared_secret must be base64 of exactly 32 bytes, but it is not base64: ${advice}`,
      'shared_secret[1] must be a text, not a number: put quotes around it',
      'shared_secret and shared_secret_file are both set: keep one of them',
      `shared_secret_file, line 3, must be base64 of exactly 32 bytes, but it has 5: ${advice}`,
      `shared_secret_file must be base64 of exactly 32 bytes, but it has 5: ${advice}`,
      'shared_secret_file is empty: write a secret into the file, or leave the key out',
      `shared_secret[1] must be base64 of exactly 32 bytes, but it has 5: ${advice}`,
    ]);
  });
});
