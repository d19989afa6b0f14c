import type { CertificateHostRow, HostRevocation } from '../certificate-hosts.ts';

/**
 * Who is asked for which certificates, for people: hosts that are treated alike are one block, those that ask for nothing one line. Empty
 * where no host asks.
 */
export function writeCertificateHosts(rows: readonly CertificateHostRow[]): string {
  const asking = rows.filter(({ asks }) => asks !== 'no');
  if (asking.length === 0) return '';
  const alike = [...Map.groupBy(asking, likeness).values()];
  const silent = rows.filter(({ asks }) => asks === 'no');
  const blocks = [...alike.map(writeBlock), ...(silent.length === 0 ? [] : [writeSilent(silent)])];
  return `Client certificates by host\n\n${blocks.join('\n')}`;
}

/** Everything but the host itself and the settings that name it. */
function likeness({ host: _host, why: _why, ...rest }: CertificateHostRow): string {
  return JSON.stringify(rest);
}

function writeBlock(rows: readonly CertificateHostRow[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const { asks, enforcement, authorities, revocation } = first;
  const why = [...new Set(rows.flatMap((row) => row.why))];
  const cells: readonly (readonly [string, readonly string[]])[] = [
    [asks, [enforcement]],
    ['issued by', authorities.flatMap(({ subject, sha256 }) => [subject, sha256])],
    ['revocation', revocation.map(writeRevocation)],
    ['because of', atMost(why, mostReasons)],
  ];
  // A fingerprint, which nobody can copy when it is broken, fits within 80 columns so.
  const lines = cells.flatMap(([label, texts]) => texts.map((text, index) => `    ${(index === 0 ? label : '').padEnd(11)}${text}`));
  return [...rows.map((row) => `  ${row.host}${roleNote(row)}`), ...lines, ''].join('\n');
}

function writeSilent(rows: readonly CertificateHostRow[]): string {
  const told = atMost(
    rows.map((row) => `  ${row.host}${roleNote(row)}: ${row.why.join(', ')}`),
    mostSilent,
    '  ',
  );
  return [`Nobody is asked for a certificate at`, '', ...told, ''].join('\n');
}

function roleNote({ role }: CertificateHostRow): string {
  return role === 'routes' ? '' : ` (${role})`;
}

const mostReasons = 6;
const mostSilent = 8;

function atMost(texts: readonly string[], most: number, indent = ''): readonly string[] {
  if (texts.length <= most + 1) return texts;
  return [...texts.slice(0, most), `${indent}and ${texts.length - most} more`];
}

/** Without a list or a responder nothing is looked up, which `strict` refuses everybody for. */
function writeRevocation({ mode, sources }: HostRevocation): string {
  if (sources.length > 0) return `${mode}: ${sources.join(', ')}`;
  return mode === 'strict' ? 'strict, and no source: everybody is refused' : 'not looked up';
}
