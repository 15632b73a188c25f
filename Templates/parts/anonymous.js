"use strict";

/** What this page sent and has not seen come back: messages carry no name, so this tells which are ours. */
let awaited = [];

const connection = new Connection("my_socket", {
    onState(state, refusal) {
        awaited = [];
        showState(state, refusal);
    },
    onMessage(text) {
        const position = awaited.indexOf(text);
        awaited.splice(0, position + 1);
        if (position < 0) showMessage("theirs", words.someone, text);
        else showMessage("mine", words.you, text);
    },
});

onCompose((text) => {
    const sent = connection.send(text);
    if (sent) awaited.push(text);
    return sent;
});
