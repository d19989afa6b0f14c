import type { ReadDialect } from './certificate-reading.ts';
import { presentedIn, readPemCertificates, refuse } from './certificate-reading.ts';
import { percentDecoded } from './header-value.ts';

const certificateName = 'ssl-client-cert';
const verifyName = 'ssl-client-verify';

/**
 * `$ssl_client_escaped_cert` and, where it is sent, `$ssl_client_verify`. The proxy's own verdict counts for nothing, good or bad: what it
 * was shown is judged here. But where the two headers contradict each other, one of them is not the proxy's.
 */
export const readNginx: ReadDialect = {
  names: [certificateName, verifyName],
  read(values) {
    const [escaped = '', ...more] = values(certificateName);
    const [verdict, ...verdicts] = values(verifyName);
    if (more.length > 0) return refuse(`"${certificateName}" came ${more.length + 1} times, expected once`);
    if (verdicts.length > 0) return refuse(`"${verifyName}" came ${verdicts.length + 1} times, expected once`);
    if (verdict === undefined && values(certificateName).length === 0) return { kind: 'none' };
    if (verdict === 'NONE')
      return escaped === ''
        ? { kind: 'none' }
        : refuse(`"${verifyName}" says that there is no certificate, but "${certificateName}" holds one`);
    if (verdict !== undefined && !/^(?:SUCCESS|FAILED(?::.*)?)$/.test(verdict))
      return refuse(`"${verifyName}" says something else than SUCCESS, FAILED or NONE`);
    const certificates = readPemCertificates(percentDecoded(escaped) ?? '');
    return presentedIn(certificateName, certificates?.length === 1 ? certificates : undefined);
  },
};
