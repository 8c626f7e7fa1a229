//! How nodes are told to people: names, times, widths.

use unicode_width::UnicodeWidthChar;
use yinxin_record::{DenialReason, Node, Volume, Windows};
use yinxin_verdict::{Lang, UnixTime, shown};

use super::fold::Folded;
use super::graph::{Activity, Graph, Item, Relation, Title};
use super::story::Note;

/// That a graph is not whole; every form says it.
pub(super) fn cut_short(lang: Lang) -> &'static str {
    lang.pick("not all is shown: a limit was reached", "未列完：已达上限")
}

/// Kinds of act in Chinese; English uses the kind's own name.
const KINDS: [(&str, &str); 32] = [
    ("publish", "发布资源"),
    ("withdraw", "撤下资源"),
    ("demand", "提出需求"),
    ("answer-demand", "答复需求"),
    ("publish-calendar", "公布工作日历"),
    ("set-approvers", "指定审批人"),
    ("request", "申请"),
    ("decide", "审批"),
    ("confirm", "复核"),
    ("appeal", "申诉"),
    ("escalate", "催办"),
    ("withdraw-request", "撤回申请"),
    ("deliver", "交付"),
    ("access", "访问"),
    ("deny", "拒绝访问"),
    ("reconcile", "对账"),
    ("derive", "加工"),
    ("recognise", "互认"),
    ("revoke", "撤销授权"),
    ("close", "交回授权"),
    ("erase", "删除"),
    ("document-anchor", "文件存证"),
    ("document-anchor-batch", "批量存证"),
    ("licence-publish-type", "发布证照类型"),
    ("licence-issue", "签发证照"),
    ("licence-change", "变更证照"),
    ("licence-suspend", "中止证照"),
    ("licence-resume", "恢复证照"),
    ("licence-cancel", "注销证照"),
    ("licence-revoke", "吊销证照"),
    ("licence-archive", "归档证照"),
    ("licence-use", "用证"),
];

/// A kind of act, for people.
pub(super) fn kind(kind: &str, lang: Lang) -> &str {
    let zh = KINDS.iter().find(|(name, _)| *name == kind).map_or(kind, |(_, zh)| zh);
    lang.pick(kind, zh)
}

/// A relation, for people.
pub(super) const fn relation(relation: Relation, lang: Lang) -> &'static str {
    let zh = match relation {
        Relation::ActedOnBehalfOf => "代表",
        Relation::WasAssociatedWith => "由…实施",
        Relation::WasAttributedTo => "归属",
        Relation::WasDerivedFrom => "源自",
        Relation::WasGeneratedBy => "产生于",
        Relation::WasInvalidatedBy => "终止于",
        Relation::Used => "使用",
    };
    match lang {
        Lang::En => relation.name(),
        Lang::Zh => zh,
    }
}

/// What a node is called, and the short form of its identifier.
pub(super) fn title(graph: &Graph, item: &Item, lang: Lang) -> (String, String) {
    let named = match graph.titles.get(item) {
        Some(Title::Name(name)) => Some(shown(name).into_owned()),
        Some(Title::Kind(en, zh)) => Some(lang.pick(en, zh).to_owned()),
        None => None,
    };
    let own = |en: &'static str, zh: &'static str| lang.pick(en, zh).to_owned();
    match item {
        Item::Activity(id) => {
            let name = graph.activity(id).map(|a| kind(&a.kind, lang).to_owned());
            (name.unwrap_or_else(|| own("record", "记录")), short(&id.to_string()))
        }
        Item::Organisation(code) => (named.unwrap_or_else(|| code.to_string()), code.to_string()),
        Item::Person(key) => (own("approver", "审批人"), short(&key.to_string())),
        Item::Request(id) => {
            (named.unwrap_or_else(|| own("request", "共享申请")), short(&id.to_string()))
        }
        Item::Thing(node) => {
            let (kind, id) = match node {
                Node::Content(digest) => (own("data", "数据"), short(&digest.to_string())),
                Node::Grant(id) => (own("grant", "授权"), short(&id.to_string())),
                Node::Licence(id) => (own("licence", "电子证照"), tail(id.as_str())),
                Node::Record(r) => (
                    own("record of another ledger", "其他账本的记录"),
                    short(&r.record.to_string()),
                ),
                Node::Resource(r) => (
                    own("resource", "数据资源"),
                    format!("{} v{}", r.resource.catalogue_code(), r.version),
                ),
                _ => (String::new(), node.to_string()),
            };
            (named.unwrap_or(kind), id)
        }
    }
}

/// What an act has to say besides its kind; windows that are told as one, how many and how much.
pub(super) fn note(activity: &Activity, lang: Lang) -> String {
    let Some(Folded { windows, .. }) = &activity.folded else {
        let parts = activity.note.iter().map(|note| part(note, lang));
        return shown(&parts.collect::<Vec<_>>().join(" · ")).into_owned();
    };
    let Windows { count, served: Volume { calls, rows, .. }, denied, .. } = *windows;
    let [count, calls, rows] = [count, calls, rows].map(grouped);
    let denied = match (denied, lang) {
        (0, _) => String::new(),
        (n, Lang::En) => format!(", {} denied", grouped(n)),
        (n, Lang::Zh) => format!("，拒绝 {} 次", grouped(n)),
    };
    match lang {
        Lang::En => format!("{count} minutes, {calls} calls, {rows} rows{denied}"),
        Lang::Zh => format!("{count} 分钟，{calls} 次，{rows} 行{denied}"),
    }
}

/// A node's title with what windows that are told as one have to say.
pub(super) fn told(graph: &Graph, item: &Item, title: String, lang: Lang) -> String {
    match item {
        Item::Activity(id) => match graph.activity(id).filter(|a| a.folded.is_some()) {
            Some(activity) => format!("{title}: {}", note(activity, lang)),
            None => title,
        },
        _ => title,
    }
}

fn part(note: &Note, lang: Lang) -> String {
    match (note, lang) {
        (Note::Text(text), _) => text.clone(),
        (Note::Amount(Volume { calls, rows, .. }), _) => {
            let [calls, rows] = [*calls, *rows].map(grouped);
            match lang {
                Lang::En => format!("{calls} calls, {rows} rows"),
                Lang::Zh => format!("{calls} 次，{rows} 行"),
            }
        }
        (Note::Denied(count, reasons), _) => {
            let reasons: Vec<&str> = reasons.iter().map(|r| denial(*r, lang)).collect();
            match lang {
                Lang::En => format!("{} denied: {}", grouped(*count), reasons.join(", ")),
                Lang::Zh => format!("拒绝 {} 次：{}", grouped(*count), reasons.join("、")),
            }
        }
        (Note::Refused(reason), Lang::En) => format!("refused, reason {reason}"),
        (Note::Refused(reason), Lang::Zh) => format!("不予同意，事由 {reason}"),
        (Note::Reason(reason), Lang::En) => format!("reason {reason}"),
        (Note::Reason(reason), Lang::Zh) => format!("事由 {reason}"),
        (Note::Batch(count, kind), _) => format!("{} × {kind}", grouped(*count)),
    }
}

/// Why calls were denied, for people.
fn denial(reason: DenialReason, lang: Lang) -> &'static str {
    use DenialReason as R;
    let zh = match reason {
        R::NoGrant => "无授权",
        R::NotYet => "授权未生效",
        R::Expired => "授权到期",
        R::Revoked => "授权已撤销",
        R::Withdrawn => "资源已撤下",
        R::Volume => "超出用量",
        R::Purpose => "用途不符",
        R::Fields => "字段不符",
        R::Subjects => "对象不符",
        R::NegativeList => "负面清单",
        R::Caller => "调用方不符",
        R::Suspended => "调用方已暂停",
        R::Signature => "签名不成立",
        R::Replayed => "重复调用",
        R::StaleLedger => "账本状态过期",
        R::Source => "数据源无法答复",
        other => other.name(),
    };
    lang.pick(reason.name(), zh)
}

/// When an act was done; windows that are told as one, from when until when.
pub(super) fn when(activity: &Activity) -> String {
    let last = time(activity.time);
    let Some(folded) = &activity.folded else { return last };
    let day = |text: &str| text.get(..10).unwrap_or_default().to_owned();
    let first = time(folded.first);
    if day(&first) == day(&last) {
        return format!("{first} – {}", last.get(11..).unwrap_or_default());
    }
    format!("{} – {}", day(&first), day(&last))
}

/// A number in groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time as departments write it: Beijing time to the second, whatever the reader's clock.
pub(super) fn time(time: UnixTime) -> String {
    let local = time.plus_millis(8 * 3_600_000).floor_to_second().to_string();
    local.trim_end_matches('Z').replace('T', " ")
}

fn short(hex: &str) -> String {
    hex.chars().take(12).collect()
}

fn tail(text: &str) -> String {
    let count = text.chars().count();
    if count <= 24 {
        return text.to_owned();
    }
    let end: String = text.chars().skip(count - 23).collect();
    format!("…{end}")
}

/// Columns of a terminal: Chinese characters take two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Cut to a number of columns, with `…` where something is missing.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = used + c.width().unwrap_or(0);
        if next + 1 > columns {
            break;
        }
        out.push(c);
        used = next;
    }
    out.push('…');
    out
}

/// Text between tags or in an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
