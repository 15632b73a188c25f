"""The TypeScript types of carafe.js, by the compiler."""

import subprocess
import urllib.request

import pytest

GOOD = """
interface Note { text: string }
const room = new CarafeRoom<Note>("/rooms/tea", {
    last: 20,
    ways: ["socket", "events"],
    onMessage(message, position) { document.title = message.text + position; },
    onGap({ from, to }) { document.title = from + to; },
    onPresence(people, change) { document.title = people.join() + (change.joined ?? change.left ?? ""); },
    onState(state, detail) { if (state === "refused" && typeof detail === "object") document.title = detail.text; },
});
room.send({ text: "hello" }).then((position) => position.length);
const place: string | null = room.position;
room.cut();
room.close();
declare const chat: JQuery;
chat.carafeRoom<Note>("/rooms/tea", { last: 20 }).cut();
"""


@pytest.fixture(scope="module")
def compiler(gallery, tmp_path_factory):
    folder = tmp_path_factory.mktemp("types")
    with urllib.request.urlopen(f"{gallery.address}/transports/carafe.d.ts", timeout=60) as answer:
        (folder / "carafe.d.ts").write_bytes(answer.read())

    def errors(text):
        (folder / "page.ts").write_text(text)
        done = subprocess.run(["tsc", "--strict", "--noEmit", "--target", "es2020", "--lib", "es2020,dom",
                               "carafe.d.ts", "page.ts"], cwd=folder, capture_output=True, text=True, timeout=600)
        return done.stdout

    return errors


def test_a_page_compiles(compiler):
    assert compiler(GOOD) == ""


@pytest.mark.parametrize("wrong, found", [
    ('new CarafeRoom("/rooms/tea", { ways: ["smoke"] });', 'page.ts(1,'),
    ('new CarafeRoom<{ text: string }>("/rooms/tea").send({ text: 1 });', "not assignable to type 'string'"),
    ('new CarafeRoom("/rooms/tea", { onMesage() {} });', "onMesage"),
])
def test_a_mistake_is_found(compiler, wrong, found):
    assert found in compiler(wrong)
