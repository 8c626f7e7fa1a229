"use strict";
// A company's credit: its records as bars in time, then each with its state, what can be done about it, and every act with its receipt; and
// who looked, and who scored it.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say, view = null, looks = null, scores = null;
  // So many answers are read one after another; each is made from at most 2,000 records.
  var PAGES = 50;
  // Which question this is, of a subject and a day: answers to the ones before are dropped.
  var turn = 0;
  var subject = p.params.get("subject") || "", asOf = p.params.get("as_of") || "";
  var tones = { "record": "flow", "object": "ask", "resolve-objection": "good", "apply-for-repair": "ask", "decide-on-repair": "good", "correct": "good", "repair": "good", "break-commitment": "end", "withdraw": "end", "delist": "end", "reinstate": "end", "apply-measure": "ask", "tell-of-measure": "flow", "lift-measure": "good", "raise-case": "ask", "decide-case": "good", "close-case": "flow" };

  function day(text) { return text ? p.times(text).slice(0, 10) : ""; }
  function chip(row, text, cls) { return p.add(row, "span", text, "chip " + (cls || "")); }
  function clause(parts) { return parts.filter(Boolean).join(say("；", "; ")); }
  function words(table, names) { return names.map(function (n) { return word(table, n); }).join(say("、", ", ")); }
  // Whether a day is asked for that is over: nothing can be done on it.
  function past() { return asOf && day(view.as_of) === asOf; }

  function whole() {
    if (view.next) { return [say("已读 " + p.number(parseInt(view.next, 10)) + " 条，共 " + p.number(view.records) + " 条", p.number(parseInt(view.next, 10)) + " of " + p.number(view.records) + " records read"), "open"]; }
    return view.complete
      ? [say("记录完整：可重放至账本叶值", "complete: replays to the ledger's leaf"), "good"]
      : [say("本节点列出的记录不能重放至账本叶值，请向其他节点查询", "what this node lists does not replay to the ledger's leaf: ask another"), "late"];
  }

  function head() {
    var box = p.clear(el("head")), list, state = whole(), more;
    p.add(box, "h2", view.subject, "code");
    var row = p.add(box, "p", null, "chips");
    chip(row, state[0], state[1]);
    if (view.items.some(function (i) { return i.disputed; })) { chip(row, say("有异议未决", "something is disputed"), "open"); }
    list = p.add(box, "dl");
    p.fact(list, say("截至", "as of"), p.times(view.as_of));
    p.fact(list, say("公示中", "shown"), say(p.number(view.items.length) + " 条", p.number(view.items.length)));
    p.fact(list, say("不再公示或不公开", "ended, or not public"), say(p.number(view.not_shown) + " 条", p.number(view.not_shown)));
    p.fact(list, say("账本记录", "records on the ledger"), p.number(view.records) + " · " + p.short(view.head), "mono");
    var absent = view.sources.filter(function (s) { return s.records === null; });
    view.sources.filter(function (s) { return s.records !== null; }).forEach(function (s) {
      var text = p.fact(list, say("批量来源", "batches from"), say(s.name + "：" + s.records + " 条，可证明齐全，截至第 " + s.batch + " 批 ", s.name + ": " + s.records + ", proven to be all, as of batch " + s.batch + " "));
      if (s.receipt) { p.link(text, s.receipt, say("回执", "receipt")); }
    });
    if (absent.length) { p.fact(list, say("未含批量来源", "not in it: batches from"), absent.map(function (s) { return s.name; }).join(say("、", ", "))); }
    if (past()) {
      more = p.add(box, "p", say("这里是当日在公示、且至今仍在公示的记录；此后修复、到期或撤销的不因查询历史日期而重现。办理事项请看", "What stood on that day and still stands. What was repaired, expired or withdrawn since is not brought back by asking for a day before. What can be done, see "), "note");
      p.link(more, p.address("/credit", { subject: subject }), say("今日", "today"));
    }
  }

  function status(item, row) {
    chip(row, word("item", item.status), "item-" + item.status);
    if (item.degree !== "none") { chip(row, word("degree", item.degree), "degree-" + item.degree); }
    if (item.disputed) { chip(row, say("有异议", "disputed"), "open"); }
    if (item.repair_open) { chip(row, say("修复申请中", "repair applied for"), "open"); }
    if (item.corrections) { chip(row, say("已更正 " + item.corrections + " 次", "corrected " + item.corrections + "×")); }
    if (item.late) { chip(row, say("逾期公示", "published late"), "late"); }
  }

  // What a subject can do, as the item's state, its class's data and dates say it.
  function ways(box, item) {
    var w = item.ways, d = item.days, can = item.can, today = day(view.as_of), list = p.add(box, "ul", null, "ways"), li, evidence, when;
    var next = item.source && say("责令事项载于其来源的下一批次", "what is ordered stands in its source's next batch");
    function way(title, text) {
      li = p.add(list, "li");
      p.add(li, "strong", title + say("：", ": "));
      p.add(li, "span", text);
    }
    if (item.disputed) {
      way(say("异议", "Objection"), clause([
        item.source ? say("已提出，等待答复或来源更正；在此之前标注“有异议”", "raised; until it is resolved, and corrected by its source if so ordered, the record is marked as disputed")
          : say("已提出，等待答复；未决期间标注“有异议”", "raised; until it is resolved the record is marked as disputed"),
        next
      ]) + say("。", "."));
    } else if (can.object) {
      way(say("提出异议", "To object"), clause([
        say("向认定单位" + (item.source ? "、" + item.source.name : "") + "或信用机构提出，" + w.objection_days + " 个工作日内答复", "tell the authority" + (item.source ? ", " + item.source.name : "") + " or a credit centre; it answers within " + w.objection_days + " working days"),
        d.objection_by && say("今日提出的，最迟 " + d.objection_by, "if raised today, by " + d.objection_by),
        next
      ]) + say("。", "."));
    }
    if (can.repair) {
      evidence = words("evidence", w.repair.evidence);
      when = item.minimum > today ? say(item.minimum + " 起可申请", "possible from " + item.minimum) : say("现在可申请", "possible now");
      way(say("信用修复", "To repair"), clause([
        item.repair_open ? say("已申请，等待决定", "applied for, not decided yet") : when,
        evidence && say("须提交：" + evidence, "needs: " + evidence),
        say(w.repair.days + " 个工作日内决定", "decided within " + w.repair.days + " working days"),
        !item.repair_open && item.minimum <= today && d.repair_by && say("今日申请的，最迟 " + d.repair_by, "if applied for today, by " + d.repair_by)
      ]) + say("。", "."));
    } else if (item.status === "committed") {
      way(say("承诺", "Commitment"), say("尚未违背，无须修复；按期履行即可。", "not broken: there is nothing to repair; keep it in time."));
    } else if (item.degree !== "none" && !w.repair) {
      way(say("信用修复", "To repair"), say("该类记录不适用修复。", "records of this class cannot be repaired."));
    }
    if (can.leave) {
      way(say("移出名单", "To leave the list"), clause([
        item.minimum > today ? say(item.minimum + " 起", "from " + item.minimum) : "",
        w.exit.length ? say("须提交：", "needs: ") + words("evidence", w.exit) : say("期满移出", "by the end of its term")
      ]) + say("。", "."));
    }
    if (item.until) { way(say("到期", "It ends"), say(item.until + " 起不再公示，无须申请。", "it is not shown from " + item.until + " on; nothing has to be done.")); }
  }

  function named(e) { return portal.zh() && e.measure_name ? e.measure_name : word("measure", e.measure); }

  function event(list, e) {
    var li = p.add(list, "li", null, e.outcome === "rejected" ? "end" : tones[e.kind] || "plain"), time, foot, title, why;
    time = p.add(p.add(li, "p", null, "when"), "time", p.times(e.time));
    time.dateTime = e.time;
    title = word("credit", e.ask === "objection" ? "object" : e.ask === "repair" ? "apply-for-repair" : e.kind) + (e.outcome ? say("：", ": ") + word("outcome", e.outcome) : "") + (e.measure ? say("：", ": ") + named(e) : "");
    p.add(li, "h3", title);
    p.add(li, "p", e.by.name, "owner");
    why = clause([
      e.result !== null && say("反馈结果代码 " + e.result, "result, by code: " + e.result),
      e.batch && say("决定日期 " + e.day, "decided on " + e.day),
      e.reason && say("理由代码 " + e.reason, "reason, by code: " + e.reason),
      e.kind === "apply-measure" && e.law && say("依据 " + e.law, "on " + e.law)
    ]);
    if (why) { p.add(li, "p", why, "why"); }
    foot = p.add(li, "p", null, "soft");
    if (e.deadline) { p.add(foot, "span", say("期限 ", "due before ") + p.times(e.deadline) + " · "); }
    if (e.batch) { p.add(foot, "span", say("第 " + e.batch.sequence + " 批第 " + p.number(e.batch.place + 1) + " 条 · ", "batch " + e.batch.sequence + ", record " + p.number(e.batch.place + 1) + " · ")); }
    p.add(foot, "span", say("区块 ", "height ") + e.height + " · ");
    p.link(foot, e.receipt, say("回执 ", "receipt ") + p.short(e.batch ? e.receipt.split("/").pop() : e.record));
  }

  // A paper is known by its salted digest: whoever has it can show that it is this one.
  function basis(list, of) {
    var text, item = of.kind === "item";
    text = p.fact(list, say("所依据", "rests on"), word("basis", of.kind) + " ");
    if (item) { p.link(text, "#item-" + of.id, p.short(of.id), "mono"); } else { p.add(text, "span", p.short(of.id), "mono").title = of.id; }
  }

  function card(item) {
    var box = p.add(el("items"), "article", null, "item"), list, more, title;
    box.id = "item-" + item.id;
    box.tabIndex = -1;
    title = p.add(box, "h2", item.class_name);
    p.add(title, "span", item.decided, "of-day");
    status(item, p.add(box, "p", null, "chips"));
    list = p.add(box, "dl");
    p.fact(list, say("认定单位", "authority"), item.authority.name);
    p.fact(list, say("法律依据", "law"), item.laws.join(say("、", ", ")));
    if (item.basis) { basis(list, item.basis); }
    if (item.source) { p.fact(list, say("批量来源", "in a batch of"), item.source.name); }
    p.fact(list, item.source ? say("公示", "published") : say("上链公示", "recorded"), p.times(item.recorded));
    p.fact(list, say("公示至", "shown until"), item.until || say("长期", "no end"));
    p.fact(list, say("编号", "id"), item.id, "mono");
    if (!past()) {
      p.add(box, "h3", say("可以怎样做", "What can be done"));
      ways(box, item);
    }
    if (item.more) { p.add(box, "p", say("批次中还有更多经过，此处未列；请使用 yinxin credit view。", "There is more in the batches than is listed here; use yinxin credit view."), "note"); }
    if (!item.events.length) { return; }
    more = p.add(box, "details");
    // Of many records each is opened by whoever wants it.
    more.open = view.items.length <= 20;
    p.add(more, "summary", say("经过（" + item.events.length + "）", "What happened (" + item.events.length + ")"));
    list = p.add(more, "ol", null, "timeline");
    item.events.forEach(function (e) { event(list, e); });
  }

  // The picture: a bar for each record from its decision to its end; what lies behind the day asked for is still to come.
  function draw() {
    // More bars than this are no picture: the newest are drawn.
    var BARS = 40;
    var NS = "http://www.w3.org/2000/svg", W = 940, LEFT = 250, ROW = 40, TOP = 30, items = view.items.slice(-BARS), now = Date.parse(day(view.as_of));
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
      node(link, "text", { x: 0, y: y0 + 14 }, "label", title.length > 15 ? title.slice(0, 14) + "…" : title);
      node(svg, "text", { x: 0, y: y0 + 29 }, "tick", item.decided + " · " + item.authority.name);
      [["span", b], ["past", Math.min(x(now), b)]].forEach(function (part) {
        var width = Math.max(part[1] - a, 4);
        node(svg, "rect", { x: a, y: y0 + 6, width: width, height: 18, rx: Math.min(9, width / 2) }, part[0] + " " + bad);
      });
      if (item.can.repair) { node(svg, "path", { d: "M" + x(m) + " " + (y0 + 8) + "l7 7-7 7-7-7z" }, "from"); }
      item.events.forEach(function (e) {
        if (e.kind !== "record") { node(svg, "circle", { cx: x(Date.parse(e.batch ? e.day : e.time)), cy: y0 + 15, r: 4.5 }, "dot"); }
      });
    });
    node(svg, "line", { x1: x(now), y1: 16, x2: x(now), y2: H - 22 }, "now");
    node(svg, "text", { x: x(now), y: 12, "text-anchor": "middle" }, "now-label", day(view.as_of));
    var legend = p.clear(el("legend"));
    [["key past ordinary", say("公示中", "shown so far")], ["key span ordinary", say("尚余公示期", "still to be shown")], ["key diamond", say("起可申请修复", "repair possible from")], ["key round", say("异议、修复、措施等", "objections, repair, measures, …")]].forEach(function (k) {
      var item = p.add(legend, "span");
      p.add(item, "span", "", k[0]);
      p.add(item, "span", k[1]);
    });
    if (view.items.length > BARS) { p.add(legend, "span", say("图中为最近 " + BARS + " 条", "the newest " + BARS + " are drawn")); }
  }

  // Who looked: a row for each view, authorisation, score.
  function look(tbody, u) {
    var tr = p.add(tbody, "tr"), time = p.add(p.add(tr, "td"), "time", p.times(u.time)), cell;
    time.dateTime = u.time;
    p.add(tr, "td", word("use", u.kind));
    p.add(tr, "td", u.reader ? u.reader.name : u.by.name);
    p.add(tr, "td", clause([
      u.purpose && say("用途 " + u.purpose, "purpose: " + u.purpose),
      u.ground && word("ground", u.ground) + (u.cites ? say("：", ": ") + p.short(u.cites) : ""),
      u.classes.length && u.classes.join(say("、", ", ")),
      u.until && say("至 ", "until ") + p.times(u.until),
      u.formula && say("公式 ", "formula ") + u.formula,
      u.as_of && say("截至 ", "as of ") + p.times(u.as_of)
    ]));
    cell = p.add(tr, "td");
    p.link(cell, u.receipt, p.short(u.record), "mono");
  }

  // A score: by which formula and from what, whether that is still all, and how whoever has its file computes it again.
  function score(s) {
    var box = p.add(el("scores"), "section", null, "score"), row, list, file;
    p.add(box, "h3", s.formula.name);
    row = p.add(box, "p", null, "chips");
    chip(row, say("第 " + s.formula.version + " 版公式", "formula, version " + s.formula.version));
    if (s.newer) { chip(row, say("已有第 " + s.newer.version + " 版（" + s.newer.valid_from + " 起）", "version " + s.newer.version + " since " + s.newer.valid_from), "open"); }
    if (s.since) { chip(row, say("此后新增 " + p.number(s.since) + " 条记录", p.number(s.since) + (s.since === 1 ? " more record since" : " more records since")), "open"); }
    if (!s.newer && !s.since) { chip(row, say("账本此后无新记录", "nothing new on the ledger since"), "good"); }
    list = p.add(box, "dl");
    p.fact(list, say("评分单位", "by"), s.by.name);
    p.fact(list, say("截至", "as of"), p.times(s.as_of));
    p.fact(list, say("依据账本记录", "from records on the ledger"), p.number(s.from.records) + " · " + p.short(s.from.head), "mono");
    file = p.fact(list, say("公式文件 SM3", "formula's file, SM3"), s.formula.code + "@" + s.formula.version + " · " + p.short(s.formula.definition), "mono");
    file.title = s.formula.definition;
    p.fact(list, say("依据摘要", "inputs, SM3"), p.short(s.inputs), "mono").title = s.inputs;
    p.fact(list, say("加盐结果", "salted result"), p.short(s.result), "mono").title = s.result;
    p.add(box, "p", say("凭评分单位的评分文件与视图可重新计算并与账本核对，逐项说明得分、何时可修复及修复后的分值：", "With the score's file and the view, from whoever computed it, it is computed again and held against the ledger; each item is explained, from when it can be repaired, and what the score would be then:"));
    p.add(p.add(box, "p", null, "command"), "code", "yinxin credit score check VIEW --formula FORMULA --score SCORE --record " + s.record + " --node " + location.origin);
    if (s.newer || s.since) {
      p.add(box, "p", say("按现状重新评分：由账本成员取新视图后", "As it stands now, from a new view that a member of the ledger takes:"));
      p.add(p.add(box, "p", null, "command"), "code", "yinxin credit score compute VIEW --formula FORMULA");
    }
    p.link(p.add(box, "p", null, "soft"), s.receipt, say("回执 ", "receipt ") + p.short(s.record));
  }

  function scorers() {
    el("scored").hidden = !view || past();
    if (!scores) { return; }
    p.clear(el("scores"));
    scores.scores.slice().reverse().forEach(score);
    el("scores-state").textContent = scores.next ? "" : !scores.complete
      ? say("本节点列出的评分不能重放至账本叶值，请向其他节点查询。", "What this node lists does not replay to the ledger's leaf: ask another.")
      : scores.scores.length
        ? say("共 " + p.number(scores.scores.length) + " 次评分，与账本叶值相符，未有遗漏。各批量来源当时的批次载于评分文件。", p.number(scores.scores.length) + " in all, and none is left out by the ledger's leaf. What sources of batches had then, the score's file says.")
        : say("没有公布的评分。", "No score was published.");
  }

  function lookers() {
    var table = el("looks"), tr = p.add(p.clear(table.tHead), "tr");
    el("looked").hidden = !view || past();
    if (!looks) { return; }
    [say("时间", "when"), say("事项", "what"), say("单位", "who"), say("用途与依据", "purpose and ground"), say("回执", "receipt")].forEach(function (h) { p.add(tr, "th", h).scope = "col"; });
    p.clear(table.tBodies[0]);
    looks.uses.slice().reverse().forEach(function (u) { look(table.tBodies[0], u); });
    table.hidden = !looks.uses.length;
    el("looks-state").textContent = !looks.records ? say("还没有人查询过。", "Nobody has looked.") : looks.next ? "" : looks.complete
      ? say("共 " + p.number(looks.records) + " 条，与账本叶值相符，未有遗漏。", p.number(looks.records) + " in all, and they replay to the ledger's leaf: none is left out.")
      : say("本节点列出的查询记录不能重放至账本叶值，请向其他节点查询。", "What this node lists does not replay to the ledger's leaf: ask another.");
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
    lookers();
    scorers();
    el("proven").textContent = say("由区块高度 " + view.height + " 的状态证明支持；内容与文书号不上链，修复、到期、撤销的记录不再公示，司法机关仍可依证明调取。", "Proven as of height " + view.height + ". Contents and numbers of papers are not on the ledger; what was repaired, expired or withdrawn is no longer shown, and a court can still have it proven.");
  }

  // One answer more: what it tells of items told of before goes to them.
  function merge(v) {
    var before = view, known = {};
    if (!before) {
      view = v;
      return;
    }
    before.items = before.items.concat(v.items);
    before.items.forEach(function (i) { known[i.id] = i; });
    // What the batches tell of an item may be newer than a case about it.
    v.later.forEach(function (l) {
      if (known[l.item]) { known[l.item].events = known[l.item].events.concat(l.events).sort(function (a, b) { return a.height - b.height; }); }
    });
    before.not_shown += v.not_shown;
    ["complete", "next", "records", "head", "height", "as_of"].forEach(function (k) { before[k] = v[k]; });
  }

  // So many pages of what is asked, each added as it comes; answers to the questions before are dropped.
  function read(mine, from, pages) {
    return p.ask(p.address("/v1/credit/subjects/" + encodeURIComponent(subject), { as_of: asOf, from: from })).then(function (v) {
      if (mine !== turn) { return null; }
      merge(v);
      show();
      return v.next && pages > 1 ? read(mine, v.next, pages - 1) : null;
    });
  }

  // Whether it goes on from where the last page ended: what was asked for twice is taken once.
  function goesOn(told, from) { return from === (told ? told.next : ""); }

  function readLooks(mine, from, pages) {
    return p.ask(p.address("/v1/credit/subjects/" + encodeURIComponent(subject) + "/uses", { from: from })).then(function (v) {
      if (mine !== turn || !goesOn(looks, from)) { return null; }
      if (looks) { v.uses = looks.uses.concat(v.uses); }
      looks = v;
      lookers();
      return v.next && pages > 1 ? readLooks(mine, v.next, pages - 1) : null;
    });
  }

  function readScores(mine, from, pages) {
    return p.ask(p.address("/v1/credit/subjects/" + encodeURIComponent(subject) + "/uses/scores", { from: from })).then(function (v) {
      if (mine !== turn || !goesOn(scores, from)) { return null; }
      if (scores) { v.scores = scores.scores.concat(v.scores); }
      scores = v;
      scorers();
      return v.next && pages > 1 ? readScores(mine, v.next, pages - 1) : null;
    });
  }

  function load() {
    var mine = turn += 1;
    view = null;
    looks = null;
    scores = null;
    el("looked").open = false;
    el("scored").open = false;
    show();
    if (subject) { read(mine, "", PAGES).catch(function () {}); }
  }

  el("looked").addEventListener("toggle", function () {
    if (el("looked").open && !looks) { readLooks(turn, "", PAGES).catch(function () {}); }
  });
  el("scored").addEventListener("toggle", function () {
    if (el("scored").open && !scores) { readScores(turn, "", PAGES).catch(function () {}); }
  });
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
