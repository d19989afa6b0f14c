import type { ProblemText } from './problem-text.ts';

export type WarningCode =
  | 'overridden'
  | 'ignored-variable'
  | 'no-routes'
  | 'hidden-route'
  | 'no-effect'
  | 'open-prefix'
  | 'temporary-secrets'
  | 'client-ca-notice'
  | 'crl-notice'
  | 'unknown-log-field'
  | 'unreachable-route'
  | 'shorthand-beside-policy'
  | 'public-over-private'
  | 'matches-nothing'
  | 'any-tenant'
  | 'glued-path'
  | 'wide-cookie-domain'
  | 'strict-cookie'
  | 'uncovered-host'
  | 'certificate-expires'
  | 'crl-expires'
  | 'authority-without-crl'
  | 'unanswerable-revocation'
  | 'unaccepted-authority'
  | 'colliding-headers'
  | 'unknown-token'
  | 'readable-secret'
  | 'unverified-upstream'
  | 'policy-nobody'
  | 'policy-everybody'
  | 'padded-value'
  | 'unused-ignore'
  | 'invalid-ignore';

/** What there is to say of warnings: they keep nothing from starting. */
export const warningTexts: Readonly<Record<WarningCode, ProblemText>> = {
  overridden: {
    why: 'A variable of the environment beats the value in the file.',
    cure: 'Unset the variable, or remove the value.',
  },
  'ignored-variable': {
    why: 'A variable has the name of a setting that Postern does not follow, and may belong to another program.',
    cure: 'Unset it if it was meant for Postern.',
  },
  'no-routes': {
    why: 'Without routes every request is answered with 404.',
    cure: 'Write at least one entry under routes.',
  },
  'hidden-route': {
    why: 'The host of authenticate_service_url serves the pages of Postern and nothing else.',
    cure: 'Give the route another host.',
  },
  'no-effect': {
    why: 'What is written there changes nothing, and somebody may believe that it does.',
    cure: 'Remove it, or remove what takes its effect away.',
  },
  'open-prefix': {
    why: 'A prefix is plain text: what was meant for /admin is granted to /administrators as well.',
    cure: 'End the prefix with a slash.',
  },
  'temporary-secrets': {
    why: 'Secrets that are made at random and kept nowhere end every session when the process ends.',
    cure: 'Write state_directory, or shared_secret and cookie_secret.',
  },
  'client-ca-notice': {
    why: 'Something about a CA file is unusual and does not keep it from being used.',
    cure: 'Look at the certificate that the message names.',
  },
  'crl-notice': {
    why: 'A revocation list has no effect as it stands, or is overdue and keeps everybody out, or will when its grace ends.',
    cure: 'Look at the list that the message names.',
  },
  'unknown-log-field': {
    why: 'The line of a request has no such field, so that nothing is logged for it.',
    cure: 'Remove it, or write one of the fields in docs/configuration.md.',
  },
  'unreachable-route': {
    why: 'A route that no request can reach looks as if it guarded something.',
    cure: 'Move it before the route that takes its requests, or remove it.',
  },
  'shorthand-beside-policy': {
    why: 'The shorthand keys and the policy are ORed: whoever either of them lets in gets in, as in Pomerium.',
    cure: 'Write everything into the policy, or remove the policy.',
  },
  'public-over-private': {
    why: 'A public route answers requests that look as if another route guarded them.',
    cure: 'Put the guarded route first, and give it a prefix that covers everything below its path.',
  },
  'matches-nothing': {
    why: 'No request has such a path, so that the route is never used.',
    cure: 'Write the path as it is after normalisation: with a slash at the beginning, without dot segments, double slashes, queries and needless escapes.',
  },
  'any-tenant': {
    why: 'Everybody who has a tenant of Azure can sign in, and e-mail addresses count only where the tenant is known to own their domain.',
    cure: 'Write the issuer of your own tenant as idp_provider_url.',
  },
  'glued-path': {
    why: 'Without a slash at the seam the next segment becomes part of the one before it.',
    cure: 'End the new prefix with a slash.',
  },
  'wide-cookie-domain': {
    why: 'Every host under cookie_domain gets the session cookie, also hosts that Postern does not serve.',
    cure: 'Leave cookie_domain out, or make sure that every host under it is trusted.',
  },
  'strict-cookie': {
    why: 'Browsers do not send a Strict cookie when somebody comes from the identity provider, so that signing in goes round in circles.',
    cure: 'Write cookie_same_site: lax.',
  },
  'uncovered-host': {
    why: 'No server certificate covers the host, so that browsers are shown a self-signed one.',
    cure: 'Add a certificate for the host, or correct the name.',
  },
  'certificate-expires': {
    why: 'When a certificate has ended, connections fail.',
    cure: 'Renew the certificate.',
  },
  'crl-expires': {
    why: 'When a revocation list has ended, and its grace with it, every certificate of its issuer is refused.',
    cure: 'Fetch the next list from the authority.',
  },
  'authority-without-crl': {
    why: 'Certificates of an authority without a revocation list stay good when they are stolen, while others have a list.',
    cure: 'Add a list for the authority.',
  },
  'unanswerable-revocation': {
    why: 'Strict lets in only what a source calls good, and where no source can say anything every certificate is refused.',
    cure: 'Configure a revocation list or a source on the network, or write another mode.',
  },
  'unaccepted-authority': {
    why: 'What is said of a CA that no route accepts never comes true: nobody gets in by it, and nobody is kept out by it.',
    cure: 'Add the CA to the client CA file of the routes that use it, or name the CA that they accept.',
  },
  'colliding-headers': {
    why: 'Two settings speak of one header, and only one of them counts.',
    cure: 'Keep one of them.',
  },
  'unknown-token': {
    why: 'A reference that means nothing is replaced by nothing.',
    cure: 'Write one of the references in docs/headers.md, or $$ for a dollar sign.',
  },
  'readable-secret': {
    why: 'Everybody on the machine can read a file that holds a secret.',
    cure: 'Take the permission away: chmod o-r.',
  },
  'unverified-upstream': {
    why: 'Without verification anybody on the way to the upstream can read and change everything, the identity headers too.',
    cure: 'Write tls_custom_ca_file with the authority of the upstream.',
  },
  'policy-nobody': {
    why: 'Nobody can fulfil the policy, so that the route refuses everybody.',
    cure: 'Write who may pass, or remove the route.',
  },
  'policy-everybody': {
    why: 'Everybody fulfils the policy, also strangers.',
    cure: 'Write allow_public_unauthenticated_access: true if that is meant, or restrict the policy.',
  },
  'padded-value': {
    why: 'Values are compared as they are written, and the white space around this one never matches.',
    cure: 'Remove the white space.',
  },
  'unused-ignore': {
    why: 'A comment ignores something that is not there, and would hide it when it comes back.',
    cure: 'Remove the comment.',
  },
  'invalid-ignore': {
    why: 'A comment that names no code or no reason ignores nothing.',
    cure: 'Write # postern-ignore: CODE, and why.',
  },
};
