import { basename } from 'node:path';
import type { Anchor } from '../../certificate/ca-bundle.ts';
import { readCaBundle } from '../../certificate/ca-bundle.ts';
import type { NamedText, Settings } from '../../config/settings.ts';

/** The client CAs of a configuration, as tests name them. */
export interface Authorities {
  /** By the CA file as written, its last part, a route (name or `from`) that it judges for, or the subject of a certificate in it. */
  find(name: string): Anchor | undefined;
  /** The one there is, when there is exactly one. */
  readonly only: Anchor | undefined;
  /** What `find` understands, for suggestions. */
  readonly names: readonly string[];
}

/** Reads the CAs of settings that a snapshot could be built of; `at` in milliseconds since 1970. */
export function listAuthorities(settings: Settings, at: number): Authorities {
  const bundles = caTexts(settings).map((text) => ({ text, anchors: anchorsOf(text, at) }));
  const anchorOf = (text: NamedText | undefined): Anchor | undefined => bundles.find((bundle) => bundle.text === text)?.anchors[0];
  const named = new Map<string, Anchor>();
  const add = (name: string | undefined, anchor: Anchor | undefined): void => {
    if (name !== undefined && anchor !== undefined && !named.has(name)) named.set(name, anchor);
  };
  // Files before routes before subjects: what is written in the configuration counts first.
  for (const { text, anchors } of bundles) add(text.label, anchors[0]);
  for (const { text, anchors } of bundles) add(basename(text.label), anchors[0]);
  const judging = (own: NamedText | undefined): Anchor | undefined => anchorOf(own ?? settings.downstreamMtls.ca);
  for (const { name, clientCa } of settings.routes) add(name, judging(clientCa));
  for (const { from, clientCa } of settings.routes) add(from, judging(clientCa));
  const anchors = bundles.flatMap((bundle) => bundle.anchors);
  for (const anchor of anchors) add(anchor.facts.subject, anchor);
  const distinct = new Set(anchors.map(({ sha256 }) => sha256));
  return { find: (name) => named.get(name), only: distinct.size === 1 ? anchors[0] : undefined, names: [...named.keys()] };
}

/** Every text of client CAs in the settings, each object once. */
export function caTexts({ downstreamMtls, routes }: Settings): readonly NamedText[] {
  return [downstreamMtls.ca, ...routes.map(({ clientCa }) => clientCa)].filter((text) => text !== undefined);
}

export function anchorsOf(text: NamedText, at: number): readonly Anchor[] {
  const read = readCaBundle(text, at);
  return read.ok ? read.bundle.anchors : [];
}
