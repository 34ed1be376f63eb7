/** Web Crypto, which browsers and newer Nodes have; `node.js` brings that of Node 18. */

let brought;

/** Use this one where there is none. */
export function bringCrypto(crypto) {
  brought = crypto;
}

/** The Crypto object. */
export function webCrypto() {
  return globalThis.crypto ?? brought;
}

/** So many bytes that nobody can guess. */
export function randomBytes(count) {
  return webCrypto().getRandomValues(new Uint8Array(count));
}
