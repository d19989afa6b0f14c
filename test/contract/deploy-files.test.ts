import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { execForm, readDockerfile } from '../../scripts/read-dockerfile.ts';
import { runCheck } from '../../src/cli/check.ts';
import { drainMs } from '../../src/cli/run.ts';
import { type } from '../cli/terminal.ts';
import { serverFor } from './server-for.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, 'docs/deploy', name), 'utf8');
const drainSeconds = drainMs / 1000;

describe('postern.service', () => {
  const lines = read('postern.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('['))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const valuesOf = (key: string): readonly string[] => lines.flatMap(([name, value]) => (name === key ? [value] : []));

  it('is made of sections and of keys with values', () => {
    for (const [key, value] of lines) assert.ok(/^[A-Z]\w+$/.test(key) && value !== '', `${key}=${value}`);
    const sections = read('postern.service').match(/^\[.*\]$/gm);
    assert.deepEqual(sections, ['[Unit]', '[Service]', '[Install]']);
  });

  it('checks before each start and reload what it runs', () => {
    const [start] = valuesOf('ExecStart');
    const check = start?.replace(' run ', ' check ');
    assert.match(start ?? '', /^\/opt\/postern\/bin\/postern run --config /);
    assert.deepEqual([valuesOf('ExecStartPre'), valuesOf('ExecReload')], [[check], [check, 'kill -HUP $MAINPID']]);
  });

  it('waits longer for the end than a drain takes, and grants one capability', () => {
    assert.ok(Number.parseInt(valuesOf('TimeoutStopSec')[0] ?? '', 10) > drainSeconds);
    assert.deepEqual(
      [valuesOf('CapabilityBoundingSet'), valuesOf('AmbientCapabilities')],
      [['CAP_NET_BIND_SERVICE'], ['CAP_NET_BIND_SERVICE']],
    );
  });
});

describe('compose.yaml', () => {
  const Compose = z.looseObject({
    services: z.record(
      z.string(),
      z.looseObject({
        build: z.string().optional(),
        ports: z.array(z.string()).optional(),
        volumes: z.array(z.string()).optional(),
        networks: z.array(z.string()),
        stop_grace_period: z.string().optional(),
      }),
    ),
    networks: z.record(z.string(), z.object({ internal: z.boolean().optional() }).nullable()),
    volumes: z.record(z.string(), z.null()),
  });
  const { services, networks } = Compose.parse(parse(read('compose.yaml')));
  const { postern, ...others } = services;

  it('builds the image of the Dockerfile and mounts what that expects', () => {
    const image = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1) ?? assert.fail('no stage');
    assert.equal(join(root, 'docs/deploy', postern?.build ?? ''), `${root}/`.replace(/\/$/, ''));
    const state = image.instructions.find(({ word, rest }) => word === 'ENV' && rest.startsWith('STATE_DIRECTORY='))?.rest.split('=')[1];
    const targets = (postern?.volumes ?? []).map((volume) => volume.split(':')[1] ?? '');
    assert.ok(targets.includes(state ?? ''), 'the state');
    assert.ok(
      targets.some((target) => execForm(image, 'CMD').at(-1) === `${target}/config.yaml`),
      'the configuration',
    );
    assert.ok(Number.parseInt(postern?.stop_grace_period ?? '', 10) > drainSeconds);
  });

  it('lets nobody but Postern reach the applications', () => {
    for (const { networks: joined, ports } of Object.values(others)) assert.deepEqual([joined, ports], [['applications'], undefined]);
    assert.equal(networks['applications']?.internal, true);
  });
});

describe('kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'));
  const Named = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
  const objects = documents.map((document) => Named.parse(document.toJS()));
  const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
  const Container = z.looseObject({
    ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
    startupProbe: Probe.loose(),
    readinessProbe: Probe.loose(),
    livenessProbe: Probe.loose(),
    volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.undefined().optional() })),
    securityContext: z.looseObject({ readOnlyRootFilesystem: z.literal(true), allowPrivilegeEscalation: z.literal(false) }),
  });
  const Deployment = z.looseObject({
    spec: z.looseObject({
      replicas: z.literal(1),
      strategy: z.object({ type: z.literal('Recreate') }),
      template: z.object({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.looseObject({ terminationGracePeriodSeconds: z.number(), containers: z.tuple([Container]) }),
      }),
    }),
  });
  const ofKind = (kind: string): unknown => objects.find((object) => object.kind === kind);
  const { template } = Deployment.parse(ofKind('Deployment')).spec;
  const [container] = template.spec.containers;
  const { data } = z.looseObject({ data: z.object({ 'config.yaml': z.string() }) }).parse(ofKind('ConfigMap'));
  const configuration = data['config.yaml'];
  const settings = z.record(z.string(), z.unknown()).parse(parse(configuration));

  it('is valid YAML of the kinds that are needed', () => {
    assert.deepEqual(
      documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
      [],
    );
    const kinds = ['Namespace', 'ConfigMap', 'PersistentVolumeClaim', 'Deployment', 'Service', 'NetworkPolicy', 'NetworkPolicy'];
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      kinds,
    );
  });

  it('holds a configuration without a mistake or a warning', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'postern-kubernetes-'));
    await mkdir(join(directory, 'tls'));
    const { certificatePem, keyPem } = await serverFor(['*.corp.example']);
    await writeFile(join(directory, 'tls/tls.crt'), certificatePem);
    await writeFile(join(directory, 'tls/tls.key'), keyPem, { mode: 0o600 });
    await writeFile(join(directory, 'client-secret'), 'secret\n', { mode: 0o600 });
    await writeFile(join(directory, 'config.yaml'), configuration);
    const environment = { STATE_DIRECTORY: join(directory, 'state') };
    const { status, err } = await type(runCheck, ['--config', join(directory, 'config.yaml'), '--strict'], { environment });
    await rm(directory, { recursive: true });
    assert.deepEqual([status, err], [0, '']);
  });

  it('asks the ports that the configuration opens, on the address of the pod', () => {
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, `:${containerPort}`]));
    assert.deepEqual(
      [ports.get('https'), ports.get('http'), ports.get('metrics'), ports.get('health')],
      [settings['address'], settings['http_redirect_addr'], settings['metrics_address'], settings['health_check_addr']],
    );
    const { startupProbe, readinessProbe, livenessProbe } = container;
    assert.deepEqual(
      [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => `${httpGet.port} ${httpGet.path}`),
      ['health /startupz', 'health /readyz', 'health /healthz'],
    );
  });

  it('waits longer for the end than a drain takes, and mounts what the image expects', () => {
    assert.ok(template.spec.terminationGracePeriodSeconds > drainSeconds);
    assert.deepEqual(
      container.volumeMounts.map(({ mountPath }) => mountPath),
      ['/etc/postern', '/var/lib/postern'],
    );
  });

  it('leads to the pods by the labels they have', () => {
    const service = z.looseObject({ spec: z.looseObject({ selector: z.record(z.string(), z.string()) }) }).parse(ofKind('Service'));
    assert.deepEqual(service.spec.selector, template.metadata.labels);
  });
});
