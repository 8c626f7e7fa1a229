"use strict";
// An authority's desk: what it owes an answer, the most urgent first, and what it published late.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say;
  // So many pages are read by themselves; each looks at 500 acts.
  var PAGES = 20;
  var members = [], desk = null, tasks = [], orders = [], late = [], batches = [], lifts = [], hidden = 0, lateHidden = 0, next = null, moreLifts = false;
  // Which choice of an authority this is: answers to the ones before are dropped.
  var turn = 0;
  var of = p.params.get("authority") || "";

  function options() {
    var o = p.clear(el("authority"));
    p.add(o, "option", say("请选择单位", "choose an authority")).value = "";
    members.forEach(function (m) { p.add(o, "option", m.name + " · " + m.code).value = m.code; });
    o.value = of;
  }

  function tile(name, done, tardy, total) {
    var box = p.add(el("tiles"), "div", null, "tile");
    p.add(box, "span", name, "soft");
    p.add(box, "strong", p.number(done));
    p.add(box, "span", total ? total : tardy ? say("其中逾期 " + p.number(tardy), p.number(tardy) + " of them late") : say("均按期", "all in time"), tardy ? "late" : "soft");
  }

  function tiles() {
    var c = desk.conduct;
    p.clear(el("tiles"));
    tile(say("公示", "published"), c.published, c.published_late);
    tile(say("异议答复", "objections resolved"), c.resolved, c.resolved_late);
    tile(say("修复决定", "repairs decided"), c.decided, c.decided_late);
    tile(say("撤销", "withdrawn"), c.withdrawn, c.withdrawn_late);
    tile(say("惩戒激励", "measures applied"), c.applied, 0, say("已反馈 " + p.number(c.told), p.number(c.told) + " told about"));
  }

  function clause(parts) { return parts.filter(Boolean).join(say("；", "; ")); }
  function person(parent, text) { p.link(parent, p.address("/credit", { subject: text }), text); }

  // Whole days until the deadline, or since.
  function left(deadline) {
    var days = Math.floor((Date.parse(deadline) - Date.parse(desk.as_of)) / 864e5);
    return days < 0 ? say("逾期 " + -days + " 天", -days + " days overdue") : say("剩余 " + days + " 天", days + " days left");
  }

  function task(t) {
    var item = p.add(el("tasks"), "li", null, "card task" + (t.claim.overdue ? " overdue" : "")), row, list;
    p.add(item, "h3", t.kind === "objection" ? say("异议待答复", "objection to resolve") : say("修复待决定", "repair to decide"));
    row = p.add(item, "p", null, "chips");
    p.add(row, "span", left(t.claim.deadline), "chip " + (t.claim.overdue ? "late" : "open"));
    if (t.item.degree !== "none") { p.add(row, "span", word("degree", t.item.degree), "chip degree-" + t.item.degree); }
    list = p.add(item, "dl");
    person(p.fact(list, say("主体", "subject"), p.make("span")), t.subject);
    p.fact(list, say("类目", "class"), t.item.class_name);
    if (t.source) { p.fact(list, say("批量来源", "in a batch of"), t.source.name); }
    p.fact(list, say("提交单位", "sent by"), t.claim.by.name);
    p.fact(list, say("提出", "since"), p.times(t.claim.since));
    p.fact(list, say("期限", "due before"), p.times(t.claim.deadline), t.claim.overdue ? "late" : "");
    if (t.claim.postponed) { p.fact(list, say("按工作日应为", "by working days"), p.times(t.claim.counted), "late"); }
    answer(item, (t.source ? "credit case decide " : t.kind === "objection" ? "credit resolve " : "credit repair decide ") + t.claim.id, t.claim.id);
  }

  // What its next batch has to tell; of what has ended only the case.
  function order(o) {
    var c = o.claim, item = p.add(el("orders"), "li", null, "card task" + (c.overdue ? " overdue" : "")), row, list;
    p.add(item, "h3", word("credit", o.ruling));
    row = p.add(item, "p", null, "chips");
    p.add(row, "span", left(c.deadline), "chip " + (c.overdue ? "late" : "open"));
    if (c.status === "neglected") { p.add(row, "span", say("已计未执行", "counted as not carried out"), "chip late"); }
    list = p.add(item, "dl");
    if (o.about) {
      person(p.fact(list, say("主体", "subject"), p.make("span")), o.about.subject);
      p.fact(list, say("类目", "class"), o.about.item.class_name);
    }
    p.fact(list, say("决定单位", "decided by"), c.by.name);
    p.fact(list, say("决定", "since"), p.times(c.since));
    p.fact(list, say("期限", "due before"), p.times(c.deadline), c.overdue ? "late" : "");
    if (c.postponed) { p.fact(list, say("按工作日应为", "by working days"), p.times(c.counted), "late"); }
    answer(item, "credit case done " + c.id + " RECORD --batches DIR", c.id);
  }

  // The id by which it is answered, whole, and the receipt of what was asked.
  function answer(item, command, receipt) {
    var row = p.add(item, "p", null, "command");
    p.add(row, "code", "yinxin " + command);
    p.link(p.add(item, "p", null, "soft"), "/v1/receipts/" + receipt, say("回执 ", "receipt ") + p.short(receipt));
  }

  function lift(m) {
    var item = p.add(el("lifts"), "li", null, "card task overdue"), list;
    p.add(item, "h3", p.zh() && m.name ? m.name : word("measure", m.measure));
    list = p.add(item, "dl");
    p.fact(list, say("采取", "applied"), p.times(m.applied));
    p.fact(list, say("依据", "on"), m.law);
    p.fact(list, say("反馈", "told about"), m.feedbacks ? say(m.feedbacks + " 次，结果代码 " + m.result, m.feedbacks + "×, last result by code: " + m.result) : say("尚未反馈", "nothing yet"));
    p.fact(list, say("最迟解除", "lift by"), m.lift_by, m.overdue ? "late" : "");
    answer(item, "credit measure lift " + m.id, m.id);
  }

  function rows() {
    var table = el("late"), tr = p.add(p.clear(table.tHead), "tr");
    [say("主体", "subject"), say("类目", "class"), say("决定日期", "decided"), say("公示期限", "due before"), say("实际公示", "published")].forEach(function (h) { p.add(tr, "th", h).scope = "col"; });
    p.clear(table.tBodies[0]);
    late.forEach(function (l) {
      tr = p.add(table.tBodies[0], "tr");
      person(p.add(tr, "td"), l.subject);
      p.add(tr, "td", l.item.class_name);
      p.add(tr, "td", l.item.decided);
      p.add(tr, "td", p.times(l.publish_by) + (l.postponed ? say("（按工作日应为 " + p.times(l.counted) + "）", " (by working days " + p.times(l.counted) + ")") : ""), l.postponed ? "late" : "");
      p.add(tr, "td", p.times(l.item.recorded), "late");
    });
    batches.forEach(function (b) {
      tr = p.add(table.tBodies[0], "tr");
      p.link(p.add(tr, "td"), b.receipt, say("第 " + b.sequence + " 批", "batch " + b.sequence));
      p.add(tr, "td", b.classes.map(function (c) { return c.class + say("：逾期 ", ": ") + p.number(c.late) + " / " + p.number(c.due) + say("", " late"); }).join(say("；", "; ")));
      p.add(tr, "td", "–");
      p.add(tr, "td", say("批次自行计数", "counted by the batch"));
      p.add(tr, "td", p.times(b.recorded));
    });
    var any = late.length + batches.length > 0, own = late.filter(function (l) { return l.on_ledger; }).length;
    var inBatches = batches.reduce(function (n, b) { return n + b.late; }, 0), put = late.length - own;
    table.hidden = !any;
    el("none").hidden = next !== null;
    el("none").textContent = !any && !lateHidden ? say("没有逾期公示的记录。", "Nothing was published late.") : clause([
      say("账本计逾期 " + p.number(own + inBatches + lateHidden) + " 条：单条 " + p.number(own), "the ledger counts " + p.number(own + inBatches + lateHidden) + " as late: " + p.number(own) + " of its own records"),
      inBatches && say("批次 " + p.number(inBatches), p.number(inBatches) + " in batches"),
      lateHidden && say("不公开或已结束、此处不列的 " + p.number(lateHidden), p.number(lateHidden) + " not listed, for they are not public or have ended"),
      put && say("另有 " + p.number(put) + " 条按工作日已逾期而所填期限未到", "and " + p.number(put) + " late by working days, though not by the deadline that was set")
    ]) + say("。", ".");
  }

  function show() {
    options();
    el("desk").hidden = !desk;
    if (!desk) { return; }
    tiles();
    tasks.sort(function (a, b) { return a.claim.deadline < b.claim.deadline ? -1 : 1; });
    p.clear(el("tasks"));
    tasks.forEach(task);
    orders.sort(function (a, b) { return a.claim.deadline < b.claim.deadline ? -1 : 1; });
    el("carry").hidden = !orders.length;
    p.clear(el("orders"));
    orders.forEach(order);
    var overdue = tasks.filter(function (t) { return t.claim.overdue; }).length;
    el("count").textContent = tasks.length
      ? say("待办 " + tasks.length + " 件" + (overdue ? "，其中逾期 " + overdue + " 件" : ""), tasks.length + " to answer" + (overdue ? ", " + overdue + " of them overdue" : ""))
      : say("没有待办。", "Nothing is to be answered.");
    if (hidden) { el("count").textContent += say((tasks.length ? "。" : "") + "另有 " + hidden + " 件涉及不公开、已结束或仅其来源知其状态的批量记录，此处不显示。", (tasks.length ? ". " : " ") + hidden + " more, about records that are not public, have ended or are of batches where only their source knows, are not shown here."); }
    el("lift").hidden = !lifts.length && !moreLifts;
    el("lifts-more").hidden = !moreLifts;
    p.clear(el("lifts"));
    lifts.forEach(lift);
    rows();
    el("more").hidden = !next;
    el("proven").textContent = say("截至 " + p.times(desk.as_of) + "，次数由区块高度 " + desk.height + " 的状态证明支持。", "As of " + p.times(desk.as_of) + "; the counts are proven as of height " + desk.height + ".");
  }

  function load(mine, pages) {
    var at = next;
    return p.ask(p.address("/v1/credit/authorities/" + encodeURIComponent(of), { from: at })).then(function (a) {
      // Of another authority, or a page that is here already.
      if (mine !== turn || at !== next) { return null; }
      desk = a;
      next = a.next;
      a.objections.forEach(function (t) { t.kind = "objection"; tasks.push(t); });
      a.repairs.forEach(function (t) { t.kind = "repair"; tasks.push(t); });
      a.cases.forEach(function (t) { t.kind = t.ask; tasks.push(t); });
      orders = orders.concat(a.orders);
      late = late.concat(a.late);
      batches = batches.concat(a.batches);
      hidden += a.not_shown;
      lateHidden += a.late_not_shown;
      show();
      return next && pages > 1 ? load(mine, pages - 1) : null;
    });
  }

  function loadLifts(mine, from, pages) {
    if (mine !== turn) { return null; }
    return p.ask(p.address("/v1/credit/authorities/" + encodeURIComponent(of) + "/measures", { due: "true", from: from })).then(function (a) {
      if (mine !== turn) { return null; }
      lifts = lifts.concat(a.measures);
      hidden += a.not_shown;
      moreLifts = a.next !== null && pages === 1;
      show();
      return a.next && pages > 1 ? loadLifts(mine, a.next, pages - 1) : null;
    });
  }

  function begin() {
    desk = null;
    tasks = [];
    orders = [];
    late = [];
    batches = [];
    lifts = [];
    hidden = 0;
    lateHidden = 0;
    next = null;
    moreLifts = false;
    var mine = turn += 1;
    show();
    if (of) { load(mine, PAGES).then(function () { return loadLifts(mine, "", PAGES); }).catch(function () {}); }
  }

  el("which").addEventListener("submit", function (e) { e.preventDefault(); });
  el("which").addEventListener("change", function () {
    of = el("authority").value;
    history.replaceState(null, "", p.address("/desk", { authority: of }));
    begin();
  });
  el("more").firstChild.addEventListener("click", function () { load(turn, PAGES).catch(function () {}); });
  p.render(show);
  p.ask("/v1/organisations").then(function (a) {
    members = a.organisations;
    begin();
  }).catch(function () {});
})();
