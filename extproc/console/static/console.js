"use strict";
// Shows /console/state once a second. Everything it writes is text, never markup.
const $ = (id) => document.getElementById(id);
const tiers = [];
let paused = false;

function element(name, text, classes = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (classes) made.className = classes;
  return made;
}
function row(...cells) {
  const made = document.createElement("tr");
  for (const cell of cells) made.append(cell instanceof Node ? cell : element("td", cell));
  return made;
}
const number = (text, bad = false) => element("td", text, bad ? "n bad" : "n");
function seconds(value) {
  if (value === null) return "–";
  return value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`;
}
const spread = (both) => `${seconds(both.p50)} / ${seconds(both.p95)}`;
const dollars = (micros) => `$${(micros / 1e6).toFixed(micros < 1e7 ? 4 : 2)}`;
const colour = (name) => `tier${Math.max(0, tiers.indexOf(name)) % 4}`;

function dotted(name) {
  const cell = element("td", "");
  if (tiers.includes(name)) cell.append(element("span", "", `dot ${colour(name)}`));
  cell.append(name);
  return cell;
}
function beats(counts) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const most = Math.max(1, ...counts);
  svg.setAttribute("class", "beats");
  svg.setAttribute("viewBox", `0 0 ${counts.length * 2} 22`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${counts.reduce((a, b) => a + b, 0)} requests in the last ${counts.length} seconds`);
  counts.forEach((count, at) => {
    const bar = document.createElementNS(space, "rect");
    const height = (20 * count) / most;
    bar.setAttribute("x", at * 2);
    bar.setAttribute("y", 21 - height);
    bar.setAttribute("width", 1.5);
    bar.setAttribute("height", Math.max(height, 0.6));
    svg.append(bar);
  });
  const cell = document.createElement("td");
  cell.append(svg);
  return cell;
}
function health(said) {
  const wrong = [];
  if (!said.config_current) wrong.push("the config on disk is not in force");
  if (said.redis_up === false) wrong.push("Redis does not answer");
  $("health").textContent = wrong.length ? wrong.join("; ") : "All is well";
  $("health").className = wrong.length ? "bad" : "";
}
function show(said) {
  tiers.splice(0, tiers.length, ...said.tiers.map((tier) => tier.name));
  health(said);
  $("version").textContent = said.version;
  $("now").textContent = `The last ${said.seconds < 300 ? `${said.seconds.toFixed(0)} seconds` : "five minutes"}`;
  $("requests").textContent = said.requests;
  $("rate").textContent = said.per_second.toFixed(2);
  $("failed").textContent = said.failed;
  $("cost").textContent = dollars(said.cost_microdollars);
  $("saved").textContent = dollars(said.saved_microdollars);
  $("share").replaceChildren(...said.tiers.filter((tier) => tier.share > 0).map((tier) => {
    const part = element("span", `${tier.name} ${(tier.share * 100).toFixed(0)} %`, colour(tier.name));
    part.style.flexGrow = tier.share;
    return part;
  }));
  $("tiers").replaceChildren(...said.tiers.map((tier) => row(
    dotted(tier.name), tier.model, beats(said.beats[tier.name]),
    number(`${(tier.share * 100).toFixed(1)} %`), number(tier.requests), number(tier.failed, tier.failed > 0),
    number(spread(tier.first_byte)), number(spread(tier.duration)),
    number(`${tier.prompt_tokens} / ${tier.completion_tokens}`))));
  $("fleet").hidden = said.replicas.length === 0;
  $("replicas").replaceChildren(...said.replicas.map((one) => row(
    one.address, dotted(one.tier), one.ready ? "yes" : element("td", "no", "bad"),
    number(one.running), number(one.waiting), number(`${(one.saturation * 100).toFixed(0)} %`, one.saturation >= 1))));
  $("reasons").replaceChildren(...Object.entries(said.reasons).map(([reason, count]) => {
    const item = element("li", `${reason} `);
    item.append(element("b", count));
    return item;
  }));
  $("lines").replaceChildren(...said.recent.map((line) => row(
    new Date(line.at * 1000).toLocaleTimeString(), dotted(line.tier), dotted(line.served_by),
    line.reason, number(line.score || "–"), number(line.broken ? "broken off" : line.status || "gone", line.failed),
    number(seconds(line.first_byte)), number(seconds(line.duration)), number(line.tokens ?? "–"),
    line.tenant || "–", line.path)));
  offer(said);
}
function offer(said) {
  $("playground").hidden = !said.playground;
  if ($("prefer").options.length === 1)
    for (const tier of tiers) $("prefer").append(new Option(tier, tier));
}
async function refresh() {
  if (!paused && !document.hidden) {
    try {
      const told = await fetch("/console/state");
      if (told.status === 401) location.reload(); // a new router knows no old session: it asks again
      if (!told.ok) throw new Error(told.status);
      show(await told.json());
    } catch {
      $("health").textContent = "The router does not answer";
      $("health").className = "bad";
    }
  }
  setTimeout(refresh, 1000);
}

// --- the playground ---
let running = null;
const wanted = () => JSON.stringify({
  prompt: $("prompt").value, model: $("model").value, prefer: $("prefer").value,
  max_tokens: Number($("max").value), key: $("key").value,
});
const send = (path, signal) => fetch(path, {
  method: "POST", body: wanted(), signal,
  headers: {"content-type": "application/json", "x-tiergate-console": "1"},
});
async function explain() {
  const told = await send("/console/explain");
  const said = await told.json();
  if (!told.ok) {
    $("verdict").textContent = `Refused: ${said.error}`;
    $("signals").replaceChildren();
    return;
  }
  const score = said.score === null ? "" : `, score ${said.score.toFixed(3)}`;
  $("verdict").textContent = `${said.tier}: ${said.reason}${score} (${said.policy || "no policy asked"})`;
  const names = Object.keys(said.signals).sort(
    (a, b) => Math.abs(said.shares[b] ?? 0) - Math.abs(said.shares[a] ?? 0) || a.localeCompare(b));
  $("signals").replaceChildren(...names.map((name) => {
    const share = said.shares[name];
    return row(name, number(+said.signals[name].toFixed(3)), number(share === undefined ? "" : share.toFixed(3)));
  }));
}
// Events may come in pieces of any size; what is not ended yet waits for the next piece.
function pieces() {
  let rest = "";
  return (text) => {
    const events = (rest + text).split("\n\n");
    rest = events.pop();
    return events.map((event) => event.replace(/^data: /, "")).filter((event) => event && event !== "[DONE]");
  };
}
async function ask() {
  running?.abort();
  const mine = running = new AbortController();
  $("stop").hidden = false;
  $("answer").textContent = "";
  $("served").textContent = "…";
  try {
    const [told] = await Promise.all([send("/console/ask", mine.signal), explain()]);
    const by = told.headers.get("x-tiergate-served-by") ?? "nobody";
    $("served").textContent = `${told.status}, answered by ${by}, reason ${told.headers.get("x-tiergate-reason") ?? "–"}`;
    const reader = told.body.pipeThrough(new TextDecoderStream()).getReader();
    const isStream = (told.headers.get("content-type") ?? "").startsWith("text/event-stream");
    const split = pieces();
    for (let piece = await reader.read(); !piece.done && mine === running; piece = await reader.read()) {
      if (!isStream) { $("answer").textContent += piece.value; continue; }
      for (const event of split(piece.value)) {
        const said = JSON.parse(event), delta = said.choices?.[0]?.delta;
        if (said.error) throw new Error(said.error.message);
        $("answer").textContent += (delta?.reasoning ?? "") + (delta?.content ?? "");
      }
    }
  } catch (error) {
    if (mine === running)
      $("served").textContent = error.name === "AbortError" ? "Stopped" : `Failed: ${error.message}`;
  } finally {
    if (mine === running) $("stop").hidden = true;
  }
}
$("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
$("explain").addEventListener("click", () => explain().catch((error) => {
  $("verdict").textContent = `Failed: ${error.message}`;
}));
$("stop").addEventListener("click", () => running?.abort());
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", paused);
  $("pause").textContent = paused ? "Go on" : "Pause";
});
refresh();
