"use strict";

joinWithName(({ from_user, chat }) => showMessage("theirs", from_user, chat));

onCompose((chat) => {
    const to_user = page.to.value.trim();
    const sent = connection.send(JSON.stringify({ to_user, chat }));
    // The server delivers to the addressee only, so the page itself shows what was sent.
    if (sent) showMessage("mine", `${words.you} → ${to_user}`, chat);
    return sent;
});
