"use strict";

let me = "";
let connection;

/** Asks for a name and joins with it; when the server refuses the name, tells why and asks again. */
function joinWithName(onMessage) {
    page.join.addEventListener("submit", (event) => {
        event.preventDefault();
        join(page.name.value.trim(), onMessage);
    });
    page.leave.addEventListener("click", () => {
        connection.close();
        page.state.textContent = "";
        askName();
    });

    page.name.value = new URLSearchParams(location.search).get("name") ?? "";
    askName();
    if (page.name.value !== "") page.join.requestSubmit();
}

/** What the server says of a message that it did not take; a page may say more of it. */
let onError = showAlert;

function join(name, onMessage) {
    connection?.close();
    me = name;
    // An empty name, or one of dots, would change the path instead of being its last part.
    if (["", ".", ".."].includes(name)) return refuse({ status: 400 });
    showAlert("");
    connection = new Connection(`my_socket/${encodeURIComponent(name)}`, {
        onState(state, refusal) {
            if (state === "refused") return refuse(refusal);
            showState(state);
            if (state === "connected" && !page.join.hidden) showChat(true);
        },
        onMessage(data) {
            const message = JSON.parse(data);
            if (message.error === undefined) onMessage(message);
            else onError(message.error);
        },
    });
}

function refuse(refusal) {
    askName();
    showState("refused", refusal);
}

function askName() {
    showChat(false);
    page.name.select();
}

function showChat(joined) {
    page.join.hidden = joined;
    for (const part of [page.who, page.log, page.compose]) part.hidden = !joined;
    page.me.textContent = me;
    showAlert("");
    const field = joined ? (page.to ?? page.text) : page.name;
    field.focus();
}
