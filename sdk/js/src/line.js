/** The way to the service: one fetch at a time, and no more than that. */

import { ofAnother } from "./errors.js";
import { newKey } from "./requests.js";

// A request's own name, which the service sends back with the answer.
const MARK = "X-Client-Request-Id";

/** Sends requests with one API key. `handleOf` makes what a Pending carries. */
export class Line {
  #settings;

  constructor(settings, handleOf) {
    this.#settings = settings;
    this.handleOf = handleOf;
  }

  /** How many seconds a call may take that does not say. */
  get timeoutSeconds() {
    return this.#settings.timeoutSeconds;
  }

  /** Send a request once; its response, and no other's, as soon as the head is there. */
  async open({ method, path, text }, { headers, signal }) {
    const { url, apiKey, fetch } = this.#settings;
    const mark = newKey();
    const response = await fetch(url + path, {
      method,
      signal,
      body: text,
      // An answer that leads elsewhere must not take the API key along.
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      headers: {
        Accept: "application/json, application/problem+json",
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
        [MARK]: mark,
        Authorization: `Bearer ${apiKey}`,
      },
    });
    // What answers twice, and late, lets every answer on that line arrive in the place of the next.
    // A gateway may copy the name: it stands there twice then, or beside one of the gateway's.
    const names = (response.headers.get(MARK) ?? mark).split(",");
    if (names.some((name) => name.trim() === mark)) return response;
    await response.body?.cancel();
    throw ofAnother();
  }

  /** The whole of a response. */
  async read(response) {
    return {
      status: response.status,
      text: await response.text(),
      requestId: response.headers.get("x-request-id"),
      retryAfter: response.headers.get("retry-after"),
    };
  }
}
