"use strict";
// What the service names in English, for people who read Chinese; a name that is not here is shown as it is.
portal.words = (function () {
  var tables = {
    class: { "unconditional": "无条件共享", "conditional": "有条件共享", "never": "不予共享" },
    level: { "general-1": "一般 1 级", "general-2": "一般 2 级", "general-3": "一般 3 级", "general-4": "一般 4 级", "important": "重要数据", "core": "核心数据" },
    cycle: { "irregular": "不定期", "real-time": "实时", "daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季度", "half-yearly": "每半年", "yearly": "每年", "other": "其他" },
    kind: { "text": "字符型", "integer": "整数", "decimal": "小数", "date": "日期", "date-time": "日期时间", "boolean": "布尔", "code": "代码", "binary": "二进制", "geometry": "空间数据" },
    masking: { "none": "不脱敏", "partial": "遮盖", "generalised": "泛化", "tokenised": "令牌化", "encrypted": "保形加密", "suppressed": "不提供", "aggregated": "仅汇总", "perturbed": "扰动" },
    duty: { "provide": "提供", "update": "更新", "quality": "质量", "security": "安全", "correct": "校核", "serve": "服务" },
    status: {
      "published": "已发布", "withdrawn": "已撤销", "open": "待审批", "awaiting-second": "待复核", "granted": "已授权", "refused": "已驳回",
      "refused-by-rule": "规则驳回，可申诉", "appealed": "已申诉", "escalated": "已督办", "live": "有效", "revoked": "已撤销授权", "closed": "已交回"
    },
    reason: {
      "no-grant": "无授权", "not-yet": "尚未生效", "expired": "到期", "revoked": "已撤销或交回", "withdrawn": "资源撤下", "volume": "超量",
      "purpose": "用途不符", "fields": "字段不符", "subjects": "对象不符", "negative-list": "负面清单", "caller": "调用方不符", "suspended": "调用方被中止",
      "signature": "签名无效", "replayed": "重放", "stale-ledger": "账本状态过旧"
    },
    item: { "in-force": "有效", "committed": "已承诺", "fulfilled": "已履行", "broken": "已违诺", "repaired": "已修复", "reinstated": "恢复公示", "delisted": "已移出", "withdrawn": "已撤销" },
    degree: { "minor": "轻微失信", "ordinary": "一般失信", "serious": "严重失信" },
    evidence: { "commitment-letter": "信用承诺书", "duty-done": "义务履行证明" },
    outcome: {
      "upheld": "维持", "corrected": "更正", "withdrawn": "撤销", "dropped": "已撤回", "accepted": "准予修复", "rejected": "不予修复", "conditions-met": "符合条件", "basis-ended": "依据已失效", "excluded": "不再符合",
      "correction-ordered": "责令更正", "withdrawal-ordered": "责令撤销", "carried-out": "已执行", "not-carried-out": "逾期未执行"
    },
    credit: {
      "record": "认定并公示", "object": "提出异议", "resolve-objection": "异议答复", "correct": "更正", "fulfil-commitment": "承诺履行", "break-commitment": "违背承诺", "delist": "移出名单", "withdraw": "撤销",
      "apply-for-repair": "申请修复", "decide-on-repair": "修复决定", "reinstate": "修复失实，恢复公示", "apply-measure": "采取措施", "tell-of-measure": "措施反馈", "lift-measure": "解除措施",
      "decide-case": "批次记录裁定", "repair": "修复", "close-case": "裁定执行情况"
    },
    use: { "view": "查询", "authorise": "授权", "revoke": "授权终止", "score": "公布评分", "key": "登记公钥" },
    ground: { "authorisation": "依授权", "law": "依法", "court": "司法案件", "own": "主体本人申请" },
    basis: { "decision": "决定书（加盐摘要）", "document": "本账本上的文件", "licence": "本账本上的证照", "item": "另一条记录", "foreign": "其他账本的记录" },
    measure: {},
    act: {
      "request": "提出申请", "decide": "审批", "confirm": "复核", "appeal": "申诉", "escalate": "督办", "withdraw-request": "撤回申请", "deliver": "交付",
      "access": "访问", "deny": "拒绝访问", "reconcile": "对账", "derive": "加工", "recognise": "互认", "revoke": "撤销授权", "close": "交回授权",
      "erase": "删除", "publish": "发布资源", "withdraw": "撤下资源", "demand": "提出需求", "answer-demand": "答复需求"
    }
  };
  return function (table, name) {
    var known = tables[table] && tables[table][name];
    return portal.zh() && known ? known : String(name).replace(/-/g, " ");
  };
})();
