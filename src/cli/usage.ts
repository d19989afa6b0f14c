/** What `postern help` prints. */
export const usage: string = `Postern, an identity-aware reverse proxy

  postern run --config FILE            serve what the configuration says
  postern check --config FILE          tell everything that is wrong with it
  postern explain --config FILE METHOD URL
                                       tell what becomes of a request, and why
  postern test --config FILE           run the tests of a configuration
  postern cert ca|server|client|crl    make certificates to try things out with
  postern version | help

run, check, explain and test read the file and the environment alike (a
variable wins over the file); --no-env leaves the environment out. Without
--config everything comes from the environment.

check    [--format text|json|sarif] [--strict]
explain  [--json] [--user ID] [--email E] [--name N] [--groups a,b]
         [--claim k=v ...] [--claim k:=JSON ...] [--client-cert FILE]
         [--client-chain FILE] [--source-ip IP] [--header 'K: V' ...]
         [--at ISO-TIME] [--sni NAME]
test     [TESTFILE ...] [--format people|tap|junit|json] [--filter TEXT]
         [--coverage] [--min-coverage PERCENT]
cert     ca --out DIR [--name CN] [--days N]
         server --ca DIR HOST...
         client --ca DIR --email X [--name CN] [--days N] [--password P]
         crl --ca DIR [FILE|SERIAL ...] [--days N] [--number N]
         all of them: [--out DIR] [--force]

test without TESTFILE runs every NAME.test.yaml beside the configuration.
Warnings leave the exit status as it is, but for check --strict.

Exit status: 0 the command could answer, 1 the configuration has problems or
a test failed, 2 the command line is wrong.
`;
