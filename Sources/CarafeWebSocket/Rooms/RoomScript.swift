/// The browser's side of a room's route, `carafe.js`.
enum RoomScript {
    static let source = #"""
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
            #isClosed = false;
            #sent = Promise.resolve();

            constructor(url, options = {}) {
                this.#url = new URL(url, location.href);
                this.#options = {
                    ways: CarafeRoom.ways, longestWait: 5000, pollEvery: 2000,
                    onMessage() {}, onGap() {}, onPresence() {}, onState() {}, onError() {}, ...options,
                };
                this.position = options.after ?? null;
                this.#open();
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
                        const response = await fetch(this.#url, {
                            method: "POST",
                            headers: {
                                "Content-Type": "application/json", "Idempotency-Key": key, ...this.#options.headers,
                            },
                            body,
                        });
                        if (response.ok) return (await response.json()).id;
                        if (response.status < 500) {
                            throw Object.assign(new Error(await response.text()), { status: response.status });
                        }
                    } catch (error) {
                        if (error.status) throw error;
                    }
                    await new Promise((done) => setTimeout(done, this.#pause(tries)));
                }
                throw new Error("closed");
            }

            /** Cuts what connects it now, as a bad network does; it comes back. */
            cut() {
                if (this.#isClosed) return;
                this.#stop();
                this.#turn++;
                this.#retry();
            }

            close() {
                this.#isClosed = true;
                clearTimeout(this.#timer);
                this.#turn++;
                this.#stop();
                this.#options.onState("closed");
            }

            #open() {
                if (this.#isClosed) return;
                const { ways, onState, longestWait } = this.#options;
                const way = ways[this.#way % ways.length];
                const turn = ++this.#turn;
                let openedAt = 0;
                const isCurrent = () => turn === this.#turn && !this.#isClosed;
                const opened = () => {
                    if (!isCurrent() || openedAt) return;
                    openedAt = Date.now();
                    onState("connected", way);
                };
                const failed = async () => {
                    if (!isCurrent()) return;
                    clearTimeout(deadline);
                    this.#stop();
                    const next = ++this.#turn;
                    if (openedAt) {
                        if (Date.now() - openedAt > longestWait) this.#tries = 0;
                    } else {
                        const answer = await this.#ask();
                        if (next !== this.#turn || this.#isClosed) return;
                        if (answer && CarafeRoom.final.includes(answer.status)) return onState("refused", answer);
                        // The server is there, so it is this way that is not.
                        if (answer && answer.status < 500 && answer.status !== 429) this.#way++;
                    }
                    this.#retry();
                };
                const deadline = setTimeout(() => openedAt || failed(), longestWait);
                if (this.#tries === 0) onState("connecting", way);
                if (!isCurrent()) return clearTimeout(deadline);
                const begin = {
                    socket: this.#socket, events: this.#events, iframe: this.#iframe,
                    longPoll: (opened, failed, take) => this.#polls(25, opened, failed, take),
                    poll: (opened, failed, take) => this.#polls(0, opened, failed, take),
                }[way];
                this.requests++;
                this.#stop = begin.call(this, opened, failed, (item) => isCurrent() && (opened(), this.#take(item)));
            }

            #retry() {
                this.#options.onState("reconnecting");
                clearTimeout(this.#timer);
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
                    const response = await fetch(this.#address(), { cache: "no-store" });
                    return { status: response.status, text: response.ok ? "" : await response.text() };
                } catch {
                    return null; // Nobody is there.
                }
            }

            // The ways: each begins, and gives what ends it.

            #socket(opened, failed, take) {
                const url = this.#address();
                url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
                const socket = new WebSocket(url);
                socket.onopen = opened;
                socket.onmessage = ({ data }) => {
                    this.bytes += data.length;
                    take(JSON.parse(data));
                };
                socket.onclose = failed;
                return () => {
                    socket.onclose = null;
                    socket.close();
                };
            }

            #events(opened, failed, take) {
                const source = new EventSource(this.#address());
                const hear = (name, part) => source.addEventListener(name, ({ lastEventId, data }) => {
                    this.bytes += lastEventId.length + data.length;
                    take({ id: lastEventId, ...part(data) });
                });
                hear("presence", JSON.parse);
                hear("position", () => ({}));
                hear("message", (data) => ({ data: JSON.parse(data) }));
                hear("gap", (data) => ({ gap: JSON.parse(data) }));
                source.onopen = opened;
                // It would come back by itself, but not with a pause of our own.
                source.onerror = failed;
                return () => source.close();
            }

            #iframe(opened, failed, take) {
                const callback = "carafe" + Math.random().toString(36).slice(2);
                const frame = document.createElement("iframe");
                let watch;
                window[callback] = (item) => {
                    // A stream that breaks off tells nobody; one that is there says something every five seconds.
                    clearTimeout(watch);
                    watch = setTimeout(failed, 12_000);
                    this.bytes += JSON.stringify(item).length;
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
                    clearTimeout(watch);
                    frame.onload = null;
                    frame.remove();
                    window[callback] = () => {};
                };
            }

            #polls(wait, opened, failed, take) {
                const abort = new AbortController();
                // The first answer comes at once, and so tells that this way works.
                let isFirst = true;
                const once = async () => {
                    const wants = isFirst ? { here: 1 } : wait ? { wait } : {};
                    isFirst = false;
                    const response = await fetch(this.#address(wants), {
                        cache: "no-store", headers: { Accept: "application/json" }, signal: abort.signal,
                    });
                    if (!response.ok) throw new Error(response.status);
                    const text = await response.text();
                    this.bytes += text.length;
                    opened();
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
                const trigger = (name) => (...values) => this.trigger(`room:${name}`, values);
                return new CarafeRoom(url, {
                    onMessage: trigger("message"), onGap: trigger("gap"), onPresence: trigger("presence"),
                    onState: trigger("state"), onError: trigger("error"),
                    ...options,
                });
            };
        }

        """#
}
