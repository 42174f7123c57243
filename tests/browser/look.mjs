/*
 * look.mjs PAGE AXE [DIRECTORY]: opens the page in a headless Chromium, on a phone
 * and on a desk, light and dark, and on paper. Prints what overflows, what it
 * asks for, and what axe-core, the file AXE, finds; nothing if all is well.
 * Puts pictures into the directory. Ends with 1 if there was anything.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [page, axe, pictures] = process.argv.slice(2);
const program = process.env.BROWSER ?? "chromium-headless-shell";
const home = mkdtempSync(join(tmpdir(), "browser-"));
const findings = new Set();

/* The protocol of its developer tools over two pipes: messages of JSON, with NUL behind each. */
class Browser {
	#answers = new Map();
	#events = new Map();
	#number = 0;
	#rest = "";

	constructor() {
		/* whoever runs the tests may be root or in a container: its own sandbox does not work there */
		const options = ["--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
			"--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
			`--user-data-dir=${home}`];
		this.process = spawn(program, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true, env: { ...process.env, HOME: home } });
		this.ended = new Promise((done) => this.process.on("exit", done));
		this.process.on("error", (error) => this.#fail(error));
		this.process.on("exit", (status) => this.#fail(new Error(`${program} ended with status ${status}`)));
		this.process.stdio[3].on("error", () => {});
		this.process.stdio[4].setEncoding("utf8").on("data", (text) => this.#take(text));
	}

	#fail(error) {
		this.failed = error;
		for (const answer of this.#answers.values())
			answer.reject(error);
	}

	#take(text) {
		const messages = (this.#rest + text).split("\0");
		this.#rest = messages.pop();
		for (const message of messages.map((one) => JSON.parse(one))) {
			const answer = this.#answers.get(message.id);
			this.#answers.delete(message.id);
			if (message.error)
				answer?.reject(new Error(message.error.message));
			else
				answer?.resolve(message.result);
			this.#events.get(message.method)?.(message.params);
		}
	}

	on(event, act) {
		this.#events.set(event, act);
	}

	send(method, params = {}) {
		if (this.failed)
			return Promise.reject(this.failed);
		const id = ++this.#number;
		this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId: this.session }) + "\0");
		return new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
	}

	/* All of its processes, of which the first may be a script of Debian's. */
	async end() {
		try {
			process.kill(-this.process.pid, "SIGKILL");
		} catch { /* they have ended */ }
		await this.ended;
		this.process.stdio[3].destroy();
		this.process.stdio[4].destroy();
	}

	async run(script) {
		const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression: script, awaitPromise: true, returnByValue: true });
		if (exceptionDetails)
			throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
		return result.value;
	}
}

/* What is wider than the screen, but for what scrolls in itself. */
const wide = `(() => {
	const width = document.documentElement.clientWidth;
	const found = [...document.body.querySelectorAll("*")].filter((e) =>
		!e.closest(".scroll > *") && e.checkVisibility() && e.getBoundingClientRect().right > width + 0.5);
	if (document.documentElement.scrollWidth > width)
		found.push(document.documentElement);
	return found.slice(0, 3).map((e) => e.outerHTML.slice(0, 80));
})()`;

const judge = `axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations.map((v) =>
	v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(", ")))`;

const height = 6000; /* what is not on the screen is not laid out */

async function look(browser, view) {
	await browser.send("Emulation.setDeviceMetricsOverride",
		{ width: view.width, height,  deviceScaleFactor: 1, mobile: view.width < 500 });
	await browser.send("Emulation.setEmulatedMedia",
		{ media: view.media, features: [{ name: "prefers-color-scheme", value: view.scheme }] });
	for (const found of await browser.run(wide))
		findings.add(`${view.name}: too wide: ${found}`);
	if (pictures) { /* before axe has scrolled about, by which rows may be left blank */
		const { cssContentSize } = await browser.send("Page.getLayoutMetrics");
		const { data } = await browser.send("Page.captureScreenshot",
			{ captureBeyondViewport: true, clip: { ...cssContentSize, scale: 1 } });
		writeFileSync(join(pictures, `${view.name}.png`), Buffer.from(data, "base64"));
	}
	if (view.judged)
		for (const found of await browser.run(judge))
			findings.add(`${view.name}: ${found}`);
}

/* Until the page itself is there: what was there before, a blank one, may be ready as late as that. */
async function load(browser, url) {
	const loaded = new Set();
	let look_again = () => {};
	browser.on("Page.lifecycleEvent", ({ name, loaderId }) => {
		if (name === "load")
			loaded.add(loaderId);
		look_again();
	});
	await browser.send("Page.setLifecycleEventsEnabled", { enabled: true });
	const { loaderId, errorText } = await browser.send("Page.navigate", { url });
	if (errorText)
		throw new Error(`${url}: ${errorText}`);
	while (!loaded.has(loaderId))
		await new Promise((done) => { look_again = done; });
}

async function main(browser) {
	const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
	browser.session = (await browser.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
	const url = pathToFileURL(resolve(page)).href;
	browser.on("Network.requestWillBeSent", ({ request }) => {
		if (request.url !== url && !request.url.startsWith("data:"))
			findings.add(`it asks for ${request.url}`);
	});
	browser.on("Runtime.consoleAPICalled", ({ args }) => findings.add(`it says: ${args[0]?.value}`));
	browser.on("Log.entryAdded", ({ entry }) => findings.add(`the browser says: ${entry.text}`));
	for (const domain of ["Network", "Page", "Runtime", "Log"])
		await browser.send(`${domain}.enable`);
	await load(browser, url);
	await browser.run(readFileSync(axe, "utf8"));
	/* judging is most of the work: each width once, and each scheme */
	for (const scheme of ["light", "dark"])
		for (const [where, width, judgedIn] of [["phone", 390, "light"], ["desk", 1280, "dark"]])
			await look(browser, { name: `${where}-${scheme}`, width, scheme, media: "screen", judged: scheme === judgedIn });
	await look(browser, { name: "paper", width: 720, scheme: "light", media: "print" });
}

const browser = new Browser();
const limit = setTimeout(() => browser.end(), 300000);
try {
	await main(browser);
} catch (error) {
	findings.add(error.message);
}
clearTimeout(limit);
await browser.end();
rmSync(home, { recursive: true, force: true, maxRetries: 10 });
for (const finding of findings)
	console.log(finding);
process.exitCode = findings.size > 0 ? 1 : 0;
