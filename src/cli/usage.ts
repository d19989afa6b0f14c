/** What `postern help` prints. */
export const usage: string = `Postern, an identity-aware reverse proxy

  postern run --config FILE            serve what the configuration says
  postern check --config FILE          tell everything that is wrong with it
  postern explain --config FILE METHOD URL
                                       tell what becomes of a request, and why
  postern cert ca|server|client        make certificates to try things out with
  postern version | help

run, check and explain read the file and the environment alike (a variable
wins over the file); --no-env leaves the environment out. Without --config
everything comes from the environment.

check    [--json]
explain  [--json] [--user ID] [--email E] [--name N] [--groups a,b]
         [--claim k=v ...] [--claim k:=JSON ...] [--client-cert FILE]
         [--client-chain FILE] [--source-ip IP] [--header 'K: V' ...]
         [--at ISO-TIME] [--sni NAME]
cert     ca --out DIR [--name CN] [--days N]
         server --ca DIR HOST...
         client --ca DIR --email X [--name CN] [--days N] [--password P]

Exit status: 0 the command could answer, 1 the configuration has problems,
2 the command line is wrong.
`;
