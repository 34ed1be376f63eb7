/** Server-sent events, as the HTML standard has them: with each of its line ends, and a BOM. */

/** Makes messages of the pieces of one stream. */
export class Messages {
  // It leaves out a BOM.
  #decoder = new TextDecoder();
  #rest = "";
  #endsInReturn = false;
  #event = "";
  #data = [];

  /** The messages that have become whole with this piece. */
  *take(bytes) {
    const piece = this.#decoder.decode(bytes, { stream: true });
    if (piece === "") return;
    // Of a line end of two signs, each may come by itself.
    const isSecondSign = this.#endsInReturn && piece.startsWith("\n");
    this.#endsInReturn = piece.endsWith("\r");
    const rows = (this.#rest + piece.slice(isSecondSign ? 1 : 0)).split(/\r\n|\r|\n/);
    this.#rest = rows.pop();
    for (const row of rows) {
      if (row !== "") this.#add(row);
      else yield* this.#whole();
    }
  }

  #add(row) {
    const colon = row.indexOf(":");
    const name = colon < 0 ? row : row.slice(0, colon);
    const value = colon < 0 ? "" : row.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    if (name === "data") this.#data.push(value);
  }

  *#whole() {
    const message = { event: this.#event, text: this.#data.join("\n") };
    this.#event = "";
    this.#data = [];
    if (message.event || message.text) yield message;
  }
}
