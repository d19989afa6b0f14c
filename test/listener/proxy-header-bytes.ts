/** A header of version 2: version and command, family and transport, and what they announce. */
export function binaryHeader(versionAndCommand: number, familyAndTransport: number, content: Buffer): Buffer {
  const fixed = Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.of(versionAndCommand, familyAndTransport, 0, 0)]);
  fixed.writeUInt16BE(content.length, 14);
  return Buffer.concat([fixed, content]);
}

/** The addresses of a TCP connection over IPv4, to 198.51.100.1:443. */
export function tcp4(source: string, port: number): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(443, 2);
  return Buffer.concat([Buffer.from(source.split('.').map(Number)), Buffer.of(198, 51, 100, 1), ports]);
}

/** The same over IPv6, the source as 32 hex digits. */
export function tcp6(source: string, port: number): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(443, 2);
  return Buffer.concat([Buffer.from(source, 'hex'), Buffer.alloc(16, 1), ports]);
}
