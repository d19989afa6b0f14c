import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isFieldValue } from '../../src/http/header-list.ts';
import type { TemplateValues } from '../../src/upstream/header-template.ts';
import { fillHeaderTemplate, parseHeaderTemplate } from '../../src/upstream/header-template.ts';
import { requestHeaders } from '../../src/upstream/request-headers.ts';
import { inboundOf, plainPlan } from './example-request.ts';

const named: TemplateValues = { token: (name) => `<${name}>`, requestHeader: (name) => `<header ${name}>` };

describe('parseHeaderTemplate()', () => {
  it('reads references in both forms, and leaves alone what is none', () => {
    const cases: readonly (readonly [template: string, filled: string])[] = [
      ['plain', 'plain'],
      ['', ''],
      ['Bearer ${pomerium.access_token}', 'Bearer <access_token>'],
      ['${pomerium.id_token}|${pomerium.jwt}', '<id_token>|<jwt>'],
      ['$pomerium.client_cert_fingerprint, $pomerium.client_cert_san_dns', '<client_cert_fingerprint>, <client_cert_san_dns>'],
      ['${pomerium.client_cert_san_email}', '<client_cert_san_email>'],
      ['${pomerium.request.headers["X-Name"]}', '<header x-name>'],
      ['${ pomerium . request\t.headers [ "X-Name" ] }', '<header x-name>'],
      ['${pomerium["request"]["headers"]["X-\\"\\\\"]}', '<header x-"\\>'],
      ['$pomerium.request.headers.X-Access-Token', '<header x-access-token>'],
      ['a $$ b $$$$ c', 'a $ b $$ c'],
      ['$$pomerium.jwt $${pomerium.jwt}', '$pomerium.jwt ${pomerium.jwt}'],
      ['[$unknown] [${unknown.x}] [${pomerium.jwt.x}] [${pomerium}] [${pomerium.request.headers}] [$5]', '[] [] [] [] [] []'],
      ['${', '${'],
      ['${}', '${}'],
      ['${pomerium.jwt', '${pomerium.jwt'],
      ['${pomerium.}', '${pomerium.}'],
      ['${pomerium.request.headers["X-Name]}', '${pomerium.request.headers["X-Name]}'],
      ['${pomerium.request.headers[X-Name]}', '${pomerium.request.headers[X-Name]}'],
      ['${a ${pomerium.jwt}}', '${a <jwt>}'],
      ['$pomerium.jwt.', '$pomerium.jwt.'],
      ['cost: 5$', 'cost: 5$'],
      ['$-$.', '$.'],
      ['${pomerium.constructor} ${constructor.prototype}', ' '],
    ];
    assert.deepEqual(
      cases.map(([template]) => fillHeaderTemplate(parseHeaderTemplate(template), named)),
      cases.map(([, filled]) => filled),
    );
  });

  it('takes time in proportion to a long text', () => {
    for (const text of ['${a'.repeat(20_000), '${'.repeat(40_000), `\${a${' '.repeat(50_000)}`, `\${a["${'\\x'.repeat(50_000)}`])
      assert.equal(fillHeaderTemplate(parseHeaderTemplate(text), named), text);
  });
});

describe('fillHeaderTemplate()', () => {
  it('follows no reference in what it puts in', () => {
    const values = { token: () => '${pomerium.jwt}$$', requestHeader: () => '$pomerium.jwt' };
    const template = parseHeaderTemplate('${pomerium.access_token} ${pomerium.request.headers["A"]}');
    assert.equal(fillHeaderTemplate(template, values), '${pomerium.jwt}$$ $pomerium.jwt');
  });

  it('leaves out a value that no header can hold, and sends the rest', () => {
    const template = parseHeaderTemplate('a ${pomerium.access_token} b');
    for (const value of ['x\r\nX-Evil: 1', 'x\ny', 'x\0', 'x\u007f', '\u0100', '😀'])
      assert.equal(fillHeaderTemplate(template, { ...named, token: () => value }), 'a  b');
  });

  it('lets no value end its header or begin another one', () => {
    const hostile = fc.array(fc.constantFrom('\r', '\n', '\0', ':', ' ', 'X-Evil', '$', '{', 'pomerium.jwt', '}', 'é', 'Ā', 'a'), {
      maxLength: 12,
    });
    const text = fc.oneof(
      hostile.map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, text, (token, header) => {
        const plan = {
          ...plainPlan,
          set: [
            ['X-Token', 'a${pomerium.access_token}b'],
            ['X-Copy', '$pomerium.request.headers.X-In'],
          ] as const,
        };
        const inbound = inboundOf({ headers: ['X-In', header] });
        const vouched = { identity: [], token: () => token };
        const fields = requestHeaders({ inbound, plan, endpoint: { host: 'up' }, vouched, forUpgrade: false });
        const names = fields.filter((_, index) => index % 2 === 0);
        assert.deepEqual(names.slice(1), [
          'Host',
          'X-Forwarded-For',
          'X-Forwarded-Proto',
          'X-Forwarded-Host',
          'X-Request-Id',
          'X-Token',
          'X-Copy',
        ]);
        for (const value of fields.slice(-4).filter((_, index) => index % 2 === 1)) assert.ok(isFieldValue(value), JSON.stringify(value));
      }),
    );
  });
});
