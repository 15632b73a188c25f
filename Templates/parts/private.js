"use strict";

/** What was sent, as (addressee, bubble), the newest last. */
let sent = [];

joinWithName(({ from_user, chat }) => showMessage("theirs", from_user, chat));

// It names the addressee; of several to the same one the newest failed, since nobody comes without a word.
onError = (text) => {
    const failed = sent.findLastIndex(([to]) => text.startsWith(`${to} `));
    if (failed >= 0) {
        const [[, message]] = sent.splice(failed, 1);
        message.classList.add("failed");
        message.dataset.state = words.failed;
    }
    showAlert(text);
};

onCompose((chat) => {
    const to_user = page.to.value.trim();
    const isSent = connection.send(JSON.stringify({ to_user, chat }));
    // The server delivers to the addressee only, so the page itself shows what was sent.
    if (isSent) sent = [...sent.slice(-50), [to_user, showMessage("mine", `${words.you} → ${to_user}`, chat)]];
    return isSent;
});
