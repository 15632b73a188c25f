"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const panels = document.getElementById("panels");
/** The browser's own name: only what it sent itself was timed by this clock. */
const clock = (() => {
    try {
        return (localStorage.clock ??= String(Math.random()));
    } catch {
        return String(Math.random());
    }
})();

/** Sends, and knows where the log ends, whatever the panels do; it is in none of their figures. */
const sender = new CarafeRoom("room");
["poll", "longPoll", "iframe", "events", "socket"].forEach(makePanel);

function place(position) {
    const [offset, epoch] = (position ?? "0-").split("-");
    return { offset: Number(offset), epoch };
}

/** A panel that reads the room by one way only. */
function makePanel(way) {
    const panel = document.getElementById("panel").content.firstElementChild.cloneNode(true);
    const part = (name) => panel.querySelector(name);
    const log = part("ol");
    panel.id = way;
    part("h2").textContent = words[way];
    log.setAttribute("aria-label", words[way]);
    panels.append(panel);
    // Another width of the page makes other lines of the same text: the end stays in view all the same.
    let isAtEnd = true;
    log.addEventListener(
        "scroll",
        () => {
            isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
        },
        { passive: true },
    );
    new ResizeObserver(() => {
        if (isAtEnd) log.scrollTop = log.scrollHeight;
    }).observe(log);
    const show = (text, kind = "") => {
        const line = document.createElement("li");
        line.textContent = text;
        line.className = kind;
        log.append(line);
        if (log.children.length > 200) log.firstElementChild.remove();
        if (isAtEnd) log.scrollTop = log.scrollHeight;
        return line;
    };
    let connectedAt = Infinity;
    let isCut = false;
    /** Up to where it catches up after a cut, and the line that counts. */
    let missed = null;
    let note = null;
    const isLate = (position) => {
        const { offset, epoch } = place(position);
        return missed !== null && epoch === missed.epoch && offset <= missed.offset;
    };
    const room = new CarafeRoom("room", {
        ways: [way],
        last: 20,
        pollEvery: 1000,
        onMessage({ text, at, by }, position) {
            if (isLate(position)) {
                note ??= Object.assign(show("", "note"), { count: 0 });
                note.textContent = words.caughtUp.replace("{count}", ++note.count);
                return show(text, "late");
            }
            missed = note = null;
            show(text);
            if (by === clock && at >= connectedAt) part(".delay").textContent = `${Date.now() - at} ms`;
        },
        onGap: ({ from, to }) => show(words.gap.replace("{from}", from).replace("{to}", to), "gap"),
        onState(state) {
            part(".state").dataset.state = state;
            part(".state").textContent = words[state] ?? state;
            connectedAt = state === "connected" ? Date.now() : Infinity;
        },
    });
    const button = part("button");
    const showButton = () => {
        button.textContent = isCut ? words.resume : words.cut;
        button.setAttribute("aria-label", `${button.textContent}: ${words[way]}`);
    };
    button.addEventListener("click", () => {
        isCut = !isCut;
        showButton();
        if (isCut) return room.pause();
        missed = place(sender.position);
        note = null;
        room.resume();
    });
    showButton();
    setInterval(() => {
        part(".requests").textContent = room.requests;
        part(".bytes").textContent = room.bytes.toLocaleString();
    }, 250);
}

async function say(text) {
    try {
        await sender.send({ text, at: Date.now(), by: clock });
        document.getElementById("alert").textContent = "";
    } catch (error) {
        document.getElementById("alert").textContent = error.message;
    }
}

const field = document.getElementById("text");
document.getElementById("compose").addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value !== "") say(field.value);
    field.value = "";
    field.focus();
});

let talking;
let ticks = 0;
document.getElementById("talk").addEventListener("click", ({ target }) => {
    clearInterval(talking);
    const isOn = target.getAttribute("aria-pressed") !== "true";
    target.setAttribute("aria-pressed", isOn);
    if (isOn) talking = setInterval(() => say(`${words.hello} ${++ticks}`), 1000);
});
