/** Messages that the service sends, checked (Standard Webhooks 1.0). */

import { webCrypto } from "./chance.js";
import { WebhookInvalid } from "./errors.js";
import { checkOptions } from "./options.js";

const TOLERANCE_SECONDS = 300;
const PREFIX = "whsec_";
const VERSION = "v1,";
const HMAC = { name: "HMAC", hash: "SHA-256" };
// Up to beyond the year 5000; longer ones are no time.
const STAMP = /^\d{1,11}$/;
// Ids and signatures are ASCII.
const SIGNED = /^[\x20-\x7e]+$/;
const SENT = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/**
 * Return the message's JSON once its signature and its age are known to be right; throws
 * WebhookInvalid. `body` is the text or the bytes as they came.
 */
export async function verifyWebhook(message) {
  checkOptions("verifyWebhook", message);
  const { secret, headers, body } = message;
  const { toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() / 1000 } = message;
  const [id, stamp, signatures] = SENT.map((name) => headerOf(headers, name));
  if (!STAMP.test(stamp)) {
    throw new WebhookInvalid("The message's timestamp is no number of seconds.");
  }
  if (Math.abs(now - Number(stamp)) > toleranceSeconds) {
    throw new WebhookInvalid(
      `The message is not of the last ${toleranceSeconds} s; it may be an old one sent again, ` +
        "or a clock is wrong.",
    );
  }
  const crypto = webCrypto();
  const key = await keyOf(crypto, secret);
  const signed = signedOf(id, stamp, body);
  for (const signature of signatures.split(" ")) {
    const given = signature.startsWith(VERSION) ? bytesOf(signature.slice(VERSION.length)) : null;
    // Web Crypto compares in constant time.
    if (given && (await crypto.subtle.verify(HMAC, key, given, signed))) return parsed(body);
  }
  throw new WebhookInvalid("No signature of the message is made with this secret.");
}

/** The signature of a message, for tests of one's own receiver. */
export async function signWebhook(message) {
  checkOptions("signWebhook", message);
  const { secret, id, stamp, body } = message;
  const crypto = webCrypto();
  const key = await keyOf(crypto, secret);
  const digest = await crypto.subtle.sign(HMAC, key, signedOf(id, stamp, body));
  return VERSION + textOf(new Uint8Array(digest));
}

function headerOf(headers, name) {
  const isMap = typeof headers.entries === "function";
  const entries = isMap ? headers.entries() : Object.entries(headers);
  const found = [...entries].find(([each]) => each.toLowerCase() === name);
  if (!found?.[1]) throw new WebhookInvalid(`The message has no ${name} header.`);
  const value = String(found[1]);
  if (!SIGNED.test(value)) {
    throw new WebhookInvalid("The message's headers have signs in them that no sender signs.");
  }
  return value;
}

function keyOf(crypto, secret) {
  const bytes = bytesOf(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes?.length) {
    throw new TypeError("The webhook's secret is not of the form whsec_ and base64.");
  }
  return crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign", "verify"]);
}

function signedOf(id, stamp, body) {
  const encoder = new TextEncoder();
  const head = encoder.encode(`${id}.${stamp}.`);
  const rest = typeof body === "string" ? encoder.encode(body) : body;
  const whole = new Uint8Array(head.length + rest.length);
  whole.set(head);
  whole.set(rest, head.length);
  return whole;
}

/** The bytes of base64; null if it is not that, or another text for them than one writes. */
function bytesOf(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
    return textOf(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

function textOf(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function parsed(body) {
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  } catch (cause) {
    throw new WebhookInvalid("The message is signed and is not JSON.", { cause });
  }
}
