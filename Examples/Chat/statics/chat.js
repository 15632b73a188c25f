"use strict";

/** The elements with an id, by that id, and the page's words in its language. */
const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const words = JSON.parse(page.words.textContent);
const { room: url, name: me, token } = document.body.dataset;
const longestLog = 500;
const title = document.title;

/** What makes the log smaller, a keyboard or an alert, does not hide its end from one who reads there. */
let isAtEnd = true;
page.log.addEventListener(
    "scroll",
    () => {
        isAtEnd = page.log.scrollHeight - page.log.scrollTop - page.log.clientHeight < 80;
    },
    { passive: true },
);
new ResizeObserver(() => {
    if (isAtEnd) page.log.scrollTop = page.log.scrollHeight;
}).observe(page.log);

/** Lines of ours that the server has, by their position, until they come back by the room. */
const sent = new Map();
const shown = new Set();
let unread = 0;
let to = null;
let turn = Promise.resolve();

const room = new CarafeRoom(url, {
    last: 100,
    headers: { "X-CSRF-Token": token },
    onMessage(line, position) {
        show(line);
        shown.add(position);
        if (shown.size > longestLog) shown.delete(shown.values().next().value);
        confirm(position);
        if (document.hidden) document.title = `(${++unread}) ${title}`;
    },
    onGap(gap) {
        if (page.log.childElementCount > 0) append(note(words.gap, "gap"));
        // What the server has lost does not come back; what it has got since then still comes.
        for (const [position, line] of sent) {
            if (isAfter(position, gap.to)) continue;
            fail(line);
            sent.delete(position);
        }
    },
    onPresence(people, { joined, left }) {
        showPeople(people);
        const name = joined ?? left;
        if (name && name !== me) append(note(fill(words[joined ? "joined" : "left"], name)));
    },
    onState(state, answer) {
        page.state.dataset.state = state;
        page.state.textContent = words[state] ?? "";
        // The name is no longer ours: the page asks for one.
        if (state !== "refused") return;
        if (answer.status === 401) location.reload();
        else page.alert.textContent = answer.text;
    },
});

/** Whether a position is of the same log as another one, and behind it. */
function isAfter(position, other) {
    const [[offset, epoch], [end, log]] = [position.split("-"), other.split("-")];
    return epoch === log && Number(offset) > Number(end);
}

// What the page shows

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.dir = "auto";
    made.textContent = text;
    return made;
}

/** A function, since a name may look like a pattern. */
const fill = (text, name) => text.replace("{name}", () => name);

function note(text, kind = "") {
    return element("p", `note ${kind}`, text);
}

function lineElement({ from, to, text, at }) {
    const line = element("article", from === me ? "mine" : "theirs");
    const head = element("p", "from");
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    head.append(element("b", "", from === me ? words.you : from), " ", element("span", "", time));
    if (to) {
        line.classList.add("private");
        const label = from === me ? fill(words.privateTo, to) : words.private;
        head.append(" ", element("em", "", label));
    }
    line.append(head, element("p", "text", text));
    return line;
}

/** Keeps to the end of the log, unless somebody reads further up. */
function append(element) {
    const { log } = page;
    const wasAtEnd = isAtEnd;
    // What is being sent stays the last.
    const pending = log.querySelector(".pending");
    if (pending && !element.classList.contains("pending")) pending.before(element);
    else log.append(element);
    while (log.childElementCount > longestLog) log.firstElementChild.remove();
    if (wasAtEnd || element.classList.contains("mine")) log.scrollTop = log.scrollHeight;
}

const show = (line) => append(lineElement(line));

function showPeople(people) {
    page.people.replaceChildren(
        ...people.map((name) => {
            const item = document.createElement("li");
            const button = element("button", name === me ? "plain small me" : "plain small", name);
            button.type = "button";
            button.disabled = name === me;
            button.addEventListener("click", () => address(name));
            item.append(button);
            return item;
        }),
    );
}

/** For whom alone the next lines are; null for everybody. */
function address(name) {
    to = name;
    page.to.hidden = name === null;
    page.to.querySelector("b").textContent = name ?? "";
    page.text.focus();
}

// What the page sends

function say(text, to) {
    const line = lineElement({ from: me, to, text, at: Date.now() });
    append(line);
    deliver(line, text, to);
}

/** Sends what a line holds, after the lines before it; what cannot be sent may be tried again. */
function deliver(line, text, to) {
    line.classList.remove("failed");
    line.classList.add("pending");
    line.dataset.state = words.sending;
    line.retry = () => deliver(line, text, to);
    turn = turn.then(() => send(line, text, to));
}

async function send(line, text, to) {
    try {
        const position = await room.send(to ? { text, to } : { text });
        sent.set(position, line);
        confirm(position);
    } catch (error) {
        // The name is no longer ours: the page asks for one.
        if (error.status === 401) return location.reload();
        if (error.status === 429) {
            // Too fast: it waits, and so do those behind it.
            await new Promise((done) => setTimeout(done, 1000));
            return send(line, text, to);
        }
        fail(line);
        page.alert.textContent = error.status === 404 ? fill(words.nobody, to) : error.message;
    }
}

function fail(line) {
    delete line.dataset.state;
    line.classList.replace("pending", "failed");
    const status = element("p", "status", `${words.failed} · `);
    const button = element("button", "plain small", words.retry);
    button.type = "button";
    button.addEventListener("click", () => {
        status.remove();
        page.alert.textContent = "";
        page.text.focus();
        line.retry();
    });
    status.append(button);
    line.append(status);
}

/** A line that the server has, and that has come back, stands there twice: the first one goes. */
function confirm(position) {
    if (!shown.has(position) || !sent.has(position)) return;
    sent.get(position).remove();
    sent.delete(position);
}

page.compose.addEventListener("submit", (event) => {
    event.preventDefault();
    page.alert.textContent = "";
    if (page.text.value.trim() !== "") say(page.text.value, to);
    page.text.value = "";
    page.text.focus();
});
page.to.querySelector("button").addEventListener("click", () => address(null));
document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
});
