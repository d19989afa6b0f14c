import type { Reply } from '../http/reply.ts';
import type { EndpointContext } from './endpoint.ts';
import { askCertificate, finishCertificateSignIn } from './serve-certificate-sign-in.ts';
import { serveCertificates } from './serve-certificates.ts';
import { redirectReply } from './redirect-reply.ts';
import { robotsReply } from './robots-reply.ts';
import { serveJwks } from './serve-jwks.ts';
import { beginLogin, finishLogin } from './serve-login.ts';
import { acceptHandOver, finishSignIn, signIn } from './serve-sign-in.ts';
import { serveSignOut, serveSignedOut } from './serve-sign-out.ts';
import { serveJwt, serveUser } from './serve-user.ts';
import { serveUserPage } from './serve-user-page.ts';
import { serveWellKnown } from './serve-well-known.ts';
import { textReply } from './text-reply.ts';

export interface EndpointRow {
  readonly path: string;
  /** `authenticate`, `certificate`: on that host only. */
  readonly hosts: 'every' | 'authenticate' | 'certificate';
  /** Served only where the runtime flag of this name is on. */
  readonly flag?: 'jwtEndpoint';
  readonly needsSession: boolean;
  readonly usesPerson: boolean;
  readonly usesCertificate?: boolean;
  /** Left out: where a session is needed. */
  readonly signsIn?: boolean;
  readonly methods: readonly string[];
  /** Whether scripts of any site may read it: the two documents that hold nothing but public keys and addresses. */
  readonly crossOrigin: boolean;
  readonly serve: (context: EndpointContext) => Promise<Reply> | Reply;
}

const get: readonly string[] = ['GET', 'HEAD'];
// What is in their addresses is good for one use: a HEAD of some link checker must not spend it.
const once: readonly string[] = ['GET'];
const form: readonly string[] = ['GET', 'HEAD', 'POST'];

/** Every endpoint of Postern's own, one row each. What is under a reserved prefix and not here, or switched off, is answered 404. */
// oxfmt-ignore
export const endpointTable: readonly EndpointRow[] = [
  { path: '/ping',                            hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: false, serve: alive },
  { path: '/healthz',                         hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: false, serve: alive },
  { path: '/.pomerium',                       hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: false, serve: toUserPage },
  { path: '/.pomerium/',                      hosts: 'every',        needsSession: false, usesPerson: true,  methods: get,  crossOrigin: false, serve: serveUserPage },
  { path: '/.pomerium/user',                  hosts: 'every',        needsSession: true,  usesPerson: true,  methods: get,  crossOrigin: false, serve: serveUser },
  { path: '/.pomerium/jwt',                   hosts: 'every',        needsSession: true,  usesPerson: true,  methods: get,  crossOrigin: false, serve: serveJwt, flag: 'jwtEndpoint' },
  { path: '/.pomerium/sign_in',               hosts: 'every',        needsSession: false, usesPerson: true,  methods: get,  crossOrigin: false, serve: signIn, signsIn: true },
  { path: '/.pomerium/callback/',             hosts: 'every',        needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: acceptHandOver },
  { path: '/.pomerium/api/v1/login',          hosts: 'every',        needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: beginLogin },
  { path: '/.pomerium/programmatic_login',    hosts: 'every',        needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: finishLogin },
  { path: '/.pomerium/sign_out',              hosts: 'every',        needsSession: false, usesPerson: false, methods: form, crossOrigin: false, serve: serveSignOut },
  { path: '/.pomerium/signed_out',            hosts: 'every',        needsSession: false, usesPerson: true,  methods: get,  crossOrigin: false, serve: serveSignedOut },
  { path: '/.pomerium/certificates',          hosts: 'every',        needsSession: false, usesPerson: true,  methods: form, crossOrigin: false, serve: serveCertificates, usesCertificate: true },
  { path: '/.pomerium/certificate_sign_in',   hosts: 'certificate',  needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: askCertificate, usesCertificate: true },
  { path: '/.pomerium/certificate_callback',  hosts: 'authenticate', needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: finishCertificateSignIn },
  { path: '/.well-known/pomerium',            hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: true,  serve: serveWellKnown },
  { path: '/.well-known/pomerium/',           hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: true,  serve: serveWellKnown },
  { path: '/.well-known/pomerium/jwks.json',  hosts: 'every',        needsSession: false, usesPerson: false, methods: get,  crossOrigin: true,  serve: serveJwks },
  { path: '/',                                hosts: 'authenticate', needsSession: false, usesPerson: false, methods: get,  crossOrigin: false, serve: toUserPage },
  { path: '/oauth2/callback',                 hosts: 'authenticate', needsSession: false, usesPerson: false, methods: once, crossOrigin: false, serve: finishSignIn },
  { path: '/robots.txt',                      hosts: 'authenticate', needsSession: false, usesPerson: false, methods: get,  crossOrigin: false, serve: robotsReply },
];

function alive(): Reply {
  return textReply(200, 'OK');
}

function toUserPage(): Reply {
  return redirectReply({ location: '/.pomerium/' });
}
