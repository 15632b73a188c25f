"""A page on a desktop and on a phone, by day and by night; and what axe-core finds in it."""

import pathlib

AXE = (pathlib.Path(__file__).parents[2] / ".build/tools/axe.min.js").read_text()
SIZES = {"desktop": (1200, 800), "phone": (390, 844)}
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]

RUN = """
const done = arguments[0];
axe.run(document, { resultTypes: ["violations"] }).then(
    ({ violations }) => done(violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} (${impact}) at ${target}: ${failureSummary}`))),
    (error) => done([String(error)]));
"""


def each_look(tab):
    """Gives the page each look in turn, and the look's name."""
    tab.focus()
    for size, scheme in LOOKS:
        width, height = SIZES[size]
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600}
        # Without motion, so that nothing is looked at in the middle of an animation.
        preferences = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in preferences.items()]
        tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        tab.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        tab.driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
        yield f"{size}-{scheme}"


def violations(tab):
    """The rules of WCAG 2.2 A and AA, and of good practice, that the page breaks as it stands."""
    tab.driver.execute_script(AXE)
    return tab.driver.execute_async_script(RUN)
