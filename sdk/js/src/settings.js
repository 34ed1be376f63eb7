/** What a client is told at its making. */

export const VERSION = "0.1.0";
export const TIMEOUT_SECONDS = 60;
const API = "/api/v1";

/** Check them; throws a TypeError that names what is wrong and what to do. */
export function settingsOf(apiKey, { baseUrl, timeoutSeconds = TIMEOUT_SECONDS, fetch } = {}) {
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError(
      "The API key is empty or no API key; make one with manage.py create_api_key.",
    );
  }
  const said = baseUrl ?? globalThis.process?.env?.DO_API_URL;
  if (!said) {
    throw new TypeError(
      "Where the service is was not said; set DO_API_URL or give baseUrl, such as " +
        "https://actions.example.com.",
    );
  }
  if (!isSite(said)) {
    const shown = said.replace(/\/\/[^/]*@/, "//…@");
    throw new TypeError(
      `The base URL ${shown} is not one of http or https with a host, a port and a path alone.`,
    );
  }
  const site = said.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
  return {
    apiKey,
    timeoutSeconds,
    url: site + API,
    fetch: fetch ?? ((...sent) => globalThis.fetch(...sent)),
  };
}

function isSite(said) {
  if (!/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(said)) return false;
  try {
    const { hostname, port } = new URL(said);
    return port !== "0" && !/^\.|\.\./.test(hostname);
  } catch {
    return false;
  }
}
