/** The same for Node, whose version 18 has Web Crypto in a module only. */

import { webcrypto } from "node:crypto";

import { bringCrypto } from "./chance.js";

bringCrypto(webcrypto);

export * from "./index.js";
