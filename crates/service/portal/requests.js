"use strict";
// The requests of an organisation, made or received, and the sums of what came of them.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say;
  // So many pages are read by themselves; each looks at 500 acts.
  var PAGES = 20;
  var members = [], requests = [], next = null, sums = null, open = [], pagesLeft = 0;
  var of = p.params.get("organisation") || "", side = p.params.get("side") || "made", status = p.params.get("status") || "";
  var states = ["open", "awaiting-second", "granted", "refused", "refused-by-rule", "appealed", "escalated", "withdrawn"];

  function option(select, value, text) { p.add(select, "option", text).value = value; }

  function options() {
    var o = p.clear(el("organisation")), s = p.clear(el("side")), t = p.clear(el("status"));
    option(o, "", say("请选择机构", "choose an organisation"));
    members.forEach(function (m) { option(o, m.code, m.name + " · " + m.code); });
    option(s, "made", say("本机构提出的", "made by it"));
    option(s, "received", say("向本机构提出的", "for its data"));
    option(t, "", say("全部", "all"));
    states.forEach(function (name) { option(t, name, word("status", name)); });
    o.value = of;
    s.value = side;
    t.value = status;
  }

  function row(r) {
    var tr = p.add(el("requests").tBodies[0], "tr");
    p.link(p.add(tr, "td"), p.address("/share", { id: r.id }), r.resource_name || r.resource);
    p.add(tr, "td", side === "made" ? r.owner_name : r.requester_name);
    p.add(tr, "td", r.purpose);
    var state = p.add(tr, "td");
    p.add(state, "span", word("status", r.status), "chip " + r.status);
    if (r.overdue) { p.add(state, "span", say("逾期", "overdue"), "chip late"); }
    p.add(tr, "td", p.times(r.since));
    p.add(tr, "td", p.times(r.until).slice(0, 10));
  }

  // Periods of which one side has not counted, or whose counts differ: both numbers, for whoever stated first too.
  function raise(list) {
    el("accounts").hidden = !list.length;
    var box = p.clear(el("open"));
    function side(v) {
      return v ? say(p.number(v.rows) + " 行 · " + p.number(v.calls) + " 次", p.number(v.rows) + " rows · " + p.number(v.calls) + " calls") : say("尚未申报", "not stated yet");
    }
    list.forEach(function (a) {
      var line = p.add(box, "p", null, "account");
      var off = a.status === "mismatched";
      p.add(line, "span", off ? say("不符", "mismatch") : say("待申报", "waiting"), off ? "chip late" : "chip");
      p.link(line, p.address("/share", { id: a.grant }), " " + p.times(a.from) + " – " + p.times(a.until) + " ");
      p.add(line, "span", say("提供方 ", "served ") + side(a.served) + say("；接收方 ", "; received ") + side(a.received));
    });
  }

  function accounts(found, from) {
    var path = "/v1/organisations/" + encodeURIComponent(of) + "/accounts";
    return p.ask(p.address(path, { side: side === "made" ? "received" : "provided", from: from })).then(function (a) {
      var all = found.concat(a.accounts);
      open = all;
      raise(all);
      return a.next && pagesLeft-- > 0 ? accounts(all, a.next) : null;
    });
  }

  function bars() {
    el("sums").hidden = !(sums && sums.groups.length);
    if (el("sums").hidden) { return; }
    var called = {};
    requests.forEach(function (r) { called[r.resource] = r.resource_name; });
    var box = p.clear(el("bars")), most = Math.max.apply(null, sums.groups.map(function (g) { return g.volume.rows; }).concat([1]));
    sums.groups.forEach(function (g) {
      var line = p.add(box, "div", null, "bar");
      p.add(line, "span", g.key[0] + " · " + (called[g.key[1]] || g.key[1]), "name");
      var meter = p.add(line, "progress");
      meter.max = most;
      meter.value = g.volume.rows;
      p.add(line, "span", say(p.number(g.volume.rows) + " 行 · " + p.number(g.volume.calls) + " 次", p.number(g.volume.rows) + " rows · " + p.number(g.volume.calls) + " calls"), "sum");
    });
    var note = sums.adds_up
      ? say("各授权的记录与账本所载总量一致。", "The records of every grant add up to the ledger's totals.")
      : say("记录未列完，或与账本总量不一致。", "Not all records are counted, or they differ from the ledger's totals.");
    p.add(box, "p", note, "soft");
  }

  function show() {
    options();
    var head = p.clear(el("requests").tHead), tr = p.add(head, "tr");
    [say("信息资源", "resource"), side === "made" ? say("提供方", "owner") : say("申请方", "requester"), say("用途", "purpose"), say("状态", "state"), say("自", "since"), say("使用至", "until")]
      .forEach(function (h) { p.add(tr, "th", h).scope = "col"; });
    p.clear(el("requests").tBodies[0]);
    requests.slice().reverse().forEach(row);
    el("requests").hidden = !of;
    el("more").hidden = !next;
    el("count").textContent = of ? say("共 " + requests.length + " 项" + (next ? "，尚有更早未列者" : ""), requests.length + " requests" + (next ? ", and there may be more" : "")) : say("选择机构后列出其申请。", "Choose an organisation to see its requests.");
    raise(open);
    bars();
  }

  function load(pages) {
    return p.ask(p.address("/v1/organisations/" + encodeURIComponent(of) + "/requests", { side: side, status: status, from: next })).then(function (a) {
      requests = requests.concat(a.requests);
      next = a.next;
      show();
      return next && pages > 1 ? load(pages - 1) : null;
    });
  }

  function begin() {
    requests = [];
    next = null;
    sums = null;
    open = [];
    pagesLeft = PAGES;
    show();
    if (!of) { return; }
    load(PAGES).then(function () { return accounts([], null); }).then(function () {
      var path = "/v1/organisations/" + encodeURIComponent(of) + "/statistics";
      return p.ask(p.address(path, { side: side === "made" ? "received" : "provided", group: "month,resource" }));
    }).then(function (a) { sums = a; bars(); }).catch(function () {});
  }

  el("which").addEventListener("submit", function (e) { e.preventDefault(); });
  el("which").addEventListener("change", function () {
    of = el("organisation").value;
    side = el("side").value;
    status = el("status").value;
    history.replaceState(null, "", p.address("/requests", { organisation: of, side: side, status: status }));
    begin();
  });
  el("more").firstChild.addEventListener("click", function () { load(PAGES).catch(function () {}); });
  p.render(show);
  p.ask("/v1/organisations").then(function (a) {
    members = a.organisations;
    begin();
  }).catch(function () {});
})();
