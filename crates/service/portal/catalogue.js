"use strict";
// The catalogue: what is published, and one resource with its fields, lists and versions.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say;
  var PAGE = 50, found = null, hits = [], resource = null, members = null;
  var asked = { q: p.params.get("q") || "", owner: p.params.get("owner") || "", class: p.params.get("class") || "" };
  var code = p.params.get("code");

  function options() {
    var owner = p.clear(el("owner")), kind = p.clear(el("class"));
    p.add(owner, "option", say("全部", "all")).value = "";
    (members || []).forEach(function (m) {
      if (m.resources > 0) { p.add(owner, "option", m.name + " (" + m.resources + ")").value = m.code; }
    });
    p.add(kind, "option", say("全部", "all")).value = "";
    ["unconditional", "conditional", "never"].forEach(function (c) { p.add(kind, "option", word("class", c)).value = c; });
    owner.value = asked.owner;
    kind.value = asked.class;
  }

  function chips(parent, r) {
    var row = p.add(parent, "p", null, "chips");
    p.add(row, "span", word("class", r.class), "chip " + r.class);
    p.add(row, "span", word("level", r.level), "chip level");
    p.add(row, "span", word("cycle", r.cycle), "chip");
    if (r.withdrawn || r.status === "withdrawn") { p.add(row, "span", word("status", "withdrawn"), "chip ended"); }
  }

  function card(r) {
    var item = p.add(el("hits"), "li", null, "card");
    var head = p.add(item, "h2");
    p.link(head, p.address("/catalogue", { code: r.code }), r.name);
    p.add(item, "p", r.owner_name, "owner");
    chips(item, r);
    p.add(item, "p", r.fields.join(say("、", ", ")), "fields");
    p.add(item, "code", r.code);
  }

  function list() {
    if (!found) { return; }
    p.clear(el("hits"));
    hits.forEach(card);
    el("count").textContent = say("共 " + p.number(found.total) + " 项（目录 " + p.number(found.of) + " 项）", p.number(found.total) + " found, of " + p.number(found.of) + " in the catalogue");
    el("more").hidden = hits.length >= found.total;
  }

  function load(skip) {
    var path = p.address("/v1/catalogue", { q: asked.q, owner: asked.owner, class: asked.class, limit: PAGE, skip: skip });
    return p.ask(path).then(function (answer) {
      found = answer;
      hits = skip ? hits.concat(answer.resources) : answer.resources;
      list();
    });
  }

  function table(parent, heads, rows) {
    var box = p.add(parent, "div", null, "scroll"), t = p.add(box, "table", null, "grid");
    var top = p.add(p.add(t, "thead"), "tr"), body = p.add(t, "tbody");
    heads.forEach(function (h) { p.add(top, "th", h).scope = "col"; });
    rows.forEach(function (cells) {
      var row = p.add(body, "tr");
      cells.forEach(function (c) { p.add(row, "td", c); });
    });
  }

  function detail() {
    var r = resource, box = p.clear(el("resource"));
    if (!r) { return; }
    p.link(p.add(box, "p"), "/catalogue", say("← 返回目录", "← back to the catalogue"));
    p.add(box, "h2", r.name);
    chips(box, r);
    var facts = p.add(box, "dl"), comma = say("、", ", ");
    p.fact(facts, say("提供方", "owner"), r.owner_name + " · " + r.owner);
    p.fact(facts, say("资源代码", "code"), r.code);
    p.fact(facts, say("现行版本", "version in force"), r.version);
    p.fact(facts, say("状态", "state"), word("status", r.status) + say("，自 ", " since ") + p.times(r.since));
    p.fact(facts, say("双人审批", "two persons grant"), say("自 " + word("level", r.dual_control) + " 起", "from " + word("level", r.dual_control) + " on"));
    if (r.automatic) {
      var a = r.automatic;
      p.fact(facts, say("自动审批", "decided by rule"), say("用途 " + a.purposes.join(comma) + "；至 " + word("level", a.level) + "；每次至多 " + p.number(a.limit.rows) + " 行、" + a.days + " 天；其余" + (a.refuses_others ? "驳回，可申诉" : "由人审批"),
        "purposes " + a.purposes.join(comma) + "; up to " + word("level", a.level) + ", " + p.number(a.limit.rows) + " rows, " + a.days + " days; the rest is " + (a.refuses_others ? "refused and may be appealed" : "decided by a person")));
    }
    var no = r.negative, barred = [];
    if (no.fields.length) { barred.push(say("字段：", "fields: ") + no.fields.join(comma)); }
    if (no.purposes.length) { barred.push(say("用途：", "purposes: ") + no.purposes.join(comma)); }
    if (no.organisations.length) { barred.push(say("机构：", "organisations: ") + no.organisations.join(comma)); }
    p.fact(facts, say("负面清单", "not shared"), barred.join(say("；", "; ")));
    p.fact(facts, say("责任清单", "responsible"), r.responsibilities.map(function (d) { return word("duty", d.duty) + " " + d.organisation; }).join(say("；", "; ")));
    p.fact(facts, say("完整定义摘要", "digest of the whole entry"), r.definition, "mono");
    p.link(p.add(box, "p"), p.address("/provenance", { of: r.code }), say("数据去向与来源图 →", "where its data went and came from →"));
    p.add(box, "h3", say("信息项", "Fields"));
    table(box, [say("名称", "name"), say("类型", "type"), say("数据分级", "level"), say("脱敏规则", "masking")],
      r.fields.map(function (f) { return [f.name, word("kind", f.kind), word("level", f.level), word("masking", f.masking)]; }));
    p.add(box, "h3", say("版本", "Versions"));
    table(box, [say("版本", "version"), say("发布时间", "published"), say("区块高度", "height"), say("记录", "record")],
      r.versions.map(function (v) { return [v.version, p.times(v.time), v.height, v.record]; }));
    p.add(box, "p", say("以上现状由区块高度 " + r.height + " 的状态证明支持。", "Proven by state proofs as of height " + r.height + "."), "soft");
  }

  function show() {
    options();
    el("q").value = asked.q;
    el("search").hidden = el("count").hidden = el("hits").hidden = Boolean(code);
    el("resource").hidden = !code;
    if (code) { el("more").hidden = true; detail(); } else { list(); }
  }

  el("search").addEventListener("submit", function (e) {
    e.preventDefault();
    asked = { q: el("q").value.trim(), owner: el("owner").value, class: el("class").value };
    history.replaceState(null, "", p.address("/catalogue", asked));
    load(0).catch(function () {});
  });
  ["owner", "class"].forEach(function (id) { el(id).addEventListener("change", function () { el("search").requestSubmit(); }); });
  el("more").firstChild.addEventListener("click", function () { load(hits.length).catch(function () {}); });
  p.render(show);
  if (code) {
    p.ask("/v1/catalogue/" + encodeURIComponent(code)).then(function (r) { resource = r; detail(); }).catch(function () {});
  } else {
    p.ask("/v1/organisations").then(function (a) { members = a.organisations; options(); return load(0); }).catch(function () {});
  }
})();
