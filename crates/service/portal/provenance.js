"use strict";
// Where data came from and went: the picture that the service draws, and the same in words for those who do not see it.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say, prov = null, turns = 0;
  var of = p.params.get("of") || "", direction = p.params.get("direction") || "both", asOf = p.params.get("as_of") || "";

  function options() {
    var d = p.clear(el("direction"));
    [["both", say("来源与去向", "both ways")], ["backward", say("来源", "where it came from")], ["forward", say("去向", "where it went")]].forEach(function (o) { p.add(d, "option", o[1]).value = o[0]; });
    d.value = direction;
    el("of").value = of;
    el("as-of").value = asOf;
  }

  function path(form) {
    return p.address("/v1/trace/" + encodeURIComponent(of), { direction: direction, as_of: asOf, form: form });
  }

  function list() {
    el("acts").hidden = !prov;
    if (!prov) { return; }
    var box = p.clear(el("list")), acts = prov.activity || {};
    Object.keys(acts).map(function (k) { return { id: k.replace(/^.*:/, ""), of: acts[k] }; })
      .sort(function (a, b) { return a.of["prov:startTime"] < b.of["prov:startTime"] ? -1 : 1; })
      .forEach(function (a) {
        var item = p.add(box, "li"), type = a.of["prov:type"], kind = String((type && type.$) || "").replace(/^yx:/, "");
        p.add(item, "span", p.times(a.of["prov:startTime"] || "") + " ");
        p.add(item, "strong", word("act", kind) + " ");
        p.link(item, "/v1/receipts/" + a.id, say("回执 ", "receipt ") + p.short(a.id));
      });
    el("note").textContent = say(Object.keys(acts).length + " 条账本记录，每条均有回执", Object.keys(acts).length + " acts on the ledger, each with its receipt");
  }

  // A picture of the service's own making; only shapes and text are taken over.
  function draw(text) {
    var parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    parsed.querySelectorAll("script, foreignObject").forEach(function (n) { n.remove(); });
    var box = p.clear(el("picture"));
    box.appendChild(document.importNode(parsed, true));
    box.firstChild.setAttribute("aria-label", say("数据溯源图", "provenance picture"));
    el("figure").hidden = false;
    el("svg").href = path("svg");
    el("prov").href = path("prov-json");
  }

  // Whoever asks again before the answer came sees the answer to the later question only, whichever comes last.
  function load() {
    if (!of) { return; }
    var turn = ++turns;
    prov = null;
    list();
    el("figure").hidden = true;
    p.ask(path("svg"), "text").then(function (text) { if (turn === turns) { draw(text); return p.ask(path("prov-json")); } return null; })
      .then(function (json) { if (turn === turns) { prov = json; list(); } }).catch(function () {});
  }

  el("walk").addEventListener("submit", function (e) {
    e.preventDefault();
    of = el("of").value.trim();
    direction = el("direction").value;
    asOf = el("as-of").value;
    history.replaceState(null, "", p.address("/provenance", { of: of, direction: direction === "both" ? "" : direction, as_of: asOf }));
    load();
  });
  // The words in the picture are the service's: it is drawn again in the other language.
  p.render(function () { options(); load(); });
})();
