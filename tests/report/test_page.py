"""The page in a real browser: it draws, it is found in and walked by keys, and nothing of a model is run."""

import os
import shutil

import pytest

from kept.report import Inspection, Layer, Report, Stats, Stored, html

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on the PATH"),
    pytest.mark.xdist_group("browser"),
]
CHAIN_LENGTH = 1000


def layer(path, kind="Dense", *inputs, name="", odd=0, **more):
    stats = Stats(-1, 1, 0.0, 0.5, odd, 0, 0, (1, 4, 9, 4, 1))
    tensors = (Stored(f"layers/{path}/vars/0", (4, 4), "float32", 64, stats),) if kind == "Dense" else ()
    return Layer(
        path, name or path.rpartition("/")[2], kind, "keras.layers", group=f"layers/{path}", shape=(None, 4),
        config={"units": 4, "bias": None}, inputs=inputs, tensors=tensors, **more,
    )  # fmt: skip


def inspection(*layers, name="model"):
    model = Layer(name, name, "Functional", is_model=True, layers=layers)
    return Inspection("runs/small.keras", "keras_archive", ".keras archive", 1234, "", {"keras": "3.15.1"}, model)


INNER_LAYERS = (layer("inner/a"), layer("inner/b", "Dense", "inner/a"))
INNER = layer("inner", "Sequential", "stem", is_model=True, layers=INNER_LAYERS)
STEM = layer("stem", "Dense", "x", odd=3)
SMALL = inspection(layer("x", "InputLayer"), STEM, INNER, layer("head", "Dense", "inner", "stem"))
HOSTILE = [
    "<img src=x onerror=window.ran=1>",
    '"><script>window.ran=1</script>',
    "</script><script>window.ran=1</script>",
]


@pytest.fixture(scope="module")
def browser():
    os.environ.setdefault("NODE_NO_WARNINGS", "1")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def shown(browser, tmp_path):
    """Opens the page of some files; whatever it logs or asks for beside what is expected fails the test."""
    wrong, expected, contexts = [], [], []

    def show(*inspections, logs=(), **context):
        path = tmp_path / "page.html"
        path.write_text(html.render(Report("inspect", inspections=inspections)), errors="backslashreplace")
        expected.extend(logs)
        contexts.append(browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **context}))
        page = contexts[-1].new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if asked.url != path.as_uri() else None)
        page.goto(path.as_uri())
        if page.locator(".graph").count():
            page.locator(".graph .box").first.wait_for(state="attached")
        return page

    yield show
    for one in contexts:
        one.close()
    assert [one for one in wrong if not any(part in one for part in expected)] == []


def boxes(page):
    return page.eval_on_selector_all(".graph .box .title", "all => all.map((one) => one.textContent)")


def scale(page):
    return page.eval_on_selector(
        ".graph > g", "one => Number(/scale\\((.*)\\)/.exec(one.getAttribute('transform'))[1])"
    )


def title(page):
    return page.inner_text(".details h2.title")


def pressed(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(350)


def test_the_graph_is_drawn_with_a_line_for_each_call(shown):
    page = shown(SMALL)
    assert boxes(page) == ["x", "stem", "inner", "head"]
    assert page.locator(".graph .net").count() == 3
    assert page.locator(".graph .tip").count() == 3


def test_a_click_shows_what_is_known_of_a_layer(shown):
    page = shown(SMALL)
    page.locator(".graph .box", has_text="stem").click()
    assert title(page) == "stem"
    told = page.inner_text(".details")
    assert all(text in told for text in ("keras.layers.Dense", "(None, 4)", "units", "layers/stem/vars/0", "(4, 4)"))
    assert page.locator(".details .bars .count").count() == 1


def test_links_lead_to_the_layers_before_and_after(shown):
    page = shown(SMALL)
    page.locator(".graph .box", has_text="stem").click()
    page.locator(".links button", has_text="head").click()
    assert title(page) == "head"
    assert page.inner_text(".details").count("stem") == 1


def test_a_model_inside_is_opened_and_closed(shown):
    page = shown(SMALL)
    pressed(page, "j", "j", "j", "Enter")
    assert boxes(page) == ["x", "stem", "a", "b", "head"]
    assert page.locator(".graph .group .title").text_content() == "inner"
    pressed(page, "Enter")
    assert boxes(page) == ["x", "stem", "inner", "head"]


def test_keys_walk_from_layer_to_layer(shown):
    page = shown(SMALL)
    pressed(page, "j", "j")
    assert title(page) == "stem"
    pressed(page, "ArrowDown", "ArrowDown", "k")
    assert title(page) == "inner"
    pressed(page, "Escape")
    assert page.locator(".overview").is_visible()


def test_a_layer_is_found_by_its_name_and_what_it_is_in_is_opened(shown):
    page = shown(SMALL)
    pressed(page, "/")
    page.keyboard.type("inner/b")
    assert page.locator("#hits li").all_inner_texts() == ["b\nDense in inner"]
    pressed(page, "Enter")
    assert title(page) == "b"
    assert page.locator(".graph .box.chosen .title").text_content() == "b"


def test_what_is_not_there_is_not_found(shown):
    page = shown(SMALL)
    page.fill("#find", "nothing like it")
    assert page.inner_text("#hits") == "No layer is called that"


def test_zooming_by_keys_wheel_and_buttons(shown):
    page = shown(SMALL)
    begin = scale(page)
    pressed(page, "+")
    larger = scale(page)
    page.mouse.move(400, 400)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -40)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    largest = scale(page)
    page.click("[data-do=fit]")
    page.wait_for_timeout(100)
    assert begin < larger < largest
    assert scale(page) == begin


def test_the_views_are_changed_by_keys_and_keep_what_is_chosen(shown):
    page = shown(SMALL)
    pressed(page, "j", "j", "2")
    assert page.locator(".tile.chosen text").first.text_content() == "stem"
    pressed(page, "3")
    assert page.locator("tr.chosen th").inner_text() == "stem"
    page.locator("tbody tr", has_text="head").click()
    assert title(page) == "head"


def test_the_keys_are_told_of(shown):
    page = shown(SMALL)
    pressed(page, "?")
    assert page.locator("dialog").is_visible()
    pressed(page, "Escape")
    assert not page.locator("dialog").is_visible()


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_light_and_dark_follow_the_system_and_the_reader(scheme, other, shown):
    page = shown(SMALL, color_scheme=scheme)
    brightness = "Number(/\\d+/.exec(getComputedStyle(document.documentElement).backgroundColor)[0])"
    assert (page.evaluate(brightness) > 128) == (scheme == "light")
    pressed(page, "t")
    assert (page.evaluate(brightness) > 128) == (other == "light")


def test_nothing_that_a_file_holds_is_run(shown):
    layers = [layer(f"l{number}", name, name=name) for number, name in enumerate(HOSTILE)]
    page = shown(inspection(*layers, name=HOSTILE[0]))
    pressed(page, "/")
    page.keyboard.type("script")
    pressed(page, "Enter", "2", "3", "1", "j", "k")
    assert page.evaluate("window.ran") is None
    assert page.locator("img, script[src], iframe").count() == 0
    assert sorted(page.locator("tbody th").all_inner_texts()) == sorted(HOSTILE)


def test_a_script_that_gets_in_is_not_run(shown):
    page = shown(SMALL, logs=["Content Security Policy"])
    blocked = page.evaluate(
        """new Promise((done) => {
            document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
            const script = document.createElement('script');
            script.textContent = 'window.ran = 1';
            document.body.append(script);
        })"""
    )
    assert (blocked, page.evaluate("window.ran")) == ("script-src-elem", None)


def test_a_finding_leads_to_its_layer(shown):
    page = shown(SMALL)
    assert page.locator(".graph .badge").count() == 1
    page.locator(".note .go").click()
    assert title(page) == "stem"
    assert "3 NaN in a tensor" in page.inner_text(".details .note")


def test_a_thousand_layers_are_smooth(shown):
    names = [f"layer{number}x" for number in range(CHAIN_LENGTH)]
    chain = [
        layer(name, "Dense", *([before] if before else [])) for before, name in zip(["", *names], names, strict=False)
    ]
    page = shown(inspection(*chain))
    times = page.evaluate(
        """new Promise((done) => {
            const frame = document.querySelector('.frame'), times = [];
            const step = () => {
                const begin = performance.now();
                frame.dispatchEvent(new WheelEvent('wheel', { deltaY: 120, cancelable: true }));
                requestAnimationFrame(() => {
                    times.push(performance.now() - begin);
                    if (times.length < 60) step();
                    else done(times.sort((a, b) => a - b));
                });
            };
            step();
        })"""
    )
    assert page.locator(".graph .box").count() < 100
    assert times[30] < 100  # milliseconds, on a machine that does other things too; 17 where it does not


def test_paper_shows_the_file_and_its_layers(shown):
    page = shown(SMALL, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator(".figures").is_visible()
    assert page.locator("tbody tr").count() == 6
    assert page.locator("table").is_visible()
    assert not page.locator(".frame").is_visible()
    assert not page.locator("#find").is_visible()


def test_a_narrow_window_has_no_scroll_bar_below(shown):
    page = shown(SMALL, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_scripts_the_file_and_its_layers_are_there(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(html.render(Report("inspect", inspections=(SMALL,))))
    page = browser.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    assert page.locator("table").is_visible()
    assert page.locator(".figures").is_visible()
    assert not page.locator(".views").is_visible()
    page.close()


def test_several_files_are_chosen_from_a_list(shown):
    page = shown(SMALL, inspection(layer("other"), name="second"))
    page.select_option("#file", "1")
    page.locator("main.sheet").nth(1).locator(".graph .box").first.wait_for()
    assert page.locator(".graph:visible .box .title").all_text_contents() == ["other"]
