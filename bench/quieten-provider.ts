/** The provider that everybody signs in at is that of the tests, and what it would have an operator know is as it should be there. */
export function quietenProvider(): void {
  for (const method of ['info', 'warn'] as const) {
    const tell = console[method].bind(console);
    console[method] = (...parts: readonly unknown[]) => {
      if (!String(parts[0]).includes('oidc-provider')) tell(...parts);
    };
  }
}
