// Of carafe.js: keep it beside your TypeScript, with carafe.js in a script element of the page before yours.

/** What a room's page is told, and how it connects. */
interface CarafeRoomOptions<Message = unknown> {
    /** The position after which it begins; without it, now. */
    after?: string;
    /** Without a position: so many entries before the end. */
    last?: number;
    /** The ways to try, the best first: "socket", "events", "longPoll", "poll", "iframe". */
    ways?: CarafeRoomWay[];
    /** Fields of the requests that publish, such as X-CSRF-Token. */
    headers?: Record<string, string>;
    /** Milliseconds between two attempts at most: 5000. */
    longestWait?: number;
    /** Milliseconds between two polls: 2000. */
    pollEvery?: number;
    onMessage?(message: Message, position: string): void;
    /** What was said between the two positions is lost. */
    onGap?(gap: { from: string; to: string }): void;
    /** Who is here, sorted, in a room with presence; and who came or went, after the first time. */
    onPresence?(people: string[], change: { joined?: string; left?: string }): void;
    /** "refused" comes with the answer, and is final. */
    onState?(state: CarafeRoomState, detail?: CarafeRoomWay | { status: number; text: string }): void;
    /** What the server says of a message that it did not take on a socket. */
    onError?(reason: string): void;
}

type CarafeRoomWay = "socket" | "events" | "longPoll" | "poll" | "iframe";
type CarafeRoomState = "connecting" | "connected" | "reconnecting" | "paused" | "refused" | "closed";

declare class CarafeRoom<Message = unknown> {
    constructor(url: string | URL, options?: CarafeRoomOptions<Message>);
    /** Up to where it has read; give it back as `after` to go on there. */
    position: string | null;
    /** Who is here, sorted, in a room with presence. */
    people: string[];
    /** Requests made, and bytes received of their bodies, without header fields and frames. */
    requests: number;
    bytes: number;
    /** Publishes, and tries again until it is there; gives its position. */
    send(message: Message): Promise<string>;
    /** Cuts the connection, as a bad network does; it comes back. */
    cut(): void;
    /** Stays away until `resume`, which goes on where it was. */
    pause(): void;
    resume(): void;
    close(): void;
}

/** Where jQuery is loaded before it: triggers `room:message`, `room:gap`, `room:presence`, `room:state`. */
interface JQuery<TElement = HTMLElement> {
    carafeRoom<Message = unknown>(url: string | URL, options?: CarafeRoomOptions<Message>): CarafeRoom<Message>;
}
