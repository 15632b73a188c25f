"""The gallery over TLS, as `make run TLS=1` serves it: pages and sockets by HTTP/2."""

import pathlib
import subprocess

import pytest

from gallery import Gallery

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def secure_gallery(pytestconfig, tmp_path):
    subprocess.run([ROOT / ".ci/certificate", tmp_path], check=True)
    gallery = Gallery(
        pytestconfig.getoption("gallery"), "--certificate", tmp_path / "certificate.pem", "--key", tmp_path / "key.pem"
    )
    yield gallery
    gallery.stop()


def protocol_of(tab):
    tab.focus()
    return tab.driver.execute_script("return performance.getEntriesByType('navigation')[0].nextHopProtocol")


def test_two_people_chat_over_tls(secure_gallery, open_tab):
    assert secure_gallery.address.startswith("https://")
    ann = open_tab("named/gc", address=secure_gallery.address).wait_for_join()
    assert protocol_of(ann) == "h2"
    ann.join("Ann")
    ann.wait_for_state("connected")
    bob = open_tab("named/gc", address=secure_gallery.address).wait_for_join()
    bob.join("Bob")
    bob.wait_for_state("connected")
    bob.say("safe?")
    ann.wait_for_messages(("theirs", "Bob", "safe?"))
    bob.wait_for_messages(("mine", "You", "safe?"))
