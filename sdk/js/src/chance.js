/** Web Crypto, which browsers and newer Nodes have by themselves, and Node 18 in a module. */

/** The Crypto object. */
export async function webCrypto() {
  return globalThis.crypto ?? (await import("node:crypto")).webcrypto;
}

/** So many bytes that nobody can guess. */
export async function randomBytes(count) {
  return (await webCrypto()).getRandomValues(new Uint8Array(count));
}
