/** What a route needs to send people to sign in, where no test follows them there. */
export const somebodyWhoSignsIn = `
authenticate_service_url: https://auth.postern.test
idp_provider: oidc
idp_provider_url: http://127.0.0.1:1
idp_client_id: postern
idp_client_secret: nobody will ask
`;
