"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const panels = document.getElementById("panels");
const rooms = ["poll", "longPoll", "iframe", "events", "socket"].map(makePanel);

/** A panel that reads the room by one way only. */
function makePanel(way) {
    const panel = document.getElementById("panel").content.firstElementChild.cloneNode(true);
    const part = (name) => panel.querySelector(name);
    panel.id = way;
    part("h2").textContent = words[way];
    panels.append(panel);
    const show = (text, isGap) => {
        const line = document.createElement("li");
        line.textContent = text;
        line.className = isGap ? "gap" : "";
        part("ol").append(line);
        if (part("ol").children.length > 200) part("ol").firstElementChild.remove();
        part("ol").scrollTop = part("ol").scrollHeight;
    };
    const room = new CarafeRoom("room", {
        ways: [way], last: 20, pollEvery: 1000,
        onMessage({ text, at }) {
            show(text);
            part(".delay").textContent = `${Math.max(0, Math.round(Date.now() - at))} ms`;
        },
        onGap: ({ from, to }) => show(words.gap.replace("{from}", from).replace("{to}", to), true),
        onState(state) {
            part(".state").dataset.state = state;
            part(".state").textContent = words[state] ?? state;
        },
    });
    part("button").addEventListener("click", () => room.cut());
    setInterval(() => {
        part(".requests").textContent = room.requests;
        part(".bytes").textContent = room.bytes.toLocaleString();
    }, 250);
    return room;
}

async function say(text) {
    try {
        await rooms[0].send({ text, at: Date.now() });
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
