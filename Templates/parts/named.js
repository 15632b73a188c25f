"use strict";

joinWithName(({ from_user, chat }) => {
    const mine = from_user === me;
    showMessage(mine ? "mine" : "theirs", mine ? words.you : from_user, chat);
});

onCompose((chat) => connection.send(JSON.stringify({ chat })));
