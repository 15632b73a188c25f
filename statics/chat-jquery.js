"use strict";

$(() => {
    const longestWait = 5000;
    const longestLog = 500;
    const finalAnswers = [400, 401, 403, 404, 409];
    const words = JSON.parse($("#words").text());
    const address = new URL("test", location.href);

    let socket;
    let attempts = 0;
    // What this page sent and has not seen come back: messages carry no name, so this tells which are ours.
    let awaited = [];

    function connect() {
        const socketAddress = new URL(address);
        socketAddress.protocol = location.protocol === "https:" ? "wss:" : "ws:";
        socket = new WebSocket(socketAddress);
        let opened = 0;

        $(socket).on({
            open() {
                opened = Date.now();
                awaited = [];
                $("#alert").empty();
                showState("connected");
            },
            message(event) {
                receive(event.originalEvent.data);
            },
            close() {
                // A connection that breaks at once is no reason to come back sooner.
                if (opened && Date.now() - opened > longestWait) attempts = 0;
                if (opened) retry();
                else askWhy();
            },
        });
    }

    /** A WebSocket does not tell how its handshake was answered; a plain GET of the same path does. */
    function askWhy() {
        $.get(address.href).then(retry, ({ status, responseText }) => {
            if (!finalAnswers.includes(status)) return retry();
            showState("refused");
            $("#alert").text(`${words.refusedBy} ${status} ${responseText}`);
        });
    }

    /** Waits a random part of a time that doubles, so that many pages do not return at once. */
    function retry() {
        const wait = Math.min(longestWait, 500 * 2 ** attempts++);
        setTimeout(connect, wait * (0.5 + Math.random() / 2));
        showState("reconnecting");
    }

    function receive(text) {
        const position = awaited.indexOf(text);
        awaited.splice(0, position + 1);
        if (position < 0) showMessage("theirs", words.someone, text);
        else showMessage("mine", words.you, text);
    }

    function showMessage(kind, from, text) {
        const $log = $("#log");
        const atEnd = $log.prop("scrollHeight") - $log.scrollTop() - $log.innerHeight() < 80;
        const again = $log.children().last().hasClass(kind);
        // `text` becomes text, never markup.
        $("<article>", { class: kind })
            .toggleClass("again", again)
            .append($("<p>", { class: "from", text: from }), $("<p>", { class: "text", dir: "auto", text }))
            .appendTo($log);
        $log.children().slice(0, -longestLog).remove();
        if (atEnd || kind === "mine") $log.scrollTop($log.prop("scrollHeight"));
    }

    function showState(state) {
        $("#state").attr("data-state", state).text(words[state]);
    }

    $("#compose").on("submit", (event) => {
        event.preventDefault();
        const $text = $("#text").trigger("focus");
        const text = $text.val();
        if (text === "") return;
        const connected = socket.readyState === WebSocket.OPEN;
        $("#alert").text(connected ? "" : words.notSent);
        if (!connected) return;
        socket.send(text);
        awaited.push(text);
        $text.val("");
    });

    showState("connecting");
    connect();
});
