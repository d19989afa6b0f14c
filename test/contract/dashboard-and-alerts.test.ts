import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import { failureCodes } from '../../src/http/proxy-failure.ts';
import type { SignInResult } from '../../src/identity/identity.ts';
import type { HandshakeResult } from '../../src/listener/listener-handlers.ts';
import { metricTable } from '../../src/observe/metric-table.ts';
import type { RequestDecision } from '../../src/observe/request-record.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from '../walk/house.ts';
import { openUpstream } from '../walk/recorder.ts';
import { metricsOf } from './metrics-of.ts';

const deploy = join(import.meta.dirname, '../../docs/deploy');

const Panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.looseObject({ expr: z.string(), refId: z.string(), legendFormat: z.string() })).optional(),
});

const Dashboard = z.looseObject({
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel),
});

const Alerts = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

const dashboard = Dashboard.parse(JSON.parse(readFileSync(join(deploy, 'grafana-dashboard.json'), 'utf8')));
const alerts = Alerts.parse(parse(readFileSync(join(deploy, 'prometheus-alerts.yaml'), 'utf8'))).groups.flatMap(({ rules }) => rules);
const expressions = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition }) => (typeof definition === 'string' ? [definition] : [])),
  ...alerts.map(({ expr }) => expr),
];

// What Prometheus itself adds to each scrape and to each sample.
const ownMetrics = new Map([['up', []]]);
const scrapeLabels = ['instance', 'job'];

/** The labels a metric has, by each name that its samples have in a scrape. */
const known = new Map<string, readonly string[]>([
  ...ownMetrics,
  ...Object.entries(metricTable).flatMap(([name, { type, labels }]): [string, readonly string[]][] =>
    type === 'histogram'
      ? [
          [`postern_${name}_bucket`, [...labels, 'le']],
          [`postern_${name}_sum`, labels],
          [`postern_${name}_count`, labels],
        ]
      : [[`postern_${name}`, labels]],
  ),
]);

describe('the dashboard and the alerts', () => {
  it('name metrics that there are, with labels that they have', () => {
    const wrong = expressions.flatMap((expression) =>
      metricsOf(expression).flatMap(({ metric, labels }) => {
        const has = known.get(metric);
        if (has === undefined) return [`${metric} in ${expression}`];
        return labels.filter((label) => !has.includes(label) && !scrapeLabels.includes(label)).map((label) => `${metric}{${label}}`);
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('leave no metric out', () => {
    const used = new Set(expressions.flatMap((expression) => metricsOf(expression).map(({ metric }) => metric)));
    const unused = Object.keys(metricTable).filter((name) => !['', '_bucket'].some((suffix) => used.has(`postern_${name}${suffix}`)));
    assert.deepEqual(unused, []);
  });

  it('compare labels with values that the program writes', () => {
    const handshakes: readonly HandshakeResult[] = ['ok', 'failed', 'refused', 'timeout', 'malformed'];
    const signIns: readonly SignInResult[] = ['ok', 'refused', 'failed'];
    const decisions: readonly RequestDecision[] = ['allow', 'sign-in', 'deny', 'not-found', 'misdirected', 'bad-request', 'own', 'none'];
    const certificates: readonly CertificateVerdict['kind'][] = ['none', 'valid', 'invalid'];
    const written = ['answered', ...Object.keys(failureCodes), ...handshakes, ...signIns, ...decisions, ...certificates];
    const asked = expressions.flatMap((expression) =>
      [...expression.matchAll(/(?:result|decision|reason)=~?"([^"]+)"/g)].map(([, value = '']) => value),
    );
    const never = asked.filter((pattern) => !written.some((word) => new RegExp(`^(?:${pattern})$`).test(word)));
    assert.deepEqual(never, []);
  });

  it('find their metrics in a scrape', async () => {
    const metricsPort = await freePort();
    await using upstream = await openUpstream((_, response) => response.end('ok'));
    await using house = await openHouse({
      config: `metrics_address: 127.0.0.1:${metricsPort}\nroutes:\n  - {from: https://app.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}\n`,
    });
    await ask(house, 'https://app.postern.test/');
    const scraped = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    // A counter with labels has no sample before the first event; its name and type are there from the beginning.
    const declared = new Set([...scraped.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
    const named = new Set(
      expressions.flatMap((expression) => metricsOf(expression).map(({ metric }) => metric.replace(/_(?:bucket|sum|count)$/, ''))),
    );
    assert.deepEqual(
      [...named].filter((name) => !declared.has(name) && !ownMetrics.has(name)),
      [],
    );
    const ends = Number(/^postern_server_certificate_expiry_timestamp_seconds (\S+)/m.exec(scraped)?.[1]);
    assert.equal(ends, Math.floor(house.pki.server.certificate.validToDate.getTime() / 1000));
    assert.match(scraped, /^postern_crl_next_update_timestamp_seconds nan$/im);
  });
});

describe('the dashboard', () => {
  it('can be imported: every panel has an id, a place and the data source that is chosen', () => {
    assert.ok(dashboard.schemaVersion >= 36);
    assert.deepEqual(
      dashboard.templating.list.map(({ name }) => name),
      ['datasource', 'instance'],
    );
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { type, title, datasource, gridPos, targets } of dashboard.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      if (type === 'row') continue;
      assert.ok(datasource !== undefined && (targets?.length ?? 0) > 0, title);
    }
  });

  it('has panels that do not overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
  });
});

describe('the alerts', () => {
  it('have a page each, which tells what to do, and no page is without its alert', () => {
    const document = readFileSync(join(deploy, '../operations.md'), 'utf8');
    const pages = [...document.matchAll(/^### (Postern\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      pages,
      alerts.map(({ alert }) => alert),
    );
    for (const { alert, annotations } of alerts) assert.equal(annotations.runbook, `docs/operations.md#${alert.toLowerCase()}`);
  });
});
