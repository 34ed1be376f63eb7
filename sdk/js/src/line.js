/** The way to the service: one fetch at a time, and no more than that. */

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

  /** Send a request once; the response as soon as its head is there. */
  open({ method, path, text }, { headers, signal }) {
    const { url, apiKey, fetch } = this.#settings;
    return fetch(url + path, {
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
        Authorization: `Bearer ${apiKey}`,
      },
    });
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
