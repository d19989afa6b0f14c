import type { FuzzTarget } from './fuzz-target.ts';
import { answer } from './targets/answer.ts';
import { certificate } from './targets/certificate.ts';
import { certificateHeader } from './targets/certificate-header.ts';
import { clientHello } from './targets/client-hello.ts';
import { config } from './targets/config.ts';
import { cookies } from './targets/cookies.ts';
import { crl } from './targets/crl.ts';
import { headerLists } from './targets/header-lists.ts';
import { host } from './targets/host.ts';
import { logLine } from './targets/log-line.ts';
import { lane } from './targets/lane.ts';
import { path } from './targets/path.ts';
import { plainYaml } from './targets/plain-yaml.ts';
import { policy } from './targets/policy.ts';
import { proxyHeader } from './targets/proxy-header.ts';
import { request } from './targets/request.ts';
import { returnUrl } from './targets/return-url.ts';
import { sealed } from './targets/sealed.ts';
import { upstreamResponse } from './targets/upstream-response.ts';

/** Everything that is fuzzed, quick ones first. */
export const allTargets: readonly FuzzTarget[] = [
  proxyHeader,
  host,
  path,
  lane,
  logLine,
  cookies,
  sealed,
  returnUrl,
  policy,
  headerLists,
  certificateHeader,
  certificate,
  crl,
  clientHello,
  plainYaml,
  config,
  answer,
  upstreamResponse,
  request,
];
