"use strict";

/**
 * A WebSocket that comes back by itself. Each wait is a random part of a time that doubles up to
 * five seconds, so that the pages of a restarted server do not all return in the same instant.
 *
 * `onState(state, refusal)` hears "connecting", "connected", "reconnecting" or "refused"; only the
 * last comes with a refusal `{ status, text }`, and after it the connection stays closed.
 */
class Connection {
    static longestWait = 5000;
    static final = [400, 401, 403, 404, 409];

    #address;
    #onState;
    #onMessage;
    #socket;
    #timer;
    #attempts = 0;
    #closed = false;

    /** `path` is relative to the page, so the page works wherever it is mounted. */
    constructor(path, { onState, onMessage }) {
        this.#address = new URL(path, location.href);
        this.#onState = onState;
        this.#onMessage = onMessage;
        onState("connecting");
        this.#open();
    }

    /** Sends text or bytes; false when there is no connection to send it on. */
    send(data) {
        if (this.#socket.readyState !== WebSocket.OPEN) return false;
        this.#socket.send(data);
        return true;
    }

    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        this.#socket.close();
    }

    #open() {
        const address = new URL(this.#address);
        address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
        const socket = (this.#socket = new WebSocket(address));
        socket.binaryType = "arraybuffer";

        let opened = 0;
        socket.onopen = () => {
            opened = Date.now();
            this.#onState("connected");
        };
        socket.onmessage = (event) => this.#closed || this.#onMessage(event.data);
        socket.onclose = async () => {
            const refusal = opened || this.#closed ? null : await this.#askWhy();
            if (this.#closed) return;
            if (refusal) return this.#onState("refused", refusal);
            // A connection that breaks at once is no reason to come back sooner.
            if (opened && Date.now() - opened > Connection.longestWait) this.#attempts = 0;
            this.#retry();
        };
    }

    #retry() {
        const wait = Math.min(Connection.longestWait, 500 * 2 ** this.#attempts++);
        this.#timer = setTimeout(() => this.#open(), wait * (0.5 + Math.random() / 2));
        this.#onState("reconnecting");
    }

    /** A WebSocket does not tell how its handshake was answered; a plain GET of the same path does. */
    async #askWhy() {
        try {
            const response = await fetch(this.#address, { cache: "no-store" });
            if (!Connection.final.includes(response.status)) return null;
            return { status: response.status, text: await response.text() };
        } catch {
            return null;
        }
    }
}
