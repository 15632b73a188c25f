"use strict";

/** The elements with an id, by that id, and the page's words in its language. */
const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const words = JSON.parse(page.words.textContent);

const longestLog = 500;

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

/** Adds a message to the log; `kind` is "mine" or "theirs". */
function showMessage(kind, from, text, isBytes = false) {
    const wasAtEnd = isAtEnd;
    const previous = page.log.lastElementChild;
    const message = document.createElement("article");
    message.classList.add(kind);
    message.classList.toggle("bytes", isBytes);
    const again = previous !== null && previous.matches(`.${kind}`) && previous.firstElementChild.textContent === from;
    message.classList.toggle("again", again);
    message.append(newParagraph("from", from), newParagraph("text", text));
    page.log.append(message);
    if (page.log.children.length > longestLog) page.log.firstElementChild.remove();
    if (wasAtEnd || kind === "mine") page.log.scrollTop = page.log.scrollHeight;
    return message;
}

/** What others wrote becomes text, never markup. */
function newParagraph(name, text) {
    const paragraph = document.createElement("p");
    paragraph.className = name;
    paragraph.dir = "auto";
    paragraph.textContent = text;
    return paragraph;
}

function showAlert(text) {
    page.alert.textContent = text;
}

function showState(state, refusal) {
    page.state.dataset.state = state;
    page.state.textContent = words[state];
    if (refusal) showAlert(reasonFor(refusal));
    if (state === "connected") showAlert("");
}

function reasonFor({ status, text }) {
    if (status === 409) return words.nameTaken;
    if (status === 400) return words.nameInvalid;
    return `${words.refusedBy} ${status} ${text}`;
}

/** Hands each text to `send`; the field is emptied, and keeps the focus, once `send` returns true. */
function onCompose(send) {
    page.compose.addEventListener("submit", (event) => {
        event.preventDefault();
        page.text.focus();
        if (page.text.value === "") return;
        const sent = send(page.text.value);
        showAlert(sent ? "" : words.notSent);
        if (sent) page.text.value = "";
    });
}
