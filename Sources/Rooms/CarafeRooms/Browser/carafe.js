"use strict";

/**
 * One room of a Carafe server, by the best way that works: a WebSocket, server-sent events, long polling, polling; a
 * hidden iframe where it is asked for. It comes back by itself, at its position: what was said meanwhile is not lost, and
 * what the server no longer has is told by `onGap`.
 */
class CarafeRoom {
    static ways = ["socket", "events", "longPoll", "poll"];
    static final = [400, 401, 403, 404];

    position = null;
    /** Who is here, where the room tells. */
    people = [];
    /** What it cost up to now. */
    requests = 0;
    bytes = 0;

    #url;
    #options;
    #way = 0;
    #tries = 0;
    /** Counts the attempts, so that what is left of an earlier one is not heard. */
    #turn = 0;
    #stop = () => {};
    #timer;
    /** When something came last, and for how many milliseconds nothing may come. */
    #heardAt = 0;
    #silence = Infinity;
    #watch;
    #isClosed = false;
    #isPaused = false;
    #isWaiting = false;
    #listening = new AbortController();
    #sent = Promise.resolve();

    constructor(url, options = {}) {
        this.#url = new URL(url, location.href);
        this.#options = {
            ways: CarafeRoom.ways,
            longestWait: 5000,
            pollEvery: 2000,
            onMessage() {},
            onGap() {},
            onPresence() {},
            onState() {},
            onError() {},
            ...options,
        };
        this.position = options.after ?? null;
        const { signal } = this.#listening;
        for (const name of ["online", "offline", "pageshow"]) addEventListener(name, this.#look, { signal });
        document.addEventListener("visibilitychange", this.#look, { signal });
        this.#open();
    }

    /** The network or the page has come or gone: it does not wait for a time to pass. */
    #look = ({ type, persisted }) => {
        if (this.#isClosed || this.#isPaused) return;
        const isLate = Date.now() - this.#heardAt > this.#silence;
        if (type === "offline") this.cut();
        else if (type === "online" || persisted || (!document.hidden && (this.#isWaiting || isLate))) this.#again();
    };

    #again() {
        this.#leave();
        this.#tries = 0;
        this.#open();
    }

    /** Ends what connects it now. */
    #leave() {
        clearTimeout(this.#timer);
        clearTimeout(this.#watch);
        this.#isWaiting = false;
        this.#turn++;
        this.#stop();
        this.#stop = () => {};
    }

    static #encoder = new TextEncoder();
    static #size = (text) => CarafeRoom.#encoder.encode(text).length;

    /** A fetch that does not wait for ever; `send` would, and so would what asks why it was refused. */
    async #fetch(url, options, time) {
        const abort = new AbortController();
        const timer = setTimeout(() => abort.abort(), time);
        try {
            const response = await fetch(url, { ...options, signal: abort.signal });
            return { ok: response.ok, status: response.status, text: await response.text() };
        } finally {
            clearTimeout(timer);
        }
    }

    /** Publishes, and tries again until it is there, one after the other; gives its position, or throws what the server said. */
    send(data) {
        const sent = this.#sent.then(() => this.#send(data));
        this.#sent = sent.catch(() => {});
        return sent;
    }

    async #send(data) {
        // What cannot be sent throws here, and is not tried again.
        const body = JSON.stringify(data);
        const key = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 10)).join("");
        for (let tries = 0; !this.#isClosed; tries++) {
            try {
                this.requests++;
                const { ok, status, text } = await this.#fetch(
                    this.#url,
                    {
                        method: "POST",
                        headers: {
                            "Content-Type": "application/json",
                            "Idempotency-Key": key,
                            ...this.#options.headers,
                        },
                        body,
                    },
                    30_000,
                );
                if (ok) return JSON.parse(text).id;
                if (status < 500) throw Object.assign(new Error(text), { status });
            } catch (error) {
                if (error.status) throw error;
            }
            await new Promise((done) => setTimeout(done, this.#pause(tries)));
        }
        throw new Error("closed");
    }

    /** Cuts what connects it now, as a bad network does; it comes back. */
    cut() {
        if (this.#isClosed || this.#isPaused) return;
        this.#leave();
        this.#retry();
    }

    /** Stays away until `resume`, which goes on where it was; what is sent meanwhile is sent. */
    pause() {
        if (this.#isClosed) return;
        this.#isPaused = true;
        this.#leave();
        this.#options.onState("paused");
    }

    resume() {
        if (!this.#isPaused) return;
        this.#isPaused = false;
        this.#again();
    }

    close() {
        this.#isClosed = true;
        this.#listening.abort();
        this.#leave();
        this.#options.onState("closed");
    }

    #open() {
        if (this.#isClosed || this.#isPaused) return;
        const { ways, onState, longestWait, pollEvery } = this.#options;
        this.#isWaiting = false;
        this.#heardAt = Date.now();
        const way = ways[this.#way % ways.length];
        const turn = ++this.#turn;
        let openedAt = 0;
        // By which the server says something, or is asked; twice that is too long. A socket is told its own.
        const beat = { socket: 20, events: 15, iframe: 5, longPoll: 25, poll: pollEvery / 1000 }[way];
        this.#silence = beat * 2000 + 5000;
        const isCurrent = () => turn === this.#turn && !this.#isClosed;
        const opened = () => {
            if (!isCurrent() || openedAt) return;
            openedAt = Date.now();
            heard();
            onState("connected", way);
        };
        const failed = async () => {
            if (!isCurrent()) return;
            clearTimeout(deadline);
            this.#leave();
            const next = this.#turn;
            if (openedAt) {
                if (Date.now() - openedAt > longestWait) this.#tries = 0;
            } else {
                const answer = await this.#ask();
                if (next !== this.#turn || this.#isClosed) return;
                if (answer && CarafeRoom.final.includes(answer.status)) {
                    this.#listening.abort();
                    return onState("refused", answer);
                }
                // The server is there, so it is this way that is not.
                if (answer && answer.status < 500 && answer.status !== 429) this.#way++;
            }
            this.#retry();
        };
        const heard = () => {
            if (!isCurrent()) return;
            this.#heardAt = Date.now();
            clearTimeout(this.#watch);
            // A network may swallow everything, and tell nobody.
            this.#watch = setTimeout(failed, this.#silence);
        };
        const deadline = setTimeout(() => openedAt || failed(), longestWait);
        if (this.#tries === 0) onState("connecting", way);
        if (!isCurrent()) return clearTimeout(deadline);
        const begin = {
            socket: this.#socket,
            events: this.#events,
            iframe: this.#iframe,
            longPoll: (failed, take) => this.#polls(25, failed, take),
            poll: (failed, take) => this.#polls(0, failed, take),
        }[way];
        this.requests++;
        this.#stop = begin.call(this, failed, (item) => {
            if (!isCurrent()) return;
            opened();
            if (item.beat) this.#silence = item.beat * 2000 + 5000;
            heard();
            this.#take(item);
        });
    }

    #retry() {
        this.#options.onState("reconnecting");
        clearTimeout(this.#timer);
        this.#isWaiting = true;
        this.#timer = setTimeout(() => this.#open(), this.#pause(this.#tries++));
    }

    /** A random part of a time that doubles, so that not all pages come back in the same instant. */
    #pause(tries) {
        return Math.min(this.#options.longestWait, 250 * 2 ** tries) * (0.5 + Math.random() / 2);
    }

    #address(parameters = {}) {
        const url = new URL(this.#url);
        if (this.position !== null) url.searchParams.set("after", this.position);
        else if (this.#options.last !== undefined) url.searchParams.set("last", this.#options.last);
        for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
        return url;
    }

    #take(item) {
        const { onMessage, onGap, onError } = this.#options;
        if (item.error !== undefined) return onError(item.error);
        if (item.here || item.joined || item.left) this.#count(item);
        if (item.id === undefined) return;
        const [offset, epoch] = item.id.split("-");
        const [known, knownEpoch] = (this.position ?? "").split("-");
        if (item.data !== undefined && epoch === knownEpoch && Number(offset) <= Number(known)) return;
        this.position = item.id;
        if (item.gap) onGap(item.gap);
        else if (item.data !== undefined) onMessage(item.data, item.id);
    }

    #count({ here, joined, left }) {
        const people = new Set(here ?? this.people);
        if (joined) people.add(joined);
        people.delete(left);
        this.people = [...people].sort();
        this.#options.onPresence(this.people, { joined, left });
    }

    /** A browser does not tell a page why a socket or a stream was refused; a plain GET does. */
    async #ask() {
        try {
            const answer = await this.#fetch(this.#address(), { cache: "no-store" }, this.#options.longestWait);
            return answer.ok ? { ...answer, text: "" } : answer;
        } catch {
            return null; // Nobody is there.
        }
    }

    // The ways: each begins, and gives what ends it. One is connected when its first item has come, and so knows where it is:
    // an open connection that is cut before would come back now, and not hear what was said meanwhile.

    #socket(failed, take) {
        const url = this.#address({ beat: 1 });
        url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
        const socket = new WebSocket(url);
        socket.onmessage = ({ data }) => {
            this.bytes += CarafeRoom.#size(data);
            take(JSON.parse(data));
        };
        socket.onclose = failed;
        return () => {
            socket.onclose = null;
            socket.close();
        };
    }

    #events(failed, take) {
        const source = new EventSource(this.#address());
        const hear = (name, part) =>
            source.addEventListener(name, ({ lastEventId, data }) => {
                const type = name === "message" ? "" : `event: ${name}\n`;
                this.bytes += CarafeRoom.#size(`id: ${lastEventId}\n${type}data: ${data}\n\n`);
                take({ id: lastEventId, ...part(data) });
            });
        hear("presence", JSON.parse);
        hear("position", () => ({}));
        hear("message", (data) => ({ data: JSON.parse(data) }));
        hear("gap", (data) => ({ gap: JSON.parse(data) }));
        // It would come back by itself, but not with a pause of our own.
        source.onerror = failed;
        return () => source.close();
    }

    #iframe(failed, take) {
        const callback = "carafe" + Math.random().toString(36).slice(2);
        const frame = document.createElement("iframe");
        window[callback] = (item) => {
            this.bytes += CarafeRoom.#size(`<script>parent.${callback}(${JSON.stringify(item)})</script>\n`);
            take(item);
        };
        frame.hidden = true;
        frame.src = this.#address({ stream: "iframe", callback });
        // It loads for as long as the stream goes on.
        frame.onload = failed;
        // Not before the page has loaded, which would wait for the end of the stream.
        let isStopped = false;
        const begin = () => isStopped || document.body.append(frame);
        if (document.readyState === "complete") begin();
        else window.addEventListener("load", () => setTimeout(begin), { once: true });
        return () => {
            isStopped = true;
            frame.onload = null;
            frame.remove();
            window[callback] = () => {};
        };
    }

    #polls(wait, failed, take) {
        const abort = new AbortController();
        // The first answer comes at once, and so tells that this way works.
        let isFirst = true;
        const once = async () => {
            const wants = isFirst ? { here: 1 } : wait ? { wait } : {};
            isFirst = false;
            const response = await fetch(this.#address(wants), {
                cache: "no-store",
                headers: { Accept: "application/json" },
                signal: abort.signal,
            });
            if (!response.ok) throw new Error(response.status);
            const text = await response.text();
            this.bytes += CarafeRoom.#size(text);
            take({});
            if (text !== "") {
                const { position, gap, here, entries } = JSON.parse(text);
                if (gap) take({ id: gap.to, gap });
                if (here) take({ here });
                entries.forEach(take);
                take({ id: position });
            }
        };
        const go = async () => {
            while (!abort.signal.aborted) {
                await once();
                if (!wait) await new Promise((done) => setTimeout(done, this.#options.pollEvery));
                this.requests++;
            }
        };
        go().catch(failed);
        return () => abort.abort();
    }
}

/** With jQuery: `$("#chat").carafeRoom("/rooms/tea")` triggers `room:message`, `room:gap`, `room:presence` and `room:state`. */
if (window.jQuery) {
    window.jQuery.fn.carafeRoom = function (url, options = {}) {
        const trigger =
            (name) =>
            (...values) =>
                this.trigger(`room:${name}`, values);
        return new CarafeRoom(url, {
            onMessage: trigger("message"),
            onGap: trigger("gap"),
            onPresence: trigger("presence"),
            onState: trigger("state"),
            onError: trigger("error"),
            ...options,
        });
    };
}
