"use strict";

const largestFile = 64 * 1024;

const connection = new Connection("my_socket", {
    onState: showState,
    onMessage: (data) => showData("theirs", words.server, data),
});

onCompose(send);

page.file.addEventListener("change", async () => {
    const [file] = page.file.files;
    if (!file) return;
    if (file.size > largestFile) {
        showAlert(words.fileTooLarge);
    } else {
        showAlert(send(await file.arrayBuffer()) ? "" : words.notSent);
    }
    page.file.value = "";
});

function send(data) {
    const sent = connection.send(data);
    if (sent) showData("mine", words.you, data);
    return sent;
}

function showData(kind, from, data) {
    const isBytes = data instanceof ArrayBuffer;
    showMessage(kind, from, isBytes ? describe(data) : data, isBytes);
}

/** The number of bytes, and the first of them in hexadecimal. */
function describe(data) {
    const digits = [...new Uint8Array(data, 0, Math.min(data.byteLength, 32))].map((byte) =>
        byte.toString(16).padStart(2, "0"),
    );
    return `${data.byteLength} ${words.bytes}\n${digits.join(" ")}${data.byteLength > 32 ? " …" : ""}`;
}
