import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SettingPath } from '../../src/config/problem.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';

const text = `# comment
routes:
  - from: https://app.corp.example   # the app
    policy:
      - allow:
          or:
            - email: {is: alice@corp.example}
            - &admins
              groups: {has: admins}
            - *admins
    name:
  - {from: 'https://b', to: ["x", "y z"]}
`;

describe('parseYaml().locate()', () => {
  const { locate } = parseYaml(text, 'c.yaml');
  const at = (path: SettingPath, part?: 'key' | 'value'): string => {
    const place = locate(path, part);
    return place?.kind === 'file'
      ? `${place.line}:${place.column} ${place.sourceLine.slice(place.column - 1, place.column - 1 + place.length)}`
      : 'nowhere';
  };

  it('finds values at any depth, and keys when asked for', () => {
    assert.deepEqual(
      [
        at(['routes', 0, 'from']),
        at(['routes', 0, 'from'], 'key'),
        at(['routes', 0, 'policy', 0, 'allow', 'or', 0, 'email', 'is']),
        at(['routes', 0, 'policy', 0, 'allow', 'or', 0, 'email']),
        at(['routes', 0, 'policy', 0, 'allow', 'or', 0], 'key'),
        at(['routes', 1, 'to', 1]),
        at(['routes', 1, 'to']),
      ],
      [
        '3:11 https://app.corp.example',
        '3:5 from',
        '7:27 alice@corp.example',
        '7:22 {is: alice@corp.example}',
        '7:15 email',
        '12:35 "y z"',
        '12:29 ["x", "y z"]',
      ],
    );
  });

  it('follows aliases', () => {
    assert.equal(at(['routes', 0, 'policy', 0, 'allow', 'or', 2, 'groups', 'has']), '9:29 admins');
  });

  it('points at the nearest enclosing map for what was not written, and at the key for an empty value', () => {
    assert.deepEqual(
      [at(['routes', 0, 'to']), at(['routes', 0, 'policy', 7]), at(['nothing', 'at', 'all']), at([]), at(['routes', 0, 'name'])],
      ['3:5 from', '5:7 -', '2:1 routes', '2:1 routes', '11:5 name'],
    );
  });

  it('knows no place in an empty text', () => {
    assert.deepEqual([parseYaml('', 'c.yaml').locate(['a']), parseYaml('# nothing', 'c.yaml').value], [undefined, null]);
  });
});

describe('parseYaml()', () => {
  it('reads JSON, merge keys, CRLF and a byte order mark', () => {
    assert.deepEqual(parseYaml('\ufeff{"a": [1, true, null]}\r\n', 'c').value, { a: [1, true, null] });
    assert.deepEqual(parseYaml('a: &a {x: 1}\r\nb:\r\n  <<: *a\r\n  y: 2\r\n', 'c').value, { a: { x: 1 }, b: { x: 1, y: 2 } });
  });

  it('tells the place in a text with CRLF without the carriage return', () => {
    const [problem] = parseYaml('a: 1\r\na: 2\r\n', 'c').problems;
    assert.deepEqual(problem?.place, { kind: 'file', file: 'c', line: 2, column: 1, sourceLine: 'a: 2', length: 1 });
  });

  it('never throws for what is nested too deeply', () => {
    const { value, problems } = parseYaml('['.repeat(20_000), 'c');
    assert.deepEqual([value, problems.length > 0], [undefined, true]);
  });
});

describe('parseYaml() of a text that the parser gives up', () => {
  it('points at a line and a column that there are', () => {
    const places = parseYaml(':\n]a\nb:', 'c.yaml').problems.map(({ place }) => place);
    assert.ok(places.length > 0);
    for (const place of places) {
      assert.ok(place?.kind === 'file');
      assert.ok(place.line <= 3 && place.column <= place.sourceLine.length + 1, `${place.line}:${place.column}`);
    }
  });
});
