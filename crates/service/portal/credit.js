"use strict";
// A company's credit: its records as bars in time, then each with its state, what can be done about it, and every act with its receipt.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say, view = null;
  var subject = p.params.get("subject") || "", asOf = p.params.get("as_of") || "";
  var tones = { "record": "flow", "object": "ask", "resolve-objection": "good", "apply-for-repair": "ask", "decide-on-repair": "good", "correct": "good", "break-commitment": "end", "withdraw": "end", "delist": "end", "reinstate": "end", "apply-measure": "end" };

  function day(text) { return text ? p.times(text).slice(0, 10) : ""; }
  function chip(row, text, cls) { p.add(row, "span", text, "chip " + (cls || "")); }
  function clause(parts) { return parts.filter(Boolean).join(say("；", "; ")); }

  function head() {
    var box = p.clear(el("head")), list;
    p.add(box, "h2", view.subject, "code");
    var row = p.add(box, "p", null, "chips");
    chip(row, view.complete ? say("记录完整：可重放至账本叶值", "complete: replays to the ledger's leaf") : say("本节点记录不全，请向其他节点查询", "this node withholds records: ask another"), view.complete ? "good" : "late");
    if (view.items.some(function (i) { return i.disputed; })) { chip(row, say("有异议未决", "something is disputed"), "open"); }
    list = p.add(box, "dl");
    p.fact(list, say("截至", "as of"), p.times(view.as_of));
    p.fact(list, say("公示中", "shown"), say(view.items.length + " 条", String(view.items.length)));
    p.fact(list, say("不再公示或不公开", "ended, or not public"), say(view.not_shown + " 条", String(view.not_shown)));
    p.fact(list, say("账本记录", "records on the ledger"), view.records + " · " + p.short(view.head), "mono");
    var absent = view.sources.filter(function (s) { return s.records === null; });
    view.sources.filter(function (s) { return s.records !== null; }).forEach(function (s) {
      var text = p.fact(list, say("批量来源", "batches from"), say(s.name + "：" + s.records + " 条，可证明齐全，截至第 " + s.batch + " 批 ", s.name + ": " + s.records + ", proven to be all, as of batch " + s.batch + " "));
      if (s.receipt) { p.link(text, s.receipt, say("回执", "receipt")); }
    });
    if (absent.length) { p.fact(list, say("未含批量来源", "not in it: batches from"), absent.map(function (s) { return s.name; }).join(say("、", ", "))); }
  }

  function status(item, row) {
    chip(row, word("item", item.status), "item-" + item.status);
    if (item.degree !== "none") { chip(row, word("degree", item.degree), "degree-" + item.degree); }
    if (item.disputed) { chip(row, say("有异议", "disputed"), "open"); }
    if (item.repair_open) { chip(row, say("修复申请中", "repair applied for"), "open"); }
    if (item.corrections) { chip(row, say("已更正 " + item.corrections + " 次", "corrected " + item.corrections + "×")); }
    if (item.late) { chip(row, say("逾期公示", "published late"), "late"); }
  }

  // What a subject can do, as the class's data and dates say it.
  function ways(box, item) {
    var w = item.ways, d = item.days, list = p.add(box, "ul", null, "ways"), li, evidence, when;
    function way(title, text) {
      li = p.add(list, "li");
      p.add(li, "strong", title + say("：", ": "));
      p.add(li, "span", text);
    }
    if (item.disputed) {
      way(say("异议", "Objection"), say("已提出，等待答复；未决期间标注“有异议”。", "raised; until it is resolved the record is marked as disputed."));
    } else {
      way(say("提出异议", "To object"), clause([
        say("向认定单位或信用机构提出，" + w.objection_days + " 个工作日内答复", "tell the authority or a credit centre; it answers within " + w.objection_days + " working days"),
        d.objection_by && say("当日提出的，最迟 " + d.objection_by, "if raised that day, by " + d.objection_by)
      ]) + say("。", "."));
    }
    if (w.repair) {
      evidence = w.repair.evidence.map(function (e) { return word("evidence", e); }).join(say("、", ", "));
      when = item.minimum > day(view.as_of) ? say(item.minimum + " 起可申请", "possible from " + item.minimum) : say("现在可申请", "possible now");
      way(say("信用修复", "To repair"), clause([
        item.repair_open ? say("已申请，等待决定", "applied for, not decided yet") : when,
        evidence && say("须提交：" + evidence, "needs: " + evidence),
        say(w.repair.days + " 个工作日内决定", "decided within " + w.repair.days + " working days"),
        !item.repair_open && item.minimum <= day(view.as_of) && d.repair_by && say("当日申请的，最迟 " + d.repair_by, "if applied for that day, by " + d.repair_by)
      ]) + say("。", "."));
    } else if (item.degree !== "none") {
      way(say("信用修复", "To repair"), say("该类记录不适用修复。", "records of this class cannot be repaired."));
    }
    if (w.exit) {
      way(say("移出名单", "To leave the list"), clause([
        item.minimum > day(view.as_of) ? say(item.minimum + " 起", "from " + item.minimum) : "",
        w.exit.length ? say("须提交：", "needs: ") + w.exit.map(function (e) { return word("evidence", e); }).join(say("、", ", ")) : say("期满移出", "by the end of its term")
      ]) + say("。", "."));
    }
    if (item.until) { way(say("到期", "It ends"), say(item.until + " 起不再公示，无须申请。", "it is not shown from " + item.until + " on; nothing has to be done.")); }
  }

  function event(list, e) {
    var li = p.add(list, "li", null, e.outcome === "rejected" ? "end" : tones[e.kind] || "plain"), time, foot;
    time = p.add(p.add(li, "p", null, "when"), "time", p.times(e.time));
    time.dateTime = e.time;
    p.add(li, "h3", word("credit", e.kind) + (e.outcome ? say("：", ": ") + word("outcome", e.outcome) : ""));
    p.add(li, "p", e.by.name, "owner");
    foot = p.add(li, "p", null, "soft");
    if (e.deadline) { p.add(foot, "span", say("期限 ", "due before ") + p.times(e.deadline) + " · "); }
    p.add(foot, "span", say("区块 ", "height ") + e.height + " · ");
    p.link(foot, e.receipt, say("回执 ", "receipt ") + p.short(e.record));
  }

  function card(item) {
    var box = p.add(el("items"), "article", null, "item"), list, more;
    box.id = "item-" + item.id;
    p.add(box, "h2", item.class_name);
    status(item, p.add(box, "p", null, "chips"));
    list = p.add(box, "dl");
    p.fact(list, say("认定单位", "authority"), item.authority.name);
    p.fact(list, say("决定日期", "decided"), item.decided);
    if (item.source) { p.fact(list, say("批量来源", "in a batch of"), item.source.name); }
    p.fact(list, item.source ? say("公示", "published") : say("上链公示", "recorded"), p.times(item.recorded));
    p.fact(list, say("公示至", "shown until"), item.until || say("长期", "no end"));
    p.fact(list, say("编号", "id"), item.id, "mono");
    p.add(box, "h3", say("可以怎样做", "What can be done"));
    ways(box, item);
    if (!item.events.length) { return; }
    more = p.add(box, "details");
    more.open = true;
    p.add(more, "summary", say("经过（" + item.events.length + "）", "What happened (" + item.events.length + ")"));
    list = p.add(more, "ol", null, "timeline");
    item.events.forEach(function (e) { event(list, e); });
  }

  // The picture: a bar for each record from its decision to its end; what lies behind the day asked for is still to come.
  function draw() {
    var NS = "http://www.w3.org/2000/svg", W = 940, LEFT = 250, ROW = 34, TOP = 30, items = view.items, now = Date.parse(day(view.as_of));
    el("figure").hidden = !items.length;
    if (!items.length) { return; }
    var box = p.clear(el("chart"));
    function node(parent, tag, attrs, cls, text) {
      var n = document.createElementNS(NS, tag);
      Object.keys(attrs).forEach(function (k) { n.setAttribute(k, attrs[k]); });
      if (cls) { n.setAttribute("class", cls); }
      if (text) { n.textContent = text; }
      return parent.appendChild(n);
    }
    var from = Math.min.apply(null, items.map(function (i) { return Date.parse(i.decided); }));
    var ends = items.map(function (i) { return i.until ? Date.parse(i.until) : now; });
    var to = Math.max.apply(null, ends.concat([now + 90 * 864e5])), pad = (to - from) * 0.02;
    function x(t) { return Math.round(LEFT + (W - LEFT - 20) * (t - from + pad) / (to - from + 2 * pad)); }
    var H = TOP + items.length * ROW + 26, svg = node(box, "svg", { viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": say("各条记录的公示期，详见下文", "when each record is shown; the same in words below") }, "gantt");
    var year = new Date(from).getUTCFullYear(), last = new Date(to).getUTCFullYear(), step = Math.max(1, Math.ceil((last - year) / 12));
    for (var y = year; y <= last + 1; y += 1) {
      for (var q = 0; q < 4; q += 1) {
        var at = Date.UTC(y, q * 3, 1);
        if (at < from || at > to || (last - year > 3 && q) || (y - year) % step) { continue; }
        node(svg, "line", { x1: x(at), y1: TOP - 6, x2: x(at), y2: H - 22 }, "grid-line");
        node(svg, "text", { x: x(at), y: H - 6, "text-anchor": "middle" }, "tick", y + "-" + ("0" + (q * 3 + 1)).slice(-2));
      }
    }
    items.forEach(function (item, i) {
      var y0 = TOP + i * ROW, a = x(Date.parse(item.decided)), b = item.until ? x(Date.parse(item.until)) : W - 10, m = Date.parse(item.minimum), title = item.class_name;
      var bad = item.degree === "none" ? "fine" : item.degree;
      var link = node(svg, "a", { href: "#item-" + item.id });
      node(link, "text", { x: 0, y: y0 + 18 }, "label", title.length > 15 ? title.slice(0, 14) + "…" : title);
      [["span", b], ["past", Math.min(x(now), b)]].forEach(function (part) {
        var width = Math.max(part[1] - a, 4);
        node(svg, "rect", { x: a, y: y0 + 5, width: width, height: 18, rx: Math.min(9, width / 2) }, part[0] + " " + bad);
      });
      if (item.ways.repair) { node(svg, "path", { d: "M" + x(m) + " " + (y0 + 7) + "l7 7-7 7-7-7z" }, "from"); }
      item.events.forEach(function (e) {
        if (e.kind !== "record") { node(svg, "circle", { cx: x(Date.parse(e.time)), cy: y0 + 14, r: 4.5 }, "dot"); }
      });
    });
    node(svg, "line", { x1: x(now), y1: 16, x2: x(now), y2: H - 22 }, "now");
    node(svg, "text", { x: x(now), y: 12, "text-anchor": "middle" }, "now-label", day(view.as_of));
    var legend = p.clear(el("legend"));
    [["key past ordinary", say("公示中", "shown so far")], ["key span ordinary", say("尚余公示期", "still to be shown")], ["key diamond", say("起可申请修复", "repair possible from")], ["key round", say("异议、修复等", "objections, repair, …")]].forEach(function (k) {
      var item = p.add(legend, "span");
      p.add(item, "span", "", k[0]);
      p.add(item, "span", k[1]);
    });
  }

  function show() {
    el("subject").value = subject;
    el("as-of").value = asOf;
    el("found").hidden = !view;
    if (!view) { return; }
    head();
    draw();
    p.clear(el("items"));
    if (!view.items.length) { p.add(el("items"), "p", say("没有公示中的记录。", "Nothing is shown."), "empty"); }
    view.items.slice().reverse().forEach(card);
    el("proven").textContent = say("由区块高度 " + view.height + " 的状态证明支持；内容不上链，修复、到期、撤销的记录不再公示，司法机关仍可依证明调取。", "Proven as of height " + view.height + ". Contents are not on the ledger; what was repaired, expired or withdrawn is no longer shown, and a court can still have it proven.");
  }

  function load() {
    view = null;
    show();
    if (!subject) { return; }
    p.ask(p.address("/v1/credit/subjects/" + encodeURIComponent(subject), { as_of: asOf })).then(function (v) { view = v; show(); }).catch(function () {});
  }

  el("who").addEventListener("submit", function (e) {
    e.preventDefault();
    subject = el("subject").value.trim().toUpperCase();
    if (subject.indexOf(":") > 0) { subject = el("subject").value.trim(); }
    asOf = el("as-of").value;
    history.replaceState(null, "", p.address("/credit", { subject: subject, as_of: asOf }));
    load();
  });
  p.render(show);
  load();
})();
